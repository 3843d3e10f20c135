// AlphaRec: what a model of language does not know of taste is one small map away. Items are their texts' vectors, a user is the mean of
// the items taken; a map shared by both (linear, or with one hidden layer) brings them to a few factors, these pass along the graph of
// who took what, and cosines rank. No vector belongs to a user or an item, so new users, new items and whole new catalogues work.
// Source: Sheng et al. 2025 (AlphaRec). Cost of a step: the map over all nodes, 4 x layers x pairs x factors for the graph, and
// CatalogueLoss; the linear map trades places with the graph, so there the graph is walked once and for all.
#pragma once
#include <memory>
#include <string>

#include "attune/core/matrix.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

// The map from text rows to factors: x W, or leaky(x A + a) W + w.
struct TextMap {
  Matrix hidden;                       // A [columns, hidden]; empty = linear
  std::vector<float> hidden_bias;      // a [hidden]
  Matrix last;                         // W [columns or hidden, factors]
  std::vector<float> last_bias;        // w [factors]; empty = linear
  bool is_linear() const noexcept { return hidden.empty(); }
};

// A fitted model's map with another catalogue's texts and graph, nothing trained: `data` must have features of the encoders the model
// read. Throws Error: bad_request when `fitted` is no alpharec, bad_data when an encoder is missing.
std::unique_ptr<const Recommender> move_alpharec(const Recommender& fitted, const data::Dataset& data, const Run& run);

}  // namespace attune::model
