// LightGCN: vectors of users and items that pass along the graph of who took what before they are compared; the mean over the layers.
// loss=bpr is the model as published; loss=softmax takes the whole catalogue as negatives, learns in a tenth of the steps and ranks better.
// Source: He et al. 2020; softmax: Wu et al. 2022. Cost of a step: 4 x layers x pairs x factors for the graph, forward and back.
#include "attune/model/embedding_model.h"
#include "attune/model/factor_model.h"

namespace attune::model {
namespace {

struct Params {
  std::string loss = "bpr";
  int factors = 64;
  int layers = 2;
  int epochs = 40;
  int patience = 10;
  int judge_every = 5;
  int batch = 32768;
  float lr = 0.1f;
  float lr_end = 0.05f;
  float reg = 1e-3f;
  float tau = 0.15f;
  float length = 0;
  int negatives = 0;
  float negative_power = 0;
  float own = 0.7f;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("loss", loss, "bpr (as published) or softmax (on cosines, all items as negatives)");
    v("factors", factors, "length of the item and user vectors; 1..4096");
    v("layers", layers, "passes along the graph; 1..8");
    v("epochs", epochs, "passes over all pairs (bpr) or users (softmax), at most; 1..100000");
    v("patience", patience, "judgements on held-out cases without a better one before it stops; 0 = never");
    v("judge_every", judge_every, "epochs between judgements");
    v("batch", batch, "pairs (bpr) or users (softmax) a step; a step costs a walk of the whole graph");
    v("lr", lr, "step of Adam; above 0");
    v("lr_end", lr_end, "the step shrinks in a straight line to this share of lr at the last epoch; 0..1");
    v("reg", reg, "pull towards zero of the vectors in a step; >= 0");
    v("tau", tau, "softmax: temperature of the cosines; above 0");
    v("length", length, "softmax: how far the length of an item's vector counts in its score: 0 = the cosine, 1 = the inner product; 0..1");
    v("negatives", negatives, "softmax: items drawn a step as negatives; 0 = the whole catalogue, which is exact");
    v("negative_power", negative_power, "negatives are drawn in step with popularity to this power; 0 = all alike");
    v("own", own, "how much of what was learned of a user beside the history counts: 1 = the trained vector (as published), 0 = the history alone; 0..1");
    v("ips_power", ips_power, "pairs weigh 1 / propensity, propensity = share of the most popular to this power; 0 = off; 0..2");
    v("ips_clip", ips_clip, "propensities are at least this; above 0, at most 1");
  }
};

EmbeddingOptions options_of(const Params& p) {
  if (p.loss != "softmax" && p.loss != "bpr") throw Error(Code::bad_request, "lightgcn.loss must be bpr or softmax, got '" + p.loss + "'");
  if (p.layers < 1) throw Error(Code::bad_request, "lightgcn.layers must be 1..8, got " + std::to_string(p.layers));
  const bool is_softmax = p.loss == "softmax";
  return {.model = "lightgcn", .loss = is_softmax ? EmbeddingLoss::softmax : EmbeddingLoss::bpr, .cosine = is_softmax, .length = p.length, .factors = p.factors, .layers = p.layers,
          .epochs = p.epochs, .patience = p.patience, .judge_every = p.judge_every, .batch = p.batch, .lr = p.lr, .reg = p.reg, .lr_end = p.lr_end,
          .negatives = p.negatives, .negative_power = p.negative_power, .tau = p.tau, .propensity = {.power = p.ips_power, .clip = p.ips_clip}};
}

}  // namespace

std::unique_ptr<const Recommender> fit_lightgcn(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  return fit_embedding_model(data, options_of(params), params.own, to_json(params), run);
}
std::unique_ptr<const Recommender> load_lightgcn(ByteReader& in) { return load_factor_model(in, "lightgcn"); }
std::vector<Setting> settings_lightgcn() { return settings_of<Params>(); }

}  // namespace attune::model
