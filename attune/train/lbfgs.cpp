// L-BFGS: see the header.
#include "attune/train/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "attune/core/kernels.h"

namespace attune::train {
namespace {

constexpr std::size_t kRemembered = 8;      // pairs of L-BFGS
constexpr std::size_t kStretch = 1 << 16;   // of a long sum: each stretch in float, the stretches in double

struct Pair {
  Matrix step, change;
  double curve;   // 1 / (step . change)
};

// Turns a slope into minus the step of L-BFGS.
void towards_newton(const std::deque<Pair>& pairs, Matrix& direction) {
  std::vector<double> shares(pairs.size());
  for (std::size_t k = pairs.size(); k-- > 0;) {
    shares[k] = pairs[k].curve * inner(pairs[k].step.all(), direction.all());
    axpy(static_cast<float>(-shares[k]), pairs[k].change.all(), direction.all());
  }
  if (!pairs.empty()) {
    const Pair& last = pairs.back();
    const auto scale = static_cast<float>(1.0 / (last.curve * inner(last.change.all(), last.change.all())));
    for (float& x : direction.all()) x *= scale;
  }
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const double back = pairs[k].curve * inner(pairs[k].change.all(), direction.all());
    axpy(static_cast<float>(shares[k] - back), pairs[k].step.all(), direction.all());
  }
}

}  // namespace

double inner(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t at = 0; at < a.size(); at += kStretch) {
    const std::size_t n = std::min(kStretch, a.size() - at);
    sum += static_cast<double>(dot(a.subspan(at, n), b.subspan(at, n)));
  }
  return sum;
}

void minimise(const Objective& objective, Matrix& weights, int steps, std::string_view what, const Run& run) {
  Matrix slope(weights.rows(), weights.cols()), tried(weights.rows(), weights.cols()), next(weights.rows(), weights.cols());
  double loss = objective(weights, slope);
  const double first = std::sqrt(inner(slope.all(), slope.all()));
  std::deque<Pair> pairs;
  for (int step = 0; step < steps; ++step) {
    run.report(what, static_cast<std::size_t>(step), static_cast<std::size_t>(steps));
    Matrix direction = slope.clone();
    towards_newton(pairs, direction);
    double down = inner(direction.all(), slope.all());
    if (!(down > 0)) {   // rounding made it no way down: forget, and go along the slope
      pairs.clear();
      direction = slope.clone();
      down = inner(slope.all(), slope.all());
    }
    double length = pairs.empty() ? 1 / std::max(1e-12, std::sqrt(inner(slope.all(), slope.all()))) : 1, found = loss;
    for (int halving = 0; halving < 30; ++halving, length /= 2) {
      std::copy(weights.all().begin(), weights.all().end(), tried.all().begin());
      axpy(static_cast<float>(-length), direction.all(), tried.all());
      found = objective(tried, next);
      if (found <= loss - 1e-4 * length * down) break;
    }
    if (!(found < loss)) break;
    Pair pair{tried.clone(), next.clone(), 0};
    axpy(-1.0f, weights.all(), pair.step.all());
    axpy(-1.0f, slope.all(), pair.change.all());
    const double along = inner(pair.step.all(), pair.change.all());
    const bool is_done = std::sqrt(inner(next.all(), next.all())) < 1e-4 * std::max(first, 1e-12) || loss - found < 1e-7 * std::abs(found);
    std::swap(weights, tried);
    std::swap(slope, next);
    loss = found;
    if (is_done) break;
    if (along > 1e-12) {
      pair.curve = 1 / along;
      pairs.push_back(std::move(pair));
      if (pairs.size() > kRemembered) pairs.pop_front();
    }
  }
}

}  // namespace attune::train
