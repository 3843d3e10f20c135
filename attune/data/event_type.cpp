// Event types: weight of one event from its type, value and age. Cost: one look-up.
#include "attune/data/event_type.h"

#include <algorithm>
#include <cmath>

namespace attune::data {
namespace {

constexpr double kDayMs = 86400e3;
constexpr std::int64_t kFirstDay_ms = 86400000;   // 1970-01-01: not known (0), and equal rows of a file without times told apart

const EventType& type_named(const EventTypes& types, std::string_view type) {
  static const EventType standard;
  const auto found = types.find(type);
  return found == types.end() ? standard : found->second;
}

}  // namespace

float event_weight(const EventTypes& types, std::string_view type, std::optional<double> value, std::int64_t time_ms,
                   std::int64_t now_ms) {
  return event_weight(type_named(types, type), value, time_ms, now_ms);
}

float event_weight(const EventType& type, std::optional<double> value, std::int64_t time_ms, std::int64_t now_ms) {
  if (value && *value < type.min_value) return 0;
  double weight = type.weight;
  if (type.use_value && value) weight *= *value;
  if (type.half_life_days > 0 && (time_ms < 0 || time_ms >= kFirstDay_ms)) {
    // Differences in double: times far apart overflow 64-bit integers.
    const double age_days = (static_cast<double>(now_ms) - static_cast<double>(time_ms)) / kDayMs;
    weight *= std::exp2(-std::max(0.0, age_days) / type.half_life_days);
  }
  return static_cast<float>(weight);
}

bool event_hides(const EventTypes& types, std::string_view type) { return type_named(types, type).hides; }

}  // namespace attune::data
