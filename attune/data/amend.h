// Amending: taking single events back, or putting a newer one in the place of those before it: an unlike, a changed rating, a
// mistake. The log stays the truth: what is taken back is in it no more. Stores that can say so by being Amending as well.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "attune/data/store.h"

namespace attune::data {

// What becomes of the value, where events with the same user, item and type stand in the log already.
enum class Amend { overwrite, add_up };

class Amending {
 public:
  virtual ~Amending() = default;
  // Each event takes the place of all before it with the same user, item and type, in order; with add_up its value grows by theirs
  // (one without a value counts 0). One transaction, durable on return. `accepted` are the events, `repeated` those taken out for them.
  virtual Appended amend(std::span<const Event> events, Amend how) = 0;
  // Takes a user's events with an item out of the log, of one type or (empty) of all; how many there were. Durable on return.
  virtual std::uint64_t retract(std::string_view user, std::string_view item, std::string_view type) = 0;
};

// Throw Error: unsupported for a store that cannot, saying so; bad_request as Store::append.
Appended amend(Store& store, std::span<const Event> events, Amend how);
std::uint64_t retract(Store& store, std::string_view user, std::string_view item, std::string_view type = "");

// What both stores do alike: `event` with the values of those it takes the place of.
void add_value(Event& event, const std::optional<double>& before);

}  // namespace attune::data
