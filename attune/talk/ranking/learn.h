// What learning and scoring share: the scale of a figure, and the rows that trees look at.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/rank/slate.h"
#include "attune/talk/ranking/view.h"

namespace attune::talk::ranking {

// Mean and spread over the items; a spread that is only rounding is 0.
rank::Scale scale_of_row(std::span<const float> figures);

// Columns for trees: "z:NAME" and "raw:NAME" of every figure, "turns", "named" (how much was said so far).
std::vector<std::string> tree_columns(const std::vector<std::string>& names);
// [items, columns] for `columns` of tree_columns(); a figure that is not there (another workspace) is NaN.
Matrix tree_rows(const std::vector<std::string>& names, const Matrix& figures, const Heard& heard, std::span<const ItemId> items,
                 const std::vector<std::string>& columns);

// "shared:*" matches all that begin with "shared:"; else the whole name.
bool is_left_out(const std::string& name, const std::vector<std::string>& without);

}  // namespace attune::talk::ranking
