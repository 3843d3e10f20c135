// Hopeless: see the header.
#include "attune/eval/hopeless.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/core.h>

namespace attune::eval {
namespace {

constexpr std::size_t kTrialsForMedian = 4, kFirstSteps = 2;
constexpr double kErrors = 3;        // standard errors below the best: hopeless

// The best value of a curve up to a step.
std::optional<double> best_until(const Curve& curve, std::size_t step) {
  std::optional<double> best;
  bool reaches = false;
  for (const auto& [at, value] : curve) {
    reaches = reaches || at >= step;
    if (at <= step && std::isfinite(value) && (!best || value > *best)) best = value;
  }
  return reaches ? best : std::nullopt;
}

}  // namespace

Figure pooled(const std::vector<Figure>& parts) {
  if (parts.size() == 1) return parts[0];
  Figure all{.name = parts[0].name};
  double sum = 0, square = 0;
  for (const Figure& part : parts) {
    const double n = static_cast<double>(part.n);
    all.n += part.n;
    sum += n * part.mean;
    square += n * (part.sd * part.sd + part.mean * part.mean);
  }
  const double n = static_cast<double>(std::max<std::size_t>(all.n, 1));
  all.mean = sum / n;
  all.sd = std::sqrt(std::max(square / n - all.mean * all.mean, 0.0));
  const double half = 1.959964 * all.sd / std::sqrt(n);
  all.low = all.mean - half;
  all.high = all.mean + half;
  all.has_interval = half > 0;
  return all;
}

void check_curve(const std::string& series, const Curve& curve, std::span<const Trial> others) {
  if (series.find('@') == std::string::npos || curve.size() <= kFirstSteps) return;
  const std::size_t step = curve.back().first;
  const auto mine = best_until(curve, step);
  if (!mine) return;
  std::vector<double> bests;
  for (const Trial& other : others) {
    const auto found = other.curves.find(series);
    if (found == other.curves.end() || other.share != 1) continue;
    if (const auto best = best_until(found->second, step)) bests.push_back(*best);
  }
  if (bests.size() < kTrialsForMedian) return;
  const auto middle = bests.begin() + static_cast<std::ptrdiff_t>(bests.size() / 2);
  std::nth_element(bests.begin(), middle, bests.end());
  if (*mine < *middle) throw Hopeless(fmt::format("given up at step {}: {} {:.4g}, the median of {} trials there is {:.4g}", step, series, *mine, bests.size(), *middle));
}

void check_parts(const std::vector<Figure>& mine, const Trial* best) {
  if (best == nullptr || best->parts.size() <= mine.size()) return;
  const Figure a = pooled(mine), b = pooled({best->parts.begin(), best->parts.begin() + static_cast<std::ptrdiff_t>(mine.size())});
  const double n = static_cast<double>(std::max<std::size_t>(a.n, 1)), error = std::sqrt((a.sd * a.sd + b.sd * b.sd) / n);
  if (a.mean + kErrors * error < b.mean)
    throw Hopeless(fmt::format("given up after {} of {} folds: {:.4g}, the best has {:.4g} there", mine.size(), best->parts.size(), a.mean, b.mean));
}

}  // namespace attune::eval
