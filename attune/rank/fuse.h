// Fusing: the scores of all sources over all items, their scales, and the weights that one item's segment gives each source.
//   fused(j) = sum over sources s of weight(s, segment) * (score(s, j) - mean(s)) / sd(s)
// Shared by the stages, by explanations and by learning the weights, so that all of them mean the same sum.
#pragma once
#include <span>
#include <vector>

#include "attune/rank/request.h"
#include "attune/rank/slate.h"
#include "attune/rank/world.h"

namespace attune::rank {

// Scores of every source: by_source[s][item], items of the world (fitted, then fresh); NaN where a source cannot score it.
struct Scores {
  std::vector<std::vector<float>> by_source;
  std::vector<Scale> scales;   // over the fitted items; sd 0 = the source says nothing here
};
Scores score_sources(const World& world, const Request& request, const ModelHistory& history);

// One item as a candidate with its raw scores. Its fused score is not set.
Candidate candidate_of(const Scores& scores, ItemId item);

// The weight of each source for this item [sources]: learned for the segment (history places x takers of the item) times the
// request's; sources that cannot score it (NaN) give theirs to the others.
std::vector<double> source_weights(const World& world, const Request& request, std::size_t places, ItemId item, std::span<const float> raw);

// The fused score of every item [items of the world]; -infinity where no source can score it.
std::vector<double> fused_scores(const World& world, const Request& request, const ModelHistory& history, const Scores& scores);

}  // namespace attune::rank
