// Transfer: one line a model that can be moved.
#include "attune/model/transfer.h"

#include "attune/core/error.h"
#include "attune/model/alpharec.h"

namespace attune::model {

std::unique_ptr<const Recommender> fit_text_similarity(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> fit_text_knn(const data::Dataset& data, const Json& params, const Run& run);

std::unique_ptr<const Recommender> moved(const Recommender& fitted, const data::Dataset& target, const Run& run) {
  const std::string name = fitted.name();
  if (name == "alpharec") return move_alpharec(fitted, target, run);
  if (name == "text_similarity") return fit_text_similarity(target, fitted.settings(), run);
  if (name == "text_knn") return fit_text_knn(target, fitted.settings(), run);
  throw Error(Code::bad_request, "what " + name + " learned belongs to its own items and cannot be moved to another catalogue; alpharec, text_similarity and text_knn can be moved");
}

}  // namespace attune::model
