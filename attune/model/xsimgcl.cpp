// XSimGCL: LightGCN with noise in every layer, and each node's final vector held against its own at an early layer, apart from all
// others in the batch: spreads the vectors out, so the model learns in a few passes and suits rare items.
// Source: Yu et al. 2023. Cost of a step: LightGCN's, and 12 x n^2 x factors for the n users and items of a batch.
#include "attune/model/embedding_model.h"
#include "attune/model/factor_model.h"

namespace attune::model {
namespace {

struct Params {
  int factors = 64;
  int layers = 2;
  int epochs = 100;
  int patience = 10;
  int judge_every = 2;
  int batch = 2048;
  float lr = 0.005f;
  float lr_end = 1;
  float reg = 1e-4f;
  float noise = 0.2f;
  float contrast = 0.1f;
  float contrast_tau = 0.2f;
  int contrast_layer = 1;
  float negative_power = 0;
  float own = 0.7f;
  float ips_power = 0;
  float ips_clip = 0.01f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("factors", factors, "length of the item and user vectors; 1..4096");
    v("layers", layers, "passes along the graph; 1..8");
    v("epochs", epochs, "passes over all pairs, at most; 1..100000");
    v("patience", patience, "judgements on held-out cases without a better one before it stops; 0 = never");
    v("judge_every", judge_every, "epochs between judgements");
    v("batch", batch, "pairs a step; a step costs a walk of the whole graph");
    v("lr", lr, "step of Adam; above 0");
    v("lr_end", lr_end, "the step shrinks in a straight line to this share of lr at the last epoch; 0..1");
    v("reg", reg, "pull towards zero of the vectors in a step; >= 0");
    v("noise", noise, "length of the noise added to a node's vector in every layer (eps in the paper); >= 0");
    v("contrast", contrast, "weight of the contrast of a node's two vectors (lambda in the paper); >= 0");
    v("contrast_tau", contrast_tau, "temperature of that contrast; above 0");
    v("contrast_layer", contrast_layer, "the layer whose vectors are held against the final ones; 1..layers");
    v("negative_power", negative_power, "negatives are drawn in step with popularity to this power; 0 = all alike");
    v("own", own, "how much of what was learned of a user beside the history counts: 1 = the trained vector (as published), 0 = the history alone; 0..1");
    v("ips_power", ips_power, "pairs weigh 1 / propensity, propensity = share of the most popular to this power; 0 = off; 0..2");
    v("ips_clip", ips_clip, "propensities are at least this; above 0, at most 1");
  }
};

EmbeddingOptions options_of(const Params& p) {
  if (p.layers < 1) throw Error(Code::bad_request, "xsimgcl.layers must be 1..8, got " + std::to_string(p.layers));
  return {.model = "xsimgcl", .loss = EmbeddingLoss::bpr, .factors = p.factors, .layers = p.layers, .with_own = false,
          .epochs = p.epochs, .patience = p.patience, .judge_every = p.judge_every, .batch = p.batch, .lr = p.lr, .reg = p.reg, .init = 0.02f, .lr_end = p.lr_end,
          .negative_power = p.negative_power, .propensity = {.power = p.ips_power, .clip = p.ips_clip},
          .noise = p.noise, .contrast = p.contrast, .contrast_tau = p.contrast_tau, .contrast_layer = p.contrast_layer};
}

}  // namespace

std::unique_ptr<const Recommender> fit_xsimgcl(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  return fit_embedding_model(data, options_of(params), params.own, to_json(params), run);
}
std::unique_ptr<const Recommender> load_xsimgcl(ByteReader& in) { return load_factor_model(in, "xsimgcl"); }
std::vector<Setting> settings_xsimgcl() { return settings_of<Params>(); }

}  // namespace attune::model
