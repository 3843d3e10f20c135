// Event types: what a kind of event says about taste. One per [events.NAME] of the settings.
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>

namespace attune::data {

struct EventType {
  float weight = 1;                                            // negative: dislike; 0: recorded, counts nothing
  double min_value = -std::numeric_limits<double>::infinity();  // events below do not count (rating < 4); no value = counts
  double half_life_days = 0;                                   // 0: never fades
  bool hides = true;                                           // has the user "seen" the item: leave it out of lists
  bool use_value = false;                                      // weight is multiplied by the event's value (stars, minutes)
};

// By name. A type that is not listed counts as EventType{}.
using EventTypes = std::map<std::string, EventType, std::less<>>;

// Weight of an event at `now_ms`: type weight, threshold and half-life applied. 0 = does not count.
// An event from the future is as good as new; one whose time is not known (0) does not fade.
float event_weight(const EventTypes& types, std::string_view type, std::optional<double> value, std::int64_t time_ms,
                   std::int64_t now_ms);
float event_weight(const EventType& type, std::optional<double> value, std::int64_t time_ms, std::int64_t now_ms);
// Does this type hide the item from the user's lists.
bool event_hides(const EventTypes& types, std::string_view type);

}  // namespace attune::data
