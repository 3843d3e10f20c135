// Series: requests, failures, events and answer times of the last minutes (a slot a second) and of the last day (a slot a minute),
// for whoever looks at the page; Prometheus has the long story. Cost: 20 ns a request, 1 MB.
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "attune/core/json.h"

namespace attune::serve {

// Safe from many threads. Times are in ms since 1970; a clock that goes back counts into the newest slot.
class Series {
 public:
  static constexpr int kSeconds = 600, kMinutes = 1440;
  Series();

  void answered(std::int64_t now_ms, int status, double ms, bool is_list);
  void taken(std::int64_t now_ms, std::uint64_t events);
  // The last `minutes`, the running slot left out: {"step_s", "from_ms", "requests": [...], "refused", "errors", "events", "lists",
  // "p50_ms", "p99_ms"}: one number a slot, null where nothing was answered. Up to 10 minutes by the second, more by the minute.
  Json read(std::int64_t now_ms, int minutes) const;

 private:
  // Answer times in steps of a quarter: the upper end of step b is .05 ms x 1.25^b; the last holds all that took longer.
  static constexpr std::size_t kSteps = 72;
  struct Slot {
    std::int64_t index = -1;
    std::uint64_t events = 0;
    std::uint32_t requests = 0, refused = 0, errors = 0, lists = 0;
    std::array<std::uint32_t, kSteps> steps = {};
  };
  struct Ring {
    std::int64_t step_ms;
    std::vector<Slot> slots;
    std::int64_t newest = 0;
    Slot& at(std::int64_t now_ms);
  };
  static double quantile(const Slot& slot, double q);

  mutable std::mutex mutex_;
  Ring seconds_, minutes_;
};

}  // namespace attune::serve
