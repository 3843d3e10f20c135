// Adam: gradient steps with a rate of their own for every weight, from running means of the gradient and of its square.
// Source: Kingma and Ba, 2015. Cost: 12 bytes a weight kept, one pass over the rows that are stepped.
#pragma once
#include <cstdint>
#include <span>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::train {

struct AdamOptions {
  float rate = 1e-3f;
  float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
};

class Adam {
 public:
  Adam(std::size_t rows, std::size_t cols, AdamOptions options) : options_(options), mean_(rows, cols), square_(rows, cols) {}

  // The steps that follow take this rate.
  void set_rate(float rate) noexcept { options_.rate = rate; }
  // Moves every row of `weights` against `gradient`, both [rows, cols]. Parallel over rows; the same bits for any number of threads.
  void step(Matrix& weights, MatrixView gradient, const Run& run);
  // Moves only `touched` rows (distinct): the others keep their running means as they are (sparse Adam).
  void step_rows(Matrix& weights, MatrixView gradient, std::span<const std::uint32_t> touched, const Run& run);
  std::size_t steps() const noexcept { return steps_; }

 private:
  AdamOptions options_;
  Matrix mean_, square_;
  std::size_t steps_ = 0;
};

}  // namespace attune::train
