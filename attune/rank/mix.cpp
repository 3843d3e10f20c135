// Mix: the weights of one request and the sum they make. Cost: nothing beside the scores themselves.
#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/error.h"
#include "attune/rank/scores.h"

namespace attune::rank {

bool Mix::uses(std::size_t source) const {
  return std::any_of(weights.begin(), weights.end(), [&](const std::vector<double>& cell) { return cell[source] > 0; });
}

Mix mix_for(const World& world, const Request& request, const ModelHistory& history) {
  const std::size_t n = world.sources.size();
  ATTUNE_ASSERT(world.weights.sources.size() == n, "the world's fusion weights are of its sources");
  Mix mix;
  const std::size_t h = history_segment(history.places);
  for (std::size_t i = 0; i < kItemSegments; ++i) {
    std::vector<double>& cell = mix.weights[i];
    cell.assign(world.weights.table[h][i].begin(), world.weights.table[h][i].end());
    if (request.weights.empty()) continue;
    std::vector<double> factors(n, 1.0);
    double sum = 0, factor_sum = 0;
    for (std::size_t s = 0; s < n; ++s) {
      if (const auto it = request.weights.find(world.sources[s].name); it != request.weights.end()) factors[s] = std::max(it->second, 0.0f);
      cell[s] *= factors[s];
      sum += cell[s];
      factor_sum += factors[s];
    }
    if (sum == 0) {  // only models were asked for that learning gave no weight
      cell = factors;
      sum = factor_sum;
    }
    for (double& w : cell) w = sum > 0 ? w / sum : 0;
  }
  return mix;
}

void item_weights(const Mix& mix, std::size_t segment, std::span<const float> raw, std::span<double> out) {
  const std::vector<double>& cell = mix.weights[segment];
  double all = 0, can = 0;
  for (std::size_t s = 0; s < cell.size(); ++s) {
    all += cell[s];
    if (!std::isnan(raw[s])) can += cell[s];
  }
  for (std::size_t s = 0; s < cell.size(); ++s) {
    if (std::isnan(raw[s]) || can == 0) out[s] = 0;
    else out[s] = can == all ? cell[s] : cell[s] * (all / can);
  }
}

double fused_score(const Mix& mix, std::size_t segment, std::span<const float> raw, std::span<const Scale> scales) {
  std::array<double, 16> few;   // no allocation for as many models as anybody fits
  std::vector<double> many(raw.size() > few.size() ? raw.size() : 0);
  const std::span<double> weights = many.empty() ? std::span(few).first(raw.size()) : std::span(many);
  item_weights(mix, segment, raw, weights);
  double sum = 0;
  bool any = false;
  for (std::size_t s = 0; s < raw.size(); ++s) {
    if (std::isnan(raw[s])) continue;
    any = any || mix.uses(s);
    if (weights[s] == 0 || scales[s].sd == 0) continue;
    sum += weights[s] / scales[s].sd * (static_cast<double>(raw[s]) - scales[s].mean);
  }
  return any ? sum : std::numeric_limits<double>::quiet_NaN();
}

Scale scale_of(std::span<const float> scores) {
  if (scores.empty()) return {0, 0};
  constexpr std::size_t kLanes = 8;   // sums side by side, for the compiler to vectorise
  std::array<double, kLanes> sums{}, squares{};
  const std::size_t whole = scores.size() / kLanes * kLanes;
  const double pivot = scores[0];     // squares of differences: no digits lost to a large mean
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t l = 0; l < kLanes; ++l) {
      const double d = static_cast<double>(scores[i + l]) - pivot;
      sums[l] += d;
      squares[l] += d * d;
    }
  for (std::size_t i = whole; i < scores.size(); ++i) {
    const double d = static_cast<double>(scores[i]) - pivot;
    sums[0] += d;
    squares[0] += d * d;
  }
  double sum = 0, square = 0;
  for (std::size_t l = 0; l < kLanes; ++l) {
    sum += sums[l];
    square += squares[l];
  }
  const double n = static_cast<double>(scores.size()), mean = sum / n;
  const double sd = std::sqrt(std::max(square / n - mean * mean, 0.0));
  return {pivot + mean, sd <= 1e-6 * std::abs(pivot + mean) ? 0 : sd};
}

}  // namespace attune::rank
