// Cold items: a share of the items hidden from training as if they were put into the catalogue only now.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "attune/data/split.h"

namespace attune::data {

// The items that the split cold_items hides for the test part or for the validation part, ascending. Drawn by run.seed from the
// items somebody took; the two parts share none. Settings as split_cold_items; throws Error: bad_request as it does.
std::vector<ItemId> hidden_items(const Dataset& data, const Json& json, Part part, const Run& run);

// A dataset with some of the items only, renumbered in their old order: what a model knew before the others came.
struct KnownItems {
  std::shared_ptr<const Dataset> data;
  std::vector<ItemId> old_id;                  // [known items] their ids in the whole
  std::vector<std::optional<ItemId>> new_id;   // [all items] nullopt = not known
};
// `unknown`: ascending ids. Events of unknown items, held-out cases and the unknown items' rows of features are left out.
KnownItems without_items(const Dataset& data, std::span<const ItemId> unknown);

}  // namespace attune::data
