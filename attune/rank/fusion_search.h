// Fusion search: weights tried on the scored cases of learn_fusion, one source at a time. For learn_fusion.cpp only.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "attune/core/progress.h"
#include "attune/rank/fusion_cases.h"

namespace attune::rank {

inline constexpr double kTooSmall = 2e-4;   // gains of NDCG below are noise, the simpler weights stay

using Weights = std::vector<float>;
using Cells = std::array<Weights, kItemSegments>;

using Members = std::vector<const ScoredCase*>;

// Mean NDCG@10 of the cases with these weights.
double mean_ndcg(const Members& cases, const Cells& cells, const Run& run);

// The same weights for all items.
Cells everywhere(const Weights& weights);
bool is_nothing(const Weights& weights);

// Coordinate search from `weights`, the same for all items: each source in turn weighs more or less, until a round brings nothing.
// Returns the NDCG of what it found. Finds a hill, not the highest: where two models say much the same, start from each.
double search(const Members& cases, Weights& weights, const Run& run);
// The same for the items of one segment alone, by factors on what they weigh: each source, then all of them together.
void search_items(const Members& cases, Cells& cells, std::size_t segment, const Run& run);

}  // namespace attune::rank
