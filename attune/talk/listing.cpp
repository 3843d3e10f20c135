// Listing: the request of a dialogue, run through the standard pipeline.
#include "attune/talk/listing.h"

#include <algorithm>

#include "attune/core/sorted.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/rank/stage.h"
#include "attune/talk/ordering.h"

namespace attune::talk {
namespace {

std::size_t fit_count(const rank::World& world, const rank::Request& request) {
  std::vector<std::uint8_t> out(world.item_count(), 0);
  for (const ItemId id : request.exclude) out[to_index(id)] = 1;
  for (const ItemId id : request.seen) out[to_index(id)] = 1;
  return static_cast<std::size_t>(std::count(out.begin(), out.end(), 0));
}

void bar_shown(const rank::World& world, const Dialogue& dialogue, rank::Request& request) {
  for (const auto& shown : dialogue.lists)
    for (const std::string& name : shown)
      if (const auto id = world.find(name)) request.exclude.push_back(*id);
  sort_unique(request.exclude);
}

// The best that the request allows; when they are too few for a list, what was shown before (no more in `barred`) stands behind them.
rank::Slate best_of(const rank::World& world, rank::Request& request, const std::vector<ItemId>& barred, int k, bool& repeats) {
  static const rank::Pipeline pipeline = engine::standard_pipeline();
  rank::Slate slate = pipeline.run(world, request);
  if (slate.candidates.size() >= static_cast<std::size_t>(k) || request.exclude.size() <= barred.size()) return slate;
  request.exclude = barred;
  for (const rank::Candidate& c : slate.candidates) request.exclude.push_back(c.item);
  sort_unique(request.exclude);
  rank::Slate more = pipeline.run(world, request);
  repeats = !more.candidates.empty();
  for (rank::Candidate& c : more.candidates) slate.candidates.push_back(std::move(c));
  if (slate.scales.empty()) slate.scales = more.scales;
  return slate;
}

}  // namespace

Listing list_for(const engine::Engine& engine, const Lexicon& lexicon, const Dialogue& dialogue, const ListingAsk& ask) {
  const rank::World& world = lexicon.world();
  Asked asked = request_for(engine, lexicon, dialogue, ask);
  Listing listing;
  listing.is_known = asked.is_known;
  listing.fit = fit_count(world, asked.request);
  const std::vector<ItemId> barred = asked.request.exclude;
  if (ask.skip_shown) bar_shown(world, dialogue, asked.request);
  const auto& order = dialogue.wants.order;
  if (order) keep_first(lexicon, dialogue.wants, ask.among, static_cast<std::size_t>(ask.k), asked.request);
  rank::Slate slate = best_of(world, asked.request, order ? asked.request.exclude : barred, ask.k, listing.repeats);
  if (order) put_in_order(lexicon, *order, slate.candidates);
  for (const rank::Candidate& c : slate.candidates) listing.pool.push_back(c.item);
  if (slate.candidates.size() > static_cast<std::size_t>(ask.k)) slate.candidates.resize(static_cast<std::size_t>(ask.k));
  slate = explain::attach(world, asked.request, std::move(slate));
  listing.list = {.user = ask.user, .request = asked.request.id, .snapshot = engine.snapshot()->name, .items = {}, .notes = {}, .timings = {}};
  for (rank::Candidate& c : slate.candidates) {
    const data::CatalogueItem& item = world.item(c.item);
    std::string because = reason(lexicon, dialogue, asked, c.item, c.why, ask.language);
    listing.list.items.push_back({item.name, item.text, c.why.value, std::move(because), std::move(c.why), std::move(c.notes)});
  }
  return listing;
}

}  // namespace attune::talk
