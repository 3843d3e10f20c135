// Set fusion: coordinate search over one weight a model.
#include "bench/offline/set_fusion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "attune/core/matrix.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/top_k.h"

namespace attune::bench {
namespace {

// (score - mean) / sd over the items that are not seen; a model that says nothing of a case gives zeros.
void standardise(std::span<float> scores, std::span<const ItemId> seen) {
  double sum = 0, squares = 0;
  for (const float s : scores) sum += s, squares += static_cast<double>(s) * s;
  for (const ItemId item : seen) {
    const double s = scores[to_index(item)];
    sum -= s, squares -= s * s;
  }
  const double n = static_cast<double>(std::max<std::size_t>(scores.size() - std::min(seen.size(), scores.size()), 1));
  const double mean = sum / n, sd = std::sqrt(std::max(squares / n - mean * mean, 0.0));
  const float shift = static_cast<float>(mean), scale = sd > 1e-12 ? static_cast<float>(1 / sd) : 0;
  for (float& s : scores) s = (s - shift) * scale;
}

struct Kept {
  Matrix z;                   // [models, items kept]; the targets first
  std::size_t targets = 0;
};

Kept keep(const Models& models, const data::Case& asked, std::size_t items, std::size_t depth) {
  Matrix all(models.size(), items);
  std::vector<ItemId> kept = asked.targets;
  std::vector<ItemId> found;
  for (std::size_t m = 0; m < models.size(); ++m) {
    models[m]->score_all({.history = asked.input, .exclude = asked.seen, .user = asked.user}, all.row(m));
    standardise(all.row(m), asked.seen);
    for (const Scored& hit : top_k(all.row(m), depth, asked.seen)) found.push_back(hit.item);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const ItemId item : found)
    if (std::find(asked.targets.begin(), asked.targets.end(), item) == asked.targets.end()) kept.push_back(item);
  Kept one{.z = Matrix(models.size(), kept.size()), .targets = asked.targets.size()};
  for (std::size_t m = 0; m < models.size(); ++m)
    for (std::size_t n = 0; n < kept.size(); ++n) one.z(m, n) = all(m, to_index(kept[n]));
  return one;
}

double ndcg_of(const Kept& one, std::span<const double> weights, int k, std::vector<float>& sums) {
  sums.assign(one.z.cols(), 0.0f);
  for (std::size_t m = 0; m < weights.size(); ++m) {
    const float w = static_cast<float>(weights[m]);
    if (w == 0) continue;
    const auto row = one.z.row(m);
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += w * row[n];
  }
  const std::size_t cut = std::min(static_cast<std::size_t>(k), sums.size());
  std::vector<float> best(sums);
  std::nth_element(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(cut - 1), best.end(), std::greater<>());
  std::sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(cut), std::greater<>());
  double gain = 0, ideal = 0;
  for (std::size_t t = 0; t < one.targets; ++t) {
    if (sums[t] < best[cut - 1]) continue;
    const auto last = std::upper_bound(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(cut), sums[t], std::greater<>());  // behind its equals
    gain += 1 / std::log2(static_cast<double>(last - best.begin()) + 1);
  }
  for (std::size_t n = 0; n < std::min(one.targets, static_cast<std::size_t>(k)); ++n) ideal += 1 / std::log2(static_cast<double>(n) + 2);
  return gain / ideal;
}

double mean_ndcg(const std::vector<Kept>& cases, std::span<const double> weights, int k, const Run& run) {
  std::vector<double> each(cases.size());
  parallel_for(0, cases.size(), 128, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> sums;
    for (std::size_t c = first; c < last; ++c) each[c] = ndcg_of(cases[c], weights, k, sums);
  });
  return std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(std::max<std::size_t>(each.size(), 1));
}

constexpr double kNothing = 1e-5;  // gains below are not followed

// One weight at a time, wide steps first, until nothing helps.
void climb(const std::vector<Kept>& cases, int k, std::vector<double>& weights, double& ndcg, const Run& run) {
  for (double step : {2.0, 1.4, 1.15})
    for (bool is_better = true; is_better;) {
      is_better = false;
      for (std::size_t m = 0; m < weights.size(); ++m) {
        const double now = weights[m];
        std::vector<double> tried = {now * step, now / step, 0};
        if (now == 0) tried = {0.05, 0.15, 0.4, -0.1};
        for (const double w : tried) {
          std::vector<double> other = weights;
          other[m] = w;
          if (std::all_of(other.begin(), other.end(), [](double x) { return x == 0; })) continue;
          const double reached = mean_ndcg(cases, other, k, run);
          if (reached <= ndcg + kNothing) continue;
          ndcg = reached;
          weights = other;
          is_better = true;
        }
      }
    }
}

}  // namespace

Fusion learn(const Models& models, const data::Split& split, int k, std::size_t depth, std::size_t most_cases, const Run& run) {
  std::vector<std::size_t> chosen(split.cases.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  Random random(run.seed);
  random.shuffle(std::span(chosen));
  chosen.resize(std::min(chosen.size(), most_cases));
  std::vector<Kept> cases(chosen.size());
  parallel_for(0, cases.size(), 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t c = first; c < last; ++c) cases[c] = keep(models, split.cases[chosen[c]], split.train->item_count(), depth);
  });
  Fusion fusion;
  for (std::size_t m = 0; m < models.size(); ++m) {
    std::vector<double> one(models.size(), 0.0);
    one[m] = 1;
    fusion.alone.push_back(mean_ndcg(cases, one, k, run));
    if (fusion.alone[m] <= fusion.ndcg) continue;
    fusion.ndcg = fusion.alone[m];
    fusion.weights = one;
  }
  const std::vector<double> equal(models.size(), 1.0);
  if (fusion.weights.empty()) fusion.weights = equal;
  climb(cases, k, fusion.weights, fusion.ndcg, run);
  Fusion other{.weights = equal, .ndcg = mean_ndcg(cases, equal, k, run)};  // from all of them: other heights are reached
  climb(cases, k, other.weights, other.ndcg, run);
  if (other.ndcg > fusion.ndcg + kNothing) {
    fusion.weights = other.weights;
    fusion.ndcg = other.ndcg;
  }
  return fusion;
}

eval::ScoreFn fused(Models models, std::vector<double> weights) {
  return [models = std::move(models), weights = std::move(weights)](const data::Case& asked, std::span<float> out) {
    std::vector<float> scores(out.size());
    std::fill(out.begin(), out.end(), 0.0f);
    for (std::size_t m = 0; m < models.size(); ++m) {
      if (weights[m] == 0) continue;
      models[m]->score_all({.history = asked.input, .exclude = asked.seen, .user = asked.user}, scores);
      standardise(scores, asked.seen);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += static_cast<float>(weights[m]) * scores[i];
    }
  };
}

}  // namespace attune::bench
