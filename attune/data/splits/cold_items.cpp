// Cold items: some items have no events in training, as if they were new. Asked is who takes one of them as last event.
// Two sets are hidden, one for test and one for validation; settings chosen on the one say nothing of the other.
//   - events of items hidden for test are never trained on and never input;
//   - the last positive event of everybody is held out; with ask = cold it is a case if its item is hidden, with ask = warm if not;
//   - the validation part does the same with what is left, hiding the second set; its items are known again in the test part and,
//     with refit_with_validation, trained on.
#include "attune/data/cold_items.h"

#include <algorithm>
#include <cstdint>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/splits/deal.h"

namespace attune::data {
namespace {

struct Params {
  double hidden = 0.1;
  std::string ask = "cold";
  template <class Visitor>
  void visit(Visitor& v) {
    v("hidden", hidden, "share of the items hidden for test; as many others are hidden for validation; 0..0.4");
    v("ask", ask, "cold: last events that are hidden items; warm: last events that are not, with the same training part");
  }
};

Params checked(const Json& json) {
  const auto params = params_from<Params>(json);
  if (!(params.hidden > 0 && params.hidden <= 0.4))
    throw Error(Code::bad_request, "split cold_items: hidden = " + std::to_string(params.hidden) + ", expected above 0 and at most 0.4");
  if (params.ask != "cold" && params.ask != "warm")
    throw Error(Code::bad_request, "split cold_items: ask = " + params.ask + ", expected cold or warm");
  return params;
}

enum class Fate : std::uint8_t { warm, validation, test };

std::vector<Fate> fates_of(const Dataset& data, const Params& params, const Run& run) {
  std::vector<ItemId> taken;
  for (std::size_t i = 0; i < data.item_count(); ++i)
    if (data.popularity()[i] > 0) taken.push_back(item_at(i));
  Random random(run.seed ^ 0x636f6c64u);
  random.shuffle(std::span(taken));
  const auto share = static_cast<std::size_t>(params.hidden * static_cast<double>(taken.size()) + 0.5);
  std::vector<Fate> fates(data.item_count(), Fate::warm);
  for (std::size_t n = 0; n < std::min(2 * share, taken.size()); ++n)
    fates[to_index(taken[n])] = n < share ? Fate::test : Fate::validation;
  return fates;
}

class Roles {
 public:
  Roles(const std::vector<Fate>& fates, const Params& params, Part part) : fates_(fates), asks_cold_(params.ask == "cold"), part_(part) {}

  void give(std::span<const Touch> history, std::span<Role> roles) const {
    const std::size_t none = history.size();
    const std::size_t last = newest(history, history.size(), [](Fate) { return true; });
    const std::size_t before = last == none ? none : newest(history, last, [](Fate fate) { return fate != Fate::test; });
    const bool is_asked = before != none && newest(history, before, [](Fate fate) { return fate == Fate::warm; }) != none;
    for (std::size_t k = 0; k < history.size(); ++k) {
      const Fate fate = fate_of(history[k]);
      if (fate == Fate::test) roles[k] = Role::unused;
      if (fate == Fate::validation) roles[k] = part_ == Part::test ? Role::validation : Role::unused;
    }
    if (!is_asked) return;
    const auto asked = [&](Fate fate, Fate cold) { return (fate == cold) == asks_cold_; };
    roles[last] = asked(fate_of(history[last]), Fate::test) ? Role::test : Role::unused;
    for (std::size_t k = last + 1; k < history.size(); ++k) roles[k] = Role::unused;
    const bool asks_before = asked(fate_of(history[before]), Fate::validation);
    for (std::size_t k = before; k < last; ++k)
      if (fate_of(history[k]) != Fate::test) roles[k] = part_ == Part::test || asks_before ? Role::validation : Role::unused;
  }

 private:
  Fate fate_of(const Touch& touch) const { return fates_[to_index(touch.item)]; }
  // The newest positive event before place `end` whose item's fate is `wanted`; history.size() if there is none.
  template <class Wanted>
  std::size_t newest(std::span<const Touch> history, std::size_t end, Wanted wanted) const {
    for (std::size_t k = end; k-- > 0;)
      if (history[k].weight > 0 && wanted(fate_of(history[k]))) return k;
    return history.size();
  }

  const std::vector<Fate>& fates_;
  bool asks_cold_;
  Part part_;
};

// The rows of the known items, in their order.
std::shared_ptr<const ItemFeatures> rows_of(const ItemFeatures& features, std::span<const ItemId> items) {
  auto some = std::make_shared<ItemFeatures>();
  if (!features.is_sparse()) {
    some->dense = Matrix(items.size(), features.dense.cols());
    for (std::size_t n = 0; n < items.size(); ++n) std::ranges::copy(features.dense.row(to_index(items[n])), some->dense.row(n).begin());
    return some;
  }
  some->sparse.rows = items.size();
  some->sparse.cols = features.sparse.cols;
  for (const ItemId item : items) {
    const auto indices = features.sparse.row_indices(to_index(item));
    const auto values = features.sparse.row_values(to_index(item));
    some->sparse.indices.insert(some->sparse.indices.end(), indices.begin(), indices.end());
    some->sparse.values.insert(some->sparse.values.end(), values.begin(), values.end());
    some->sparse.offsets.push_back(some->sparse.indices.size());
  }
  return some;
}

}  // namespace

std::vector<ItemId> hidden_items(const Dataset& data, const Json& json, Part part, const Run& run) {
  const std::vector<Fate> fates = fates_of(data, checked(json), run);
  const Fate wanted = part == Part::test ? Fate::test : Fate::validation;
  std::vector<ItemId> hidden;
  for (std::size_t i = 0; i < fates.size(); ++i)
    if (fates[i] == wanted) hidden.push_back(item_at(i));
  return hidden;
}

KnownItems without_items(const Dataset& data, std::span<const ItemId> unknown) {
  KnownItems known;
  std::vector<CatalogueItem> items;
  for (std::size_t i = 0; i < data.item_count(); ++i) {
    const bool is_known = !std::ranges::binary_search(unknown, item_at(i));
    known.new_id.push_back(is_known ? std::optional(item_at(known.old_id.size())) : std::nullopt);
    if (!is_known) continue;
    known.old_id.push_back(item_at(i));
    items.push_back(data.catalogue().item(item_at(i)));
  }
  Histories histories;
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    const UserId user = user_at(u);
    for (std::size_t k = 0; k < data.history(user).size(); ++k) {
      Touch touch = data.history(user)[k];
      const std::optional<ItemId> id = known.new_id[to_index(touch.item)];
      if (!id) continue;
      touch.item = *id;
      histories.push_back({touch, data.sessions(user)[k], data.hides(user)[k] != 0});
    }
    histories.end_user();
  }
  const auto users = data.catalogue().users();
  auto catalogue = std::make_shared<const Catalogue>(std::move(items), std::vector<std::string>(users.begin(), users.end()));
  auto some = std::make_shared<Dataset>(std::move(catalogue), std::move(histories), data.until());
  for (const auto& [encoder, features] : data.all_features()) some->with_features(encoder, rows_of(*features, known.old_id));
  known.data = std::move(some);
  return known;
}

Split split_cold_items(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run) {
  const Params params = checked(json);
  const std::vector<Fate> fates = fates_of(data, params, run);
  const auto whole = ordered(data, options, run);
  const Roles roles(fates, params, options.part);
  return deal(*whole, params.ask == "cold" ? "cold_items" : "cold_items, warm side", options, run,
              [&](UserId user, std::span<Role> given) { roles.give(whole->history(user), given); });
}

}  // namespace attune::data
