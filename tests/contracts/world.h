// A world small enough to check by hand: even users took even items, odd users odd ones; one of each user's items is withheld.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attune/data/dataset.h"

namespace attune::testing {

struct Checkerboard {
  std::shared_ptr<const data::Dataset> train;
  std::vector<ItemId> withheld;   // [users]
};

// `n` users and n items, n even and >= 20. Item texts say their colour ("white number 4"), so text agrees with behaviour.
// User u took every item of its colour among the 16 nearest on a ring, but for the withheld one.
inline Checkerboard checkerboard(std::size_t n) {
  std::vector<data::CatalogueItem> items(n);
  std::vector<std::string> users(n);
  for (std::size_t i = 0; i < n; ++i) {
    items[i].name = "item" + std::to_string(i);
    items[i].text = std::string(i % 2 == 0 ? "white square" : "black circle") + " number " + std::to_string(i);
    users[i] = "user" + std::to_string(i);
  }
  Checkerboard world;
  std::vector<std::vector<data::HistoryRow>> rows(n);
  for (std::size_t u = 0; u < n; ++u) {
    const std::size_t hole = 2 + u % 3;   // which of the eight is withheld
    for (std::size_t step = 0; step < 8; ++step) {
      const ItemId item = item_at((u + 2 * step) % n);
      if (step == hole)
        world.withheld.push_back(item);
      else
        rows[u].push_back({.touch = {.item = item, .weight = 1, .time_ms = static_cast<std::int64_t>(1000 * step)}});
    }
  }
  world.train = std::make_shared<const data::Dataset>(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
  return world;
}

}  // namespace attune::testing
