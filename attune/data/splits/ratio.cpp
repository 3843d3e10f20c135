// Ratio: random items of each user are held out. Source: the usual split of set-based papers (NGCF, LightGCN: 8:1:1).
// A user keeps at least one item in training; shares are rounded down, so users with few items may not be asked about.
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/splits/own_items.h"

namespace attune::data {
namespace {

struct Params {
  double train = 0.8, validation = 0.1;
  template <class Visitor>
  void visit(Visitor& v) {
    v("train", train, "share of a user's items in training; above 0, below 1");
    v("validation", validation, "share in validation; what is left of the two is test");
  }
};

void give_roles(std::span<const Touch> history, const Params& params, Random random, std::span<Role> roles) {
  const std::vector<ItemId> items = shuffled_items(history, random);
  constexpr double kRounding = 1e-9;  // .1 * 10 items is one item, whatever binary fractions say
  const auto n = static_cast<double>(items.size());
  const auto validation = static_cast<std::size_t>(std::floor(params.validation * n + kRounding));
  const auto test = static_cast<std::size_t>(std::floor((1 - params.train - params.validation) * n + kRounding));
  std::unordered_map<ItemId, Role> role_of;
  for (std::size_t k = 0; k < test; ++k) role_of.emplace(items[k], Role::test);
  for (std::size_t k = test; k < test + validation; ++k) role_of.emplace(items[k], Role::validation);
  spread(history, role_of, roles);
}

}  // namespace

Split split_ratio(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  const auto params = params_from<Params>(json);
  if (!(params.train > 0 && params.validation >= 0 && params.train + params.validation <= 1 && params.train < 1))
    throw Error(Code::bad_request, "split ratio: train " + std::to_string(params.train) + " and validation " + std::to_string(params.validation) +
                                       " must be shares with train above 0 and both together at most 1");
  const auto whole = ordered(data, options, run);
  return deal(*whole, "ratio", options, run,
              [&](UserId user, std::span<Role> roles) { give_roles(whole->history(user), params, chance_of(user, run), roles); });
}

}  // namespace attune::data
