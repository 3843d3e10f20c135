// Hopeless: which trials of a tuning are given up before their end (tune.h says by what rule).
#pragma once
#include <span>
#include <string>
#include <vector>

#include "attune/core/error.h"
#include "attune/eval/trial.h"

namespace attune::eval {

// Thrown through a fit that is given up.
struct Hopeless : Error {
  explicit Hopeless(const std::string& why) : Error(Code::cancelled, why) {}
};

// Mean and interval over all parts: users weigh the same, whatever their fold. At least one part.
Figure pooled(const std::vector<Figure>& parts);

// Throws Hopeless when this curve is below the median of the others at its last step. Only what is judged has an '@' in its name.
void check_curve(const std::string& series, const Curve& curve, std::span<const Trial> others);
// Throws Hopeless when the folds so far are clearly below the best trial's; nullptr: there is none yet.
void check_parts(const std::vector<Figure>& mine, const Trial* best);

}  // namespace attune::eval
