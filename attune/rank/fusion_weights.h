// Fusion weights: how much each model counts, per segment: history length x how many people took the item.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "attune/core/json.h"

namespace attune::rank {

inline constexpr std::size_t kHistorySegments = 5;  // 0, 1, 2-4, 5-19, 20+ touches
inline constexpr std::size_t kItemSegments = 3;     // nobody yet, 1-9 users, 10+ users
std::size_t history_segment(std::size_t touches) noexcept;
std::size_t item_segment(std::uint32_t takers) noexcept;
extern const std::array<const char*, kHistorySegments> kHistorySegmentNames;
extern const std::array<const char*, kItemSegments> kItemSegmentNames;

struct FusionWeights {
  std::vector<std::string> sources;                                          // names, in World order
  std::array<std::array<std::vector<float>, kItemSegments>, kHistorySegments> table;  // [history][item][source] >= 0

  // All sources the same, everywhere.
  static FusionWeights equal(std::vector<std::string> sources);
  Json to_json() const;
  static FusionWeights from_json(const Json& json);   // throws Error: bad_data
};

}  // namespace attune::rank
