// Repeats: targets that the user touched before the question: looked at, or had. To name the history again foretells them.
#pragma once
#include <algorithm>
#include <cstddef>
#include <span>

#include "attune/data/case.h"

namespace attune::eval {

inline bool is_repeat(const data::Case& one, ItemId item) {
  return std::any_of(one.input.begin(), one.input.end(), [&](const Touch& touch) { return touch.item == item && touch.weight != 0; });
}

struct Repeats {
  std::size_t targets = 0, repeated = 0;   // of all cases
};
inline Repeats repeats_in(std::span<const data::Case> cases) {
  Repeats repeats;
  for (const data::Case& one : cases)
    for (const ItemId target : one.targets) {
      ++repeats.targets;
      repeats.repeated += is_repeat(one, target) ? 1 : 0;
    }
  return repeats;
}

}  // namespace attune::eval
