// Logistic regression on sparse rows: the chance of a yes. The reward model of off-policy evaluation, and a plain yardstick.
// Source: textbook (Newton, or iteratively reweighted least squares). Cost a step: O(nnz x row length + columns^3); few columns.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::train {

class Logistic {
 public:
  Logistic() = default;
  // Least - sum_n [y log p + (1 - y) log(1 - p)] + reg/2 |weights|^2, the intercept not pulled; y 0..1, reg > 0.
  // Throws Error: bad_request for labels of another number or out of 0..1, bad_data without rows, cancelled.
  static Logistic fit(const Sparse& rows, std::span<const float> labels, float reg, const Run& run);

  double chance(std::span<const std::uint32_t> columns, std::span<const float> values) const;
  std::span<const double> weights() const noexcept { return weights_; }   // [columns + 1], the intercept last

 private:
  std::vector<double> weights_;
};

}  // namespace attune::train
