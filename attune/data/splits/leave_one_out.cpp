// Leave one out: the last positive event of each user is test, the one before validation, the rest training.
// Source: SASRec (Kang and McAuley, 2018). At test time the validation event is input but not trained on. Users with fewer
// than 3 positive events keep all in training. Events of weight <= 0 are never asked about; after the question they are unused.
#include "attune/core/params.h"
#include "attune/data/splits/deal.h"

namespace attune::data {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

void give_roles(std::span<const Touch> history, std::span<Role> roles) {
  std::size_t positive = 0, last = 0, before = 0;  // places of the last two positive events
  for (std::size_t k = 0; k < history.size(); ++k) {
    if (history[k].weight <= 0) continue;
    before = last;
    last = k;
    ++positive;
  }
  if (positive < 3) return;
  for (std::size_t k = before; k < last; ++k) roles[k] = Role::validation;
  roles[last] = Role::test;
  for (std::size_t k = last + 1; k < history.size(); ++k) roles[k] = Role::unused;
}

}  // namespace

Split split_leave_one_out(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  params_from<Params>(json);
  const auto whole = ordered(data, options, run);
  return deal(*whole, "leave_one_out", options, run,
              [&](UserId user, std::span<Role> roles) { give_roles(whole->history(user), roles); });
}

}  // namespace attune::data
