// Top-k: the k best of many scores, best first. Lives once, above all models.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "attune/core/types.h"

namespace attune {

// The k items with the highest scores[i], i = item id; ties go to the smaller id, so that answers do not flicker.
//   scores    [n]  NaN and -infinity are never returned
//   excluded  ids left out; any order, repeats and ids >= n allowed
// At most k results, best first. O(n + k log k) for k << n. Thread safe.
std::vector<Scored> top_k(std::span<const float> scores, std::size_t k, std::span<const ItemId> excluded = {});

// Does `a` come before `b` in a list: higher score, then smaller id.
constexpr bool better(const Scored& a, const Scored& b) noexcept {
  return a.score != b.score ? a.score > b.score : to_index(a.item) < to_index(b.item);
}

}  // namespace attune
