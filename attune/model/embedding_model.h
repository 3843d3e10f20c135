// Embedding model: vectors trained by embedding_train, answered by factor_model: the fit that bpr, simplex, lightgcn and xsimgcl share.
#pragma once
#include <memory>

#include "attune/model/embedding_train.h"
#include "attune/model/recommender.h"

namespace attune::model {

// Trains under options.model's name and keeps `own` (0..1) of what was learned of a user beside the history. `settings` are the
// model's; their epochs become those that were best. Throws as train_embeddings does, and Error: bad_request for own out of range.
std::unique_ptr<const Recommender> fit_embedding_model(const data::Dataset& data, const EmbeddingOptions& options, float own, Json settings,
                                                       const Run& run);

}  // namespace attune::model
