// BSARec: SASRec whose blocks mix attention with a low-pass filter over the history, which attention alone overdoes or lacks.
// Source: Shin et al., AAAI 2024; the filter made causal, see transformer.h. Cost: that of sasrec and n^2 width a block for the filter.
#include "attune/model/sequence_model.h"

namespace attune::model {
namespace {

struct Params : SequenceParams {
  float filter_share = 0.7f;
  int waves = 3;
  template <class Visitor>
  void visit(Visitor& v) {
    SequenceParams::visit(v);
    v("filter_share", filter_share, "share of the filter in each block, the rest is attention's (alpha in the paper); above 0, at most 1");
    v("waves", waves, "waves of the window that count as low, the constant one included (c/2 + 1 in the paper); 1..500");
  }
};

}  // namespace

std::unique_ptr<const Recommender> fit_bsarec(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  if (!(params.filter_share > 0 && params.filter_share <= 1))
    throw Error(Code::bad_request, "bsarec.filter_share must be above 0 and at most 1, got " + std::to_string(params.filter_share));
  if (params.waves < 1 || params.waves > 500) throw Error(Code::bad_request, "bsarec.waves must be 1..500, got " + std::to_string(params.waves));
  TransformerShape shape;
  shape.filter_share = params.filter_share;
  shape.waves = static_cast<std::size_t>(params.waves);
  return fit_sequence("bsarec", params, to_json(params), shape, data, run);
}
std::unique_ptr<const Recommender> load_bsarec(ByteReader& in) { return load_sequence(in); }
std::vector<Setting> settings_bsarec() { return settings_of<Params>(); }

}  // namespace attune::model
