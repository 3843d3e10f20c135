// Fusion search: a trial is one weighted sum a case and a count of what stands above the targets.
#include "attune/rank/fusion_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"

namespace attune::rank {
namespace {

constexpr float kGrid[] = {0.0f, 0.05f, 0.1f, 0.2f, 0.4f, 0.7f, 1.0f, 1.5f, 2.5f, 4.0f};
constexpr float kFactors[] = {0.0f, 0.4f, 0.6f, 0.8f, 1.25f, 1.6f, 2.5f};   // what a source weighs in one segment of items, against the whole

double ndcg_of(const ScoredCase& c, const Cells& cells) {
  std::vector<float> fused(c.z.cols(), 0.0f);
  for (std::size_t i = 0; i < kItemSegments; ++i) {
    const std::size_t from = c.begins[i], count = c.begins[i + 1] - from;
    for (std::size_t s = 0; s < cells[i].size() && count > 0; ++s)
      if (cells[i][s] != 0) axpy(cells[i][s], c.z.row(s).subspan(from, count), std::span(fused).subspan(from, count));
  }
  double gain = 0, ideal = 0;
  for (std::size_t t = 0; t < c.targets.size() + c.missed; ++t)
    if (t < 10) ideal += 1 / std::log2(static_cast<double>(t) + 2);
  for (const std::size_t target : c.targets) {
    const Above above = count_above(fused, fused[target]);
    const double place = 1 + static_cast<double>(above.greater) + static_cast<double>(above.equal - 1) / 2;
    if (place <= 10) gain += 1 / std::log2(place + 1);
  }
  return ideal > 0 ? gain / ideal : 0;
}

}  // namespace

double mean_ndcg(const Members& cases, const Cells& cells, const Run& run) {
  std::vector<double> each(cases.size());
  parallel_for(0, cases.size(), 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) each[i] = ndcg_of(*cases[i], cells);
  });
  return cases.empty() ? 0 : std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(each.size());
}

Cells everywhere(const Weights& weights) { return {weights, weights, weights}; }
bool is_nothing(const Weights& weights) {
  return std::all_of(weights.begin(), weights.end(), [](float w) { return w == 0; });
}

void search(const Members& cases, Weights& weights, const Run& run) {
  double best = mean_ndcg(cases, everywhere(weights), run);
  for (int round = 0; round < 3; ++round) {
    const double before = best;
    for (std::size_t s = 0; s < weights.size(); ++s)
      for (const float candidate : kGrid) {
        Weights trial = weights;
        trial[s] = candidate;
        if (candidate == weights[s] || is_nothing(trial)) continue;
        const double ndcg = mean_ndcg(cases, everywhere(trial), run);
        if (ndcg <= best + kTooSmall) continue;
        best = ndcg;
        weights = std::move(trial);
      }
    if (best <= before) break;
  }
}

void search_items(const Members& cases, Cells& cells, std::size_t segment, const Run& run) {
  double best = mean_ndcg(cases, cells, run);
  for (std::size_t s = 0; s <= cells[segment].size(); ++s) {
    const Weights start = cells[segment];
    for (const float factor : kFactors) {
      Cells trial = cells;
      trial[segment] = start;
      for (std::size_t each = 0; each < start.size(); ++each)
        if (each == s || s == start.size()) trial[segment][each] *= factor;
      if (is_nothing(trial[segment])) continue;
      const double ndcg = mean_ndcg(cases, trial, run);
      if (ndcg <= best + kTooSmall) continue;
      best = ndcg;
      cells = std::move(trial);
    }
  }
}

}  // namespace attune::rank
