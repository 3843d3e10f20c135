// Leave one out: the last positive event of each user is test, the one before validation, the rest training.
// Source: SASRec (Kang and McAuley, 2018). At test time the validation event is input but not trained on. Users with fewer
// than 3 positive events keep all in training. Events of weight <= 0 are never asked about; after the question they are unused.
// Where lists leave out what people have (some events hide), asked is about items that are new to the user and that they took: the last event
// of a shop is mostly the purchase of what was looked at a moment before, and who foretells it has foretold nothing. The question is put
// before the first look. On a made shop where each purchase follows a view, text similarity had an HR@10 of .93 by naming what was looked at.
#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "attune/core/params.h"
#include "attune/data/splits/deal.h"

namespace attune::data {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

bool any_hides(const Dataset& data) {
  for (std::size_t u = 0; u < data.user_count(); ++u)
    if (std::ranges::find(data.hides(user_at(u)), std::uint8_t{1}) != data.hides(user_at(u)).end()) return true;
  return false;
}

// Places of the events that may be asked about, in order: every positive one; with `new_items` those that are the first of their item, of the
// items that the user took (some event of them hides), or, of who took fewer than three, of all.
std::vector<std::size_t> questions(std::span<const Touch> history, std::span<const std::uint8_t> hides, bool new_items) {
  std::unordered_set<std::size_t> taken, known;
  for (std::size_t k = 0; new_items && k < history.size(); ++k)
    if (history[k].weight > 0 && hides[k] != 0) taken.insert(to_index(history[k].item));
  std::vector<std::size_t> places, of_taken;
  for (std::size_t k = 0; k < history.size(); ++k) {
    const std::size_t item = to_index(history[k].item);
    const bool is_new = !new_items || history[k].weight == 0 || known.insert(item).second;
    if (!(history[k].weight > 0) || !is_new) continue;
    places.push_back(k);
    if (taken.contains(item)) of_taken.push_back(k);
  }
  return of_taken.size() >= 3 ? of_taken : places;
}

// True: the last positive event was passed over for an earlier one.
bool give_roles(std::span<const Touch> history, std::span<const std::uint8_t> hides, bool new_items, Part part, std::span<Role> roles) {
  const std::vector<std::size_t> asked = questions(history, hides, new_items);
  if (asked.size() < 3) return false;
  const std::size_t last = asked.back(), before = asked[asked.size() - 2];
  roles[before] = Role::validation;
  // What else happened between the two questions is known when the second is put; when the first is, they are to come.
  for (std::size_t k = before + 1; k < last; ++k) roles[k] = part == Part::test || !(history[k].weight > 0) ? Role::validation : Role::unused;
  roles[last] = Role::test;
  bool passed_over = false;
  for (std::size_t k = last + 1; k < history.size(); ++k) {
    roles[k] = Role::unused;
    passed_over = passed_over || history[k].weight > 0;
  }
  return passed_over;
}

}  // namespace

Split split_leave_one_out(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  params_from<Params>(json);
  const auto whole = ordered(data, options, run);
  const bool new_items = options.mask_seen && options.seen_targets == SeenTargets::drop && any_hides(*whole);
  std::size_t passed_over = 0;
  Split split = deal(*whole, "leave_one_out", options, run, [&](UserId user, std::span<Role> roles) {
    passed_over += give_roles(whole->history(user), whole->hides(user), new_items, options.part, roles) ? 1 : 0;
  });
  if (passed_over > 0) split.name += ", " + std::to_string(passed_over) + " last events passed over";
  return split;
}

}  // namespace attune::data
