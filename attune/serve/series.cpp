// Series: see the header.
#include "attune/serve/series.h"

#include <algorithm>
#include <cmath>

namespace attune::serve {
namespace {

constexpr double kFirstMs = 0.05, kGrowth = 1.25;

std::size_t step_of(double ms, std::size_t steps) {
  if (!(ms > kFirstMs)) return 0;
  return std::min(steps - 1, static_cast<std::size_t>(std::ceil(std::log(ms / kFirstMs) / std::log(kGrowth) - 1e-9)));
}

}  // namespace

Series::Series() : seconds_{1000, std::vector<Slot>(kSeconds + 1), 0}, minutes_{60000, std::vector<Slot>(kMinutes + 1), 0} {}

Series::Slot& Series::Ring::at(std::int64_t now_ms) {
  newest = std::max(newest, now_ms / step_ms);
  Slot& slot = slots[static_cast<std::size_t>(newest) % slots.size()];
  if (slot.index != newest) slot = Slot{.index = newest};
  return slot;
}

void Series::answered(std::int64_t now_ms, int status, double ms, bool is_list) {
  const std::size_t step = step_of(ms, kSteps);
  const std::lock_guard lock(mutex_);
  for (Ring* ring : {&seconds_, &minutes_}) {
    Slot& slot = ring->at(now_ms);
    ++slot.requests;
    if (status >= 500) ++slot.errors;
    else if (status >= 400) ++slot.refused;
    if (is_list && status < 300) ++slot.lists;
    if (ms >= 0) ++slot.steps[step];
  }
}

void Series::taken(std::int64_t now_ms, std::uint64_t events) {
  const std::lock_guard lock(mutex_);
  for (Ring* ring : {&seconds_, &minutes_}) ring->at(now_ms).events += events;
}

// Within the step where it lies, in proportion.
double Series::quantile(const Slot& slot, double q) {
  std::uint64_t all = 0;
  for (const std::uint32_t n : slot.steps) all += n;
  const double wanted = q * static_cast<double>(all);
  double before = 0;
  for (std::size_t b = 0; b < kSteps; ++b) {
    const double here = slot.steps[b];
    if (here > 0 && before + here >= wanted) {
      const double high = kFirstMs * std::pow(kGrowth, static_cast<double>(b)), low = b == 0 ? 0 : high / kGrowth;
      return low + (high - low) * std::clamp((wanted - before) / here, 0.0, 1.0);
    }
    before += here;
  }
  return 0;
}

Json Series::read(std::int64_t now_ms, int minutes) const {
  const std::lock_guard lock(mutex_);
  const Ring& ring = minutes * 60 <= kSeconds ? seconds_ : minutes_;
  const std::int64_t now = std::max(ring.newest, now_ms / ring.step_ms), count = minutes * 60000 / ring.step_ms;
  Json json = Json::object();
  json["step_s"] = ring.step_ms / 1000;
  json["from_ms"] = (now - count) * ring.step_ms;
  for (const char* name : {"requests", "refused", "errors", "events", "lists", "p50_ms", "p99_ms"}) json[name] = Json::array();
  const auto round3 = [](double ms) { return Json(std::round(ms * 1000) / 1000); };
  for (std::int64_t index = now - count; index < now; ++index) {
    const Slot& kept = ring.slots[static_cast<std::size_t>(index) % ring.slots.size()];
    const bool is_there = kept.index == index, is_timed = is_there && kept.requests > 0;
    json["requests"].push_back(is_there ? kept.requests : 0u);
    json["refused"].push_back(is_there ? kept.refused : 0u);
    json["errors"].push_back(is_there ? kept.errors : 0u);
    json["events"].push_back(is_there ? kept.events : std::uint64_t{0});
    json["lists"].push_back(is_there ? kept.lists : 0u);
    json["p50_ms"].push_back(is_timed ? round3(quantile(kept, 0.5)) : Json());
    json["p99_ms"].push_back(is_timed ? round3(quantile(kept, 0.99)) : Json());
  }
  return json;
}

}  // namespace attune::serve
