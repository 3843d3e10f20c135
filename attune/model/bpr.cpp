// BPR: vectors of users and items such that what a user took scores above what the user did not: pairs against one drawn negative.
// The plain comparator of learned models. Source: Rendle et al. 2009. Cost: pairs x factors a pass, negligible beside the others'.
#include "attune/model/embedding_model.h"
#include "attune/model/factor_model.h"

namespace attune::model {
namespace {

struct Params {
  int factors = 64;
  int epochs = 80;
  int patience = 10;
  int judge_every = 5;
  int batch = 4096;
  float lr = 0.01f;
  float lr_end = 0.05f;
  float reg = 0.02f;
  float negative_power = 0;
  float own = 0.7f;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("factors", factors, "length of the item and user vectors; 1..4096");
    v("epochs", epochs, "passes over all pairs, at most; 1..100000");
    v("patience", patience, "judgements on held-out cases without a better one before it stops; 0 = never");
    v("judge_every", judge_every, "epochs between judgements");
    v("batch", batch, "pairs a step");
    v("lr", lr, "step of Adam; above 0");
    v("lr_end", lr_end, "the step shrinks in a straight line to this share of lr at the last epoch; 0..1");
    v("reg", reg, "pull towards zero of the vectors in a step; >= 0");
    v("negative_power", negative_power, "negatives are drawn in step with popularity to this power; 0 = all alike");
    v("own", own, "how much of what was learned of a user beside the history counts: 1 = the trained vector (as published), 0 = the history alone; 0..1");
    v("ips_power", ips_power, "pairs weigh 1 / propensity, propensity = share of the most popular to this power; 0 = off; 0..2");
    v("ips_clip", ips_clip, "propensities are at least this; above 0, at most 1");
  }
};

EmbeddingOptions options_of(const Params& p) {
  return {.model = "bpr", .loss = EmbeddingLoss::bpr, .factors = p.factors, .epochs = p.epochs, .patience = p.patience, .judge_every = p.judge_every, .batch = p.batch,
          .lr = p.lr, .reg = p.reg, .init = 0.05f, .lr_end = p.lr_end, .negative_power = p.negative_power, .propensity = {.power = p.ips_power, .clip = p.ips_clip}};
}

}  // namespace

std::unique_ptr<const Recommender> fit_bpr(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  return fit_embedding_model(data, options_of(params), params.own, to_json(params), run);
}
std::unique_ptr<const Recommender> load_bpr(ByteReader& in) { return load_factor_model(in, "bpr"); }
std::vector<Setting> settings_bpr() { return settings_of<Params>(); }

}  // namespace attune::model
