// World: looking things up among the fitted and the fresh, and the history as the models see it.
#include "attune/rank/world.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/rank/request.h"

namespace attune::rank {

const data::CatalogueItem& World::item(ItemId id) const {
  if (is_fresh(id)) {
    const std::size_t at = to_index(id) - fitted_count();
    ATTUNE_ASSERT(at < fresh.size(), "ids come from this world");
    return fresh[at]->item;
  }
  if (!changed.empty())
    if (const auto it = changed.find(id); it != changed.end()) return *it->second;
  return catalogue->item(id);
}

bool World::is_gone(ItemId id) const { return std::binary_search(gone.begin(), gone.end(), id); }

std::optional<ItemId> World::find(std::string_view name) const {
  if (const auto id = catalogue->find_item(name)) return is_gone(*id) ? std::nullopt : id;
  for (std::size_t f = 0; f < fresh.size(); ++f) {
    const ItemId id = item_at(fitted_count() + f);
    if (fresh[f]->item.name == name && !is_gone(id)) return id;
  }
  return std::nullopt;
}

std::span<const float> World::vector(ItemId id) const {
  if (is_fresh(id)) return fresh[to_index(id) - fitted_count()]->vector;
  if (vectors == nullptr || to_index(id) >= vectors->rows()) return {};
  return vectors->row(to_index(id));
}

std::uint32_t World::takers(ItemId id) const {
  if (is_fresh(id) || popularity == nullptr) return 0;
  return (*popularity)[to_index(id)];
}

ModelHistory model_history(const World& world, const Request& request) {
  ModelHistory history;
  history.touches.reserve(request.history.size() + request.about.size());
  history.origin.reserve(request.history.size() + request.about.size());
  for (const Touch& touch : request.history) {
    if (to_index(touch.item) >= world.item_count() || world.is_gone(touch.item)) continue;
    if (!touch.joined) ++history.places;
    if (!world.is_fresh(touch.item)) {
      history.touches.push_back(touch);
      history.origin.push_back(touch.item);
      continue;
    }
    bool is_first = true;
    for (const Touch& near : world.fresh[to_index(touch.item) - world.fitted_count()]->neighbours) {
      history.touches.push_back({near.item, touch.weight * near.weight, touch.time_ms, touch.joined || !is_first});
      history.origin.push_back(touch.item);
      is_first = false;
    }
  }
  // What somebody asks for counts as much as all they ever took: as one event among hundreds it would not be heard.
  float taken = 0;
  for (const Touch& touch : history.touches) taken += std::max(touch.weight, 0.0f);
  const float loudness = std::max(taken, 1.0f);
  bool is_first = true;
  for (const Touch& near : request.about) {
    if (to_index(near.item) >= world.fitted_count()) continue;
    history.touches.push_back({near.item, loudness * near.weight, near.time_ms, !is_first});
    history.origin.push_back(kAbout);
    if (is_first) ++history.places;
    is_first = false;
  }
  return history;
}

}  // namespace attune::rank
