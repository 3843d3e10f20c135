// Places: counted, not sorted: what scores higher than the target, and what scores the same.
#include "attune/core/place.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <string>

#include "attune/core/error.h"
#include "attune/core/kernels.h"

namespace attune {
namespace {

constexpr float kOut = -std::numeric_limits<float>::infinity();

bool is_finite(float x) noexcept { return (std::bit_cast<std::uint32_t>(x) & 0x7f800000u) != 0x7f800000u; }

void check_finite(std::span<const float> scores) {
  // Integer work without branches: a NaN must not slip through, and the pass must not cost more than the counting.
  std::uint32_t largest = 0;
  for (const float x : scores) largest = std::max(largest, std::bit_cast<std::uint32_t>(x) & 0x7f800000u);
  if (largest != 0x7f800000u) return;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (!is_finite(scores[i]))
      throw Error(Code::bad_data, "expected a finite score for every item, got " + std::to_string(scores[i]) + " for item " +
                                      std::to_string(i) + ": the model is broken or was fitted on numbers that are not finite");
}

}  // namespace

std::vector<Place> places_of(std::span<float> scores, std::span<const ItemId> seen, std::span<const ItemId> targets) {
  check_finite(scores);
  for (const ItemId item : seen)
    if (to_index(item) < scores.size()) scores[to_index(item)] = kOut;
  std::vector<Place> places;
  places.reserve(targets.size());
  for (const ItemId target : targets) {
    ATTUNE_ASSERT(to_index(target) < scores.size(), "a target is an item of the catalogue");
    const float score = scores[to_index(target)];
    if (score == kOut) {
      places.push_back({.above = Place::kNowhere});
      continue;
    }
    const Above found = count_above(scores, score);
    places.push_back({static_cast<std::uint32_t>(found.greater), static_cast<std::uint32_t>(found.equal)});
  }
  return places;
}

std::vector<double> expected_places(std::span<const Place> places) {
  struct Block {
    std::uint32_t targets = 0, equal = 1;
  };
  std::map<std::uint32_t, Block> blocks;  // by items above: the targets that share one score
  for (const Place& place : places) {
    if (!place.is_found()) continue;
    Block& block = blocks[place.above];
    ++block.targets;
    block.equal = place.equal;
  }
  std::vector<double> list;
  list.reserve(places.size());
  for (const auto& [above, block] : blocks)
    for (std::uint32_t j = 1; j <= block.targets; ++j) list.push_back(above + j * (block.equal + 1.0) / (block.targets + 1.0));
  return list;
}

}  // namespace attune
