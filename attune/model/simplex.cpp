// SimpleX and sampled-softmax factorisation: vectors on a sphere, what a user took against the whole catalogue at once. The loss, not
// the model, makes the difference: with all items as negatives a plain factorisation stands beside graph models.
// Sources: CCL (SimpleX), Mao et al. 2021; softmax on cosine, Wu et al. 2022. Cost of a pass: 6 x users x items x factors.
#include "attune/model/embedding_model.h"
#include "attune/model/factor_model.h"

namespace attune::model {
namespace {

struct Params {
  std::string loss = "softmax";
  int factors = 64;
  int epochs = 60;
  int patience = 5;
  int judge_every = 2;
  int batch = 256;
  float lr = 0.01f;
  float lr_end = 1;
  float reg = 0;
  int late_layers = 0;
  float tau = 0.15f;
  float length = 0;
  float margin = 0.5f;
  float negative_weight = 50;
  int negatives = 0;
  float negative_power = 0;
  float own = 0.7f;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("loss", loss, "softmax or contrastive (SimpleX)");
    v("factors", factors, "length of the item and user vectors; 1..4096");
    v("epochs", epochs, "passes over all users, at most; 1..100000");
    v("patience", patience, "judgements on held-out cases without a better one before it stops; 0 = never");
    v("judge_every", judge_every, "epochs between judgements");
    v("batch", batch, "users a step");
    v("lr", lr, "step of Adam; above 0");
    v("lr_end", lr_end, "the step shrinks in a straight line to this share of lr at the last epoch; 0..1");
    v("reg", reg, "pull towards zero of the vectors in a step; >= 0");
    v("late_layers", late_layers, "passes along the graph of who took what once the vectors are learned; 0..8");
    v("tau", tau, "softmax: temperature of the cosines; smaller looks more at the nearest wrong items; above 0");
    v("margin", margin, "contrastive: negatives below this cosine are let be");
    v("negative_weight", negative_weight, "contrastive: weight of the negatives' mean");
    v("length", length, "how far the length of an item's vector counts in its score: 0 = the cosine, 1 = the inner product; 0..1");
    v("negatives", negatives, "items drawn a step as negatives; 0 = the whole catalogue, which is exact");
    v("negative_power", negative_power, "negatives are drawn in step with popularity to this power; 0 = all alike");
    v("own", own, "how much of what was learned of a user beside the history counts: 1 = the trained vector (as published), 0 = the history alone; 0..1");
    v("ips_power", ips_power, "pairs weigh 1 / propensity, propensity = share of the most popular to this power; 0 = off; 0..2");
    v("ips_clip", ips_clip, "propensities are at least this; above 0, at most 1");
  }
};

EmbeddingOptions options_of(const Params& p) {
  if (p.loss != "softmax" && p.loss != "contrastive") throw Error(Code::bad_request, "simplex.loss must be softmax or contrastive, got '" + p.loss + "'");
  return {.model = "simplex", .loss = p.loss == "softmax" ? EmbeddingLoss::softmax : EmbeddingLoss::contrastive, .cosine = true, .length = p.length, .factors = p.factors,
          .epochs = p.epochs, .patience = p.patience, .judge_every = p.judge_every, .batch = p.batch, .lr = p.lr, .reg = p.reg, .lr_end = p.lr_end, .late_layers = p.late_layers,
          .negatives = p.negatives, .negative_power = p.negative_power, .tau = p.tau, .margin = p.margin, .negative_weight = p.negative_weight,
          .propensity = {.power = p.ips_power, .clip = p.ips_clip}};
}

}  // namespace

std::unique_ptr<const Recommender> fit_simplex(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  return fit_embedding_model(data, options_of(params), params.own, to_json(params), run);
}
std::unique_ptr<const Recommender> load_simplex(ByteReader& in) { return load_factor_model(in, "simplex"); }
std::vector<Setting> settings_simplex() { return settings_of<Params>(); }

}  // namespace attune::model
