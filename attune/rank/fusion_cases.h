// Fusion cases: what learning to fuse looks at: of each validation case the z-scores of the items that could reach the first ten.
// Cost: every source scores each case once; what is kept is some hundred items a case.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/data/dataset.h"
#include "attune/rank/fusion_weights.h"
#include "attune/rank/world.h"

namespace attune::rank {

inline constexpr std::size_t kKeptOfSource = 150;   // best items of each source kept a case: what else could reach the first 10?

// One validation case: z-scores by source of the items that matter, in the order of their segments; its targets.
struct ScoredCase {
  std::vector<std::size_t> items;                         // ids, by segment, ascending within one
  Matrix z;                                               // [sources, items kept]
  std::array<std::size_t, kItemSegments + 1> begins = {};  // items of segment i: begins[i]..begins[i + 1] - 1
  std::vector<std::size_t> targets;                       // places in z
  std::size_t segment = 0;                                // of the history
  std::size_t missed = 0;                                 // targets that are barred
};
// The sources over what they were fitted on, all weighing alike.
World learning_world(const std::vector<Source>& sources, const data::Dataset& train);

// Throws what the sources throw.
ScoredCase score_case(const World& world, const data::Case& asked);

}  // namespace attune::rank
