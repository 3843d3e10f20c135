// Amending: see the header.
#include "attune/data/amend.h"

#include <cmath>

#include "attune/core/error.h"

namespace attune::data {
namespace {

Amending& amending(Store& store) {
  if (auto* able = dynamic_cast<Amending*>(&store)) return *able;
  throw Error(Code::unsupported, "this store takes no single event back; erase the user or the item, or use the store attune.db");
}

}  // namespace

Appended amend(Store& store, std::span<const Event> events, Amend how) { return amending(store).amend(events, how); }

std::uint64_t retract(Store& store, std::string_view user, std::string_view item, std::string_view type) { return amending(store).retract(user, item, type); }

void add_value(Event& event, const std::optional<double>& before) {
  const double sum = event.value.value_or(0) + before.value_or(0);
  if (!std::isfinite(sum)) throw Error(Code::bad_request, "the value of user '" + event.user + "' and item '" + event.item + "' would be no finite number any more");
  if (event.value || before) event.value = sum;
}

}  // namespace attune::data
