// Neighbour rows: a sparse item-by-item matrix made row by row, of which the strongest entries are kept.
#pragma once
#include <cstddef>
#include <functional>
#include <span>

#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::model {

// Writes row `item` into `row` [items], which comes in as zeros. Called from many threads.
using FillRow = std::function<void(std::size_t item, std::span<float> row)>;

// [items, items]: of each row the `kept` largest entries above 0, without the item itself; equals: the smaller id. Columns ascend.
Sparse neighbour_rows(std::size_t items, std::size_t kept, const FillRow& fill, const Run& run);

}  // namespace attune::model
