// Own items: the distinct items a user took, in random order: what the splits by chance deal out. All events of an item go
// together, else a repeated purchase would be trained on and asked about. For the files of this folder only.
#pragma once
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "attune/data/splits/deal.h"

namespace attune::data {

// Items with a positive event, shuffled by the user's own chance: the same order for both parts and every fold.
inline std::vector<ItemId> shuffled_items(std::span<const Touch> history, Random random) {
  std::vector<ItemId> items;
  for (const Touch& touch : history)
    if (touch.weight > 0) items.push_back(touch.item);
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  random.shuffle(std::span(items));
  return items;
}

// Gives every event the role of its item; items that are not listed stay in training.
inline void spread(std::span<const Touch> history, const std::unordered_map<ItemId, Role>& role_of, std::span<Role> roles) {
  for (std::size_t k = 0; k < history.size(); ++k)
    if (const auto found = role_of.find(history[k].item); found != role_of.end()) roles[k] = found->second;
}

}  // namespace attune::data
