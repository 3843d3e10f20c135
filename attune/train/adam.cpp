// Adam: bias of the running means is taken out through the rate, so a row costs one pass.
#include "attune/train/adam.h"

#include <algorithm>
#include <cmath>

#include "attune/core/parallel.h"
#include "attune/train/rows.h"

namespace attune::train {
namespace {

AdamStep next_step(const AdamOptions& o, std::size_t t) {
  const double first = 1 - std::pow(static_cast<double>(o.beta1), static_cast<double>(t));
  const double second = 1 - std::pow(static_cast<double>(o.beta2), static_cast<double>(t));
  return {.beta1 = o.beta1, .beta2 = o.beta2, .rate = static_cast<float>(static_cast<double>(o.rate) / first), .root = static_cast<float>(1 / std::sqrt(second)), .epsilon = o.epsilon};
}

}  // namespace

void Adam::step(Matrix& weights, MatrixView gradient, const Run& run) {
  const AdamStep step = next_step(options_, ++steps_);
  const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 18) / std::max<std::size_t>(weights.cols(), 1));  // wide layers have few rows
  parallel_for(0, weights.rows(), grain, run, [&](std::size_t first, std::size_t last) {
    const std::size_t at = first * weights.cols(), n = (last - first) * weights.cols();
    adam_row({weights.data() + at, n}, {gradient.data + at, n}, {mean_.data() + at, n}, {square_.data() + at, n}, step);
  });
}

void Adam::step_rows(Matrix& weights, MatrixView gradient, std::span<const std::uint32_t> touched, const Run& run) {
  const AdamStep step = next_step(options_, ++steps_);
  parallel_for(0, touched.size(), 4096, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k)
      adam_row(weights.row(touched[k]), gradient.row(touched[k]), mean_.row(touched[k]), square_.row(touched[k]), step);
  });
}

}  // namespace attune::train
