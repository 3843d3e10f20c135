// Item names: which item a name in a dialogue means: the catalogue's own name, or its title with or without its year.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "attune/rank/world.h"

namespace attune::talk::ranking {

class ItemNames {
 public:
  explicit ItemNames(const rank::World& world);
  // "Splash  (1984)", "splash (1984)", "Splash" (the most taken film of that title), "Matrix, The (1999)"; nullopt: none, or another year.
  std::optional<ItemId> find(std::string_view name) const;

 private:
  const rank::World& world_;
  std::unordered_map<std::string, ItemId> whole_, bare_;   // title with year; without
};

// Lower-case words in a row, "the" put in front: "Matrix, The" is "the matrix".
std::string plain_title(std::string_view title);

}  // namespace attune::talk::ranking
