// Fusion cases: one pass of every source over all items a case; of that the items that matter are kept.
#include "attune/rank/fusion_cases.h"

#include <algorithm>

#include "attune/core/top_k.h"
#include "attune/rank/scores.h"

namespace attune::rank {
namespace {

// The best of each source and the targets, ascending; without what may not be shown.
std::vector<std::size_t> items_that_matter(const Scores& scores, const data::Case& asked) {
  std::vector<std::size_t> kept;
  for (std::size_t s = 0; s < scores.raw.size(); ++s)
    if (scores.scales[s].sd > 0)
      for (const Scored& hit : top_k(scores.raw[s], kKeptOfSource, asked.seen)) kept.push_back(to_index(hit.item));
  for (const ItemId target : asked.targets)
    if (!std::binary_search(asked.seen.begin(), asked.seen.end(), target)) kept.push_back(to_index(target));
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

}  // namespace

World learning_world(const std::vector<Source>& sources, const data::Dataset& train) {
  World world;
  world.catalogue = train.shared_catalogue();
  world.sources = sources;
  std::vector<std::string> names;
  for (const Source& source : sources) names.push_back(source.name);
  world.weights = FusionWeights::equal(std::move(names));
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(train.popularity().begin(), train.popularity().end());
  return world;
}

ScoredCase score_case(const World& world, const data::Case& asked) {
  Request request;
  request.user_id = asked.user;
  request.history = asked.input;
  const Scores scores = score_world(world, request, {.exact_below = world.item_count()});
  std::vector<std::size_t> kept = items_that_matter(scores, asked);
  std::stable_sort(kept.begin(), kept.end(),
                   [&](std::size_t a, std::size_t b) { return item_segment(world.takers(item_at(a))) < item_segment(world.takers(item_at(b))); });
  ScoredCase scored{.items = {}, .z = Matrix(world.sources.size(), kept.size()), .segment = history_segment(scores.history.places)};
  for (const std::size_t item : kept)
    for (std::size_t i = item_segment(world.takers(item_at(item))) + 1; i <= kItemSegments; ++i) ++scored.begins[i];
  for (std::size_t s = 0; s < world.sources.size(); ++s) {
    const Scale scale = scores.scales[s];
    for (std::size_t n = 0; n < kept.size() && scale.sd > 0; ++n)
      scored.z(s, n) = static_cast<float>((scores.raw[s][kept[n]] - scale.mean) / scale.sd);
  }
  scored.items.assign(kept.begin(), kept.end());
  for (const ItemId target : asked.targets) {
    const auto at = std::find(kept.begin(), kept.end(), to_index(target));
    if (at != kept.end()) scored.targets.push_back(static_cast<std::size_t>(at - kept.begin()));
    else ++scored.missed;
  }
  return scored;
}

}  // namespace attune::rank
