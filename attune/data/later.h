// Later: events that count from their time on, not before. All others count at once, also where the caller's clock is ahead of ours.
#pragma once
#include <cstdint>
#include <string_view>

#include "attune/data/record.h"

namespace attune::data {

inline constexpr std::string_view kLater = "later:";   // what the request of such an event begins with

inline bool is_to_come(const Event& event, std::int64_t now_ms) noexcept { return event.time_ms > now_ms && event.request.starts_with(kLater); }
inline void mark_later(Event& event, std::int64_t now_ms) {
  if (event.time_ms > now_ms && !event.request.starts_with(kLater)) event.request.insert(0, kLater);
}

}  // namespace attune::data
