// Names of users and items in order, a few at a time: for whoever looks through them. Stores that keep them in order say so by being
// OrderedNames as well; of others all events are read.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/store.h"

namespace attune::data {

class OrderedNames {
 public:
  virtual ~OrderedNames() = default;
  // The first `most` names after `after` (by their bytes) that begin with `prefix`.
  virtual std::vector<std::string> names(Kind kind, std::string_view prefix, std::string_view after, std::size_t most) const = 0;
};

std::vector<std::string> names_of(const Store& store, Kind kind, std::string_view prefix, std::string_view after, std::size_t most);

}  // namespace attune::data
