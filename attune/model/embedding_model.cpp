// Embedding model: train, remember how many epochs were best, make the factors a recommender.
#include "attune/model/embedding_model.h"

#include <utility>

#include "attune/core/error.h"
#include "attune/model/factor_model.h"

namespace attune::model {

std::unique_ptr<const Recommender> fit_embedding_model(const data::Dataset& data, const EmbeddingOptions& options, float own, Json settings,
                                                       const Run& run) {
  if (!(own >= 0 && own <= 1)) throw Error(Code::bad_request, options.model + ".own must be 0..1, got " + std::to_string(own));
  Embeddings e = train_embeddings(data, options, run);
  settings["epochs"] = e.epochs;
  return make_factor_model({.name = options.model, .settings = std::move(settings), .items = std::move(e.items), .users = std::move(e.users), .own = own}, data, run);
}

}  // namespace attune::model
