// Places: where targets stand among many scores, ties counted fairly. The one rule for every rank of the house.
// Cost: one vectorised pass over the scores per target, 1-2 us for 12,000 items.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/types.h"

namespace attune {

// Where one target stands: how many candidates score higher, and how many the same (the target itself counted).
struct Place {
  static constexpr std::uint32_t kNowhere = 0xffffffffu;  // `above` of a target that is not among the candidates at all
  std::uint32_t above = 0, equal = 1;
  bool is_found() const noexcept { return above != kNowhere; }
  // 1 = best; of equals, the mean of the places they fill: 1 + above + (other equals) / 2.
  double mean() const noexcept { return above + (equal + 1) / 2.0; }
  friend bool operator==(const Place&, const Place&) = default;
};

// Places of `targets` among all items but those of `seen`.
//   scores   [items]  written to: seen items become -infinity afterwards
//   seen     any order, repeats allowed; a target that is also seen is nowhere
//   targets  ids below scores.size()
// One Place a target, in their order. Throws Error: bad_data when a score is NaN or infinite, naming the item.
std::vector<Place> places_of(std::span<float> scores, std::span<const ItemId> seen, std::span<const ItemId> targets);

// The same, as one list: the expected place of the first, second, ... of these targets when equals are put in random
// order. Ascending; those that are nowhere are left out. Alone among e equals below a better ones: a + (e + 1) / 2, the mean rank; as the j-th of m targets
// there: a + j (e + 1) / (m + 1).
std::vector<double> expected_places(std::span<const Place> places);

}  // namespace attune
