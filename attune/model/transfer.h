// Transfer: what a model learned on one catalogue, taken to another of which it knows the texts. Nothing is trained there.
#pragma once
#include <memory>

#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

// `fitted` for the items of `target`, whose features must be of the encoders that it read. Events of `target`, if it has any, are read
// where a model passes along them who took what (alpharec), never learned from.
//   alpharec                     its map from texts to taste
//   text_similarity, text_knn    their settings: they learn nothing from events
// Throws Error: bad_request for models whose weights belong to their items, naming those that can be moved; what the move throws.
std::unique_ptr<const Recommender> moved(const Recommender& fitted, const data::Dataset& target, const Run& run);

}  // namespace attune::model
