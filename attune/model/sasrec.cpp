// SASRec: a causal Transformer reads the history and foretells the next item, by a real softmax over the catalogue.
// Source: Kang and McAuley 2018, with the loss of Klenitskiy and Vasilev 2023 and Petrov and Macdonald 2023; network in transformer.h.
// Cost: an epoch 6 x events x width x items operations and the passes; a request a few milliseconds at length 200.
#include "attune/model/sequence_model.h"

namespace attune::model {

std::unique_ptr<const Recommender> fit_sasrec(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<SequenceParams>(json);
  return fit_sequence("sasrec", params, to_json(params), {}, data, run);
}
std::unique_ptr<const Recommender> load_sasrec(ByteReader& in) { return load_sequence(in); }
std::vector<Setting> settings_sasrec() { return settings_of<SequenceParams>(); }

}  // namespace attune::model
