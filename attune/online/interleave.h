// Interleaving: two rankings in one list, so that one user's clicks compare them (team draft: Radlinski, Kurup and Joachims 2008).
// Each round a coin says who picks first; each picks its best item that is not in the list yet. Needs far fewer users than a split,
// since both rankings meet the same person in the same mood.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "attune/core/random.h"

namespace attune::online {

struct Interleaved {
  std::vector<std::size_t> from;   // index into the ranking that gave the item
  std::string teams;               // 'a' or 'b' a place
  std::size_t size() const noexcept { return teams.size(); }
};

// A list of up to k of two rankings of names without repeats. Where one has no more, the other goes on.
Interleaved interleave(std::span<const std::string> a, std::span<const std::string> b, std::size_t k, Random& random);

// What a list says, by the places from which something was taken: 1 = b was wanted more, -1 = a, 0 = neither.
int preference(const std::string& teams, std::span<const std::size_t> taken);

}  // namespace attune::online
