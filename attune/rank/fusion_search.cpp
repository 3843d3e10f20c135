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

// A source that counts tries these factors, one that does not these shares of what all the others weigh together: models whose
// scores have a few high peaks need a twentieth of the weight of those whose scores are spread.
constexpr float kSteps[] = {0.0f, 0.4f, 0.65f, 0.85f, 1.2f, 1.6f, 2.5f};
constexpr float kShares[] = {0.01f, 0.03f, 0.1f, 0.3f, 1.0f, 3.0f};
constexpr double kStepTooSmall = 5e-5;
constexpr int kRounds = 4;
constexpr float kFactors[] = {0.0f, 0.4f, 0.6f, 0.8f, 1.25f, 1.6f, 2.5f};   // what a source weighs in one segment of items, against the whole

double gain_of(const ScoredCase& c, std::span<const float> fused) {
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

double ndcg_of(const ScoredCase& c, const Cells& cells) {
  std::vector<float> fused(c.z.cols(), 0.0f);
  for (std::size_t i = 0; i < kItemSegments; ++i) {
    const std::size_t from = c.begins[i], count = c.begins[i + 1] - from;
    for (std::size_t s = 0; s < cells[i].size() && count > 0; ++s)
      if (cells[i][s] != 0) axpy(cells[i][s], c.z.row(s).subspan(from, count), std::span(fused).subspan(from, count));
  }
  return gain_of(c, fused);
}

// Mean NDCG of `weights` with source `at` weighing each of `tried` instead: the others are summed once for all.
std::vector<double> try_weights(const Members& cases, const Weights& weights, std::size_t at, std::span<const float> tried, const Run& run) {
  Matrix each(cases.size(), tried.size());
  parallel_for(0, cases.size(), 64, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> others, fused;
    for (std::size_t i = first; i < last; ++i) {
      const ScoredCase& c = *cases[i];
      others.assign(c.z.cols(), 0.0f);
      for (std::size_t s = 0; s < weights.size(); ++s)
        if (s != at && weights[s] != 0) axpy(weights[s], c.z.row(s), others);
      for (std::size_t t = 0; t < tried.size(); ++t) {
        fused = others;
        axpy(tried[t], c.z.row(at), fused);
        each(i, t) = static_cast<float>(gain_of(c, fused));
      }
    }
  });
  std::vector<double> means(tried.size(), 0.0);
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (std::size_t t = 0; t < tried.size(); ++t) means[t] += each(i, t) / static_cast<double>(cases.size());
  return means;
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

double search(const Members& cases, Weights& weights, const Run& run) {
  double best = mean_ndcg(cases, everywhere(weights), run);
  for (int round = 0; round < kRounds; ++round) {
    const double before = best;
    for (std::size_t s = 0; s < weights.size(); ++s) {
      const float now = weights[s], all = std::accumulate(weights.begin(), weights.end(), 0.0f);
      const bool is_alone = now > 0 && all - now <= 0;
      Weights tried;
      for (const float factor : now > 0 ? std::span<const float>(kSteps) : std::span<const float>(kShares))
        if (factor > 0 || !is_alone) tried.push_back(factor * (now > 0 ? now : all));
      const std::vector<double> ndcg = try_weights(cases, weights, s, tried, run);
      const std::size_t better = static_cast<std::size_t>(std::max_element(ndcg.begin(), ndcg.end()) - ndcg.begin());
      if (ndcg[better] <= best + kStepTooSmall) continue;
      best = ndcg[better];
      weights[s] = tried[better];
    }
    if (best <= before + kTooSmall) break;
  }
  return best;
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
