// Fusion search: weights tried on the scored cases of learn_fusion, one source at a time. For learn_fusion.cpp only.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/rank/fusion_weights.h"

namespace attune::rank {

inline constexpr double kTooSmall = 2e-4;   // gains of NDCG below are noise, the simpler weights stay

using Weights = std::vector<float>;
using Cells = std::array<Weights, kItemSegments>;

// One validation case: z-scores by source of the items that matter, in the order of their segments; its targets.
struct ScoredCase {
  Matrix z;                                               // [sources, items kept]
  std::array<std::size_t, kItemSegments + 1> begins = {};  // items of segment i: begins[i]..begins[i + 1] - 1
  std::vector<std::size_t> targets;                       // places in z
  std::size_t segment = 0;                                // of the history
  std::size_t missed = 0;                                 // targets that are barred
};
using Members = std::vector<const ScoredCase*>;

// Mean NDCG@10 of the cases with these weights.
double mean_ndcg(const Members& cases, const Cells& cells, const Run& run);

// The same weights for all items.
Cells everywhere(const Weights& weights);
bool is_nothing(const Weights& weights);

// Coordinate search from `weights`, the same for all items: each source in turn tries the grid, until a round brings nothing.
void search(const Members& cases, Weights& weights, const Run& run);
// The same for the items of one segment alone, by factors on what they weigh: each source, then all of them together.
void search_items(const Members& cases, Cells& cells, std::size_t segment, const Run& run);

}  // namespace attune::rank
