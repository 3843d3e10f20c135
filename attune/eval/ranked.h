// Ranked: each case of a split with the places of its targets and the list that would be shown; what metrics are made from.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "attune/core/place.h"
#include "attune/eval/evaluate.h"

namespace attune::eval {

struct RankedCase {
  const data::Case* asked = nullptr;
  std::vector<Place> places;     // one a target, in the order of asked->targets
  std::vector<ItemId> list;      // best first, at most `depth`
  std::size_t candidates = 0;    // items ranked; 0 = a list with an end
};

struct Ranked {
  std::vector<RankedCase> cases;            // those with targets, in order; they point into the split
  std::size_t without_targets = 0;
  double thread_seconds = 0;                // scoring and ranking, summed over threads
};

// Asks for every case and places its targets. `depth`: length of the lists kept.
Ranked rank_cases(const data::Split& split, const Answerer& answerer, std::size_t depth, const EvalOptions& options, const Run& run);

}  // namespace attune::eval
