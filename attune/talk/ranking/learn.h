// What the parts of learning share: training questions, weights, and (with scoring) the rows that trees look at.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
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

// A training question: the items to order, their figures on one scale, which are wanted.
struct Example {
  std::vector<ItemId> items;
  Matrix z;                    // [items, figures]
  Matrix rows;                 // for trees [items, columns]; empty while weights are learned
  std::vector<float> weighed;  // [items]
  std::vector<float> wanted;   // [items] 1 or 0
};

// What figures weigh before anything is learned: enough to bring the wanted items among the candidates.
double first_weight(const std::string& name);
// The weights [figures] with the least mean over the items wanted of -ln softmax(z w) + ridge/2 |w|^2, from `w` on. Examples without
// items are passed over. The same for one run.seed. Throws Error: cancelled.
std::vector<double> fit_weights(const std::vector<Example>& examples, std::vector<double> w, double ridge, const Run& run);

}  // namespace attune::talk::ranking
