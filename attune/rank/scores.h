// Scores: what every source says of the items for one request, on which scale, and the fused score made of it. The one
// place where this arithmetic stands: stages, explanations and learning all call it.
//   fused(j) = sum over the sources that can score j of  w_s / sd_s * (raw_s(j) - mean_s)
// Mean and sd are over all fitted items; a source whose scores are all alike (sd 0) adds nothing. w is the learned weight of
// the cell (history length x takers of j); what the sources that cannot score j would have weighed goes to the others.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "attune/rank/request.h"
#include "attune/rank/slate.h"
#include "attune/rank/world.h"

namespace attune::rank {

// The weights of one request: [item segment][source], after the request's own factors.
struct Mix {
  std::array<std::vector<double>, kItemSegments> weights;
  bool uses(std::size_t source) const;
};
// A request with factors has each cell sum to 1, so that a single model that is asked for ranks just as it ranks alone.
Mix mix_for(const World& world, const Request& request, const ModelHistory& history);

// out[s] = weight of source s for an item of this segment with these raw scores (NaN = cannot); 0 for those that cannot.
void item_weights(const Mix& mix, std::size_t segment, std::span<const float> raw, std::span<double> out);
// NaN when no source with a weight can score the item.
double fused_score(const Mix& mix, std::size_t segment, std::span<const float> raw, std::span<const Scale> scales);
// Mean and spread of `scores`; a spread that is only rounding is 0.
Scale scale_of(std::span<const float> scores);

struct ScoreOptions {
  std::size_t exact_below = 50000;   // fitted items; above, sources that have an index are asked for their best only
  std::size_t depth = 300;           // how many an index is asked for
};

struct Scores {
  ModelHistory history;
  Mix mix;
  std::vector<Scale> scales;               // [sources]
  std::vector<std::uint8_t> barred;        // [world.item_count()] 1 = gone, seen or excluded; may_show() has the rest of the bars
  std::vector<ItemId> items;               // what was scored, ascending: all items, or what the indexes found and all fresh ones
  std::vector<std::vector<float>> raw;     // [sources][items]; NaN = cannot score it, or switched off
  std::vector<float> fused;                // [items]; -infinity = no source can score it

  std::span<const float> raw_of(std::size_t at, std::span<float> room) const;   // [sources] of items[at]
};
Scores score_world(const World& world, const Request& request, const ScoreOptions& options = {});

// Puts what request.likeness adds to this item's score among its adjustments, as "about".
void add_likeness(const Request& request, Candidate& candidate);

// The bars that take a look at the item itself: hidden, filter. Asked of the best first, so that a list costs some hundred looks.
bool may_show(const World& world, const Request& request, ItemId item);
// All bars: [world.item_count()] 1 = may be in the list. Agrees with not_allowed().
std::vector<std::uint8_t> allowed_items(const World& world, const Request& request);

// Raw scores of one item by every source (NaN = cannot, or switched off).
std::vector<float> raw_scores(const World& world, const Mix& mix, const model::Query& query, ItemId item);

}  // namespace attune::rank
