// Case: one user to be judged: rank the catalogue given `input`, find `targets`.
#pragma once
#include <vector>

#include "attune/core/types.h"

namespace attune::data {

struct Case {
  UserId user{};
  std::vector<Touch> input;       // oldest first; what is known at the moment of the question
  std::vector<ItemId> seen;       // left out of the ranking (no targets, unless SeenTargets::miss); ascending, distinct
  std::vector<ItemId> targets;    // distinct, in the order they happened; at least one
};

}  // namespace attune::data
