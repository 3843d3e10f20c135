// Folds: cross-validation. Each user's items are dealt to the folds in random order, beginning at a random fold, so that
// users with few items spread evenly. Over all folds every item of every user is asked about exactly once.
#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/splits/own_items.h"

namespace attune::data {
namespace {

struct Params {
  int folds = 5, fold = 0;
  template <class Visitor>
  void visit(Visitor& v) {
    v("folds", folds, "number of folds; 3..1000");
    v("fold", fold, "the fold that is test; the next one is validation; 0..folds-1");
  }
};

void give_roles(std::span<const Touch> history, const Params& params, Random random, std::span<Role> roles) {
  const auto folds = static_cast<std::size_t>(params.folds), test = static_cast<std::size_t>(params.fold);
  const std::size_t first = random.below(folds);
  const std::vector<ItemId> items = shuffled_items(history, random);
  std::unordered_map<ItemId, Role> role_of;
  for (std::size_t k = 0; k < items.size(); ++k) {
    const std::size_t fold = (first + k) % folds;
    if (fold == test) role_of.emplace(items[k], Role::test);
    else if (fold == (test + 1) % folds) role_of.emplace(items[k], Role::validation);
  }
  spread(history, role_of, roles);
}

}  // namespace

Split split_folds(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  const auto params = params_from<Params>(json);
  if (params.folds < 3 || params.folds > 1000)
    throw Error(Code::bad_request, "split folds: folds = " + std::to_string(params.folds) + ", expected 3..1000 (test, validation and training)");
  if (params.fold < 0 || params.fold >= params.folds)
    throw Error(Code::bad_request, "split folds: fold = " + std::to_string(params.fold) + ", expected 0.." + std::to_string(params.folds - 1));
  const auto whole = ordered(data, options, run);
  const std::string name = "folds " + std::to_string(params.fold) + " of " + std::to_string(params.folds);
  return deal(*whole, name, options, run,
              [&](UserId user, std::span<Role> roles) { give_roles(whole->history(user), params, chance_of(user, run), roles); });
}

}  // namespace attune::data
