// A small shop to talk about: texts, prices, brands, colours, years, in English with some Chinese.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attune/talk/lexicon.h"

namespace attune::talk {

inline std::shared_ptr<const rank::World> small_shop() {
  struct Line {
    const char *name, *text, *brand, *colour;
    double price, year;
    std::vector<const char*> kinds;
  };
  const std::vector<Line> lines = {
      {"mug-1", "Dinosaur Mug, a mug for tea", "Orla", "red", 6.5, 2001, {"kitchen"}},
      {"mug-2", "Cat Mug, with a cat on it", "Denby", "blue", 8, 2010, {"kitchen", "animals"}},
      {"mug-3", "Plain Mug", "Denby", "white", 3, 1998, {"kitchen"}},
      {"lamp-1", "Garden Lantern, a lamp for the garden", "Orla", "black", 20, 2015, {"garden", "light"}},
      {"lamp-2", "Paper Lamp", "Muji", "white", 12, 2018, {"light"}},
      {"bag-1", "Polka Dot Bag, lined with silk", "Muji", "red", 35, 2020, {"bags"}},
      {"bag-2", "Plain Bag", "Orla", "black", 15, 2005, {"bags"}},
      {"bowl-1", "青花碗 瓷器", "景德镇", "蓝色", 58, 1990, {"餐具"}},
      {"pot-1", "紫砂壶 茶具", "宜兴", "紫色", 188, 1985, {"茶具"}},
  };
  std::vector<data::CatalogueItem> items;
  for (const Line& l : lines) {
    data::CatalogueItem item{.name = l.name, .text = l.text};
    item.attributes["price"] = l.price;
    item.attributes["brand"] = l.brand;
    item.attributes["colour"] = l.colour;
    item.attributes["year"] = l.year;
    for (const char* kind : l.kinds) item.attributes["category"].push_back(kind);
    item.attributes["dishwasher_safe"] = item.name.starts_with("mug");
    items.push_back(std::move(item));
  }
  auto world = std::make_shared<rank::World>();
  world->catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>());
  return world;
}

inline const Lexicon& small_lexicon() {
  static const Lexicon lexicon(small_shop());
  return lexicon;
}

// A dialogue in which these were just shown.
inline Dialogue shown(std::vector<std::string> items) {
  Dialogue dialogue;
  dialogue.language = "en";
  dialogue.lists.push_back(std::move(items));
  return dialogue;
}

}  // namespace attune::talk
