// Attribute names: what a request says of attributes that no item has, most likely misspelt.
#pragma once
#include <vector>

#include "attune/rank/request.h"
#include "attune/rank/slate.h"
#include "attune/rank/world.h"

namespace attune::engine {

// A note for each attribute of the filter and the caps that no item has, with the nearest name there is.
// Cost: for names there are, the items up to the first that has it; one pass over all items' attributes otherwise.
std::vector<rank::Note> unknown_attributes(const rank::World& world, const rank::Request& request);

}  // namespace attune::engine
