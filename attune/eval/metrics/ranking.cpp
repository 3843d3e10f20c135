// Ranking metrics: how well the targets stand. Conventions and who shares them: methods as in RecBole, LightGCN (recall),
// Mult-VAE (recall_capped), recommenders (map_r), trec_eval (mrr_full, map_full). Cost: O(targets) a case.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "attune/eval/metric.h"

namespace attune::eval {
namespace {

// A place between two ranks (a tie) counts for its own worth: in the first K only when it is K or less.
std::size_t hits(const Judged& judged, int k) {
  const auto end = std::upper_bound(judged.places.begin(), judged.places.end(), static_cast<double>(k));
  return static_cast<std::size_t>(end - judged.places.begin());
}
double count(std::size_t n) { return static_cast<double>(n); }

double precision(const Judged& judged, int k) { return count(hits(judged, k)) / k; }
double recall(const Judged& judged, int k) { return count(hits(judged, k)) / count(judged.targets); }
double recall_capped(const Judged& judged, int k) {
  return count(hits(judged, k)) / std::min<double>(k, count(judged.targets));
}
double f1(const Judged& judged, int k) {  // 2PR / (P + R) with P = h / K, R = h / |R|
  return 2 * count(hits(judged, k)) / (k + count(judged.targets));
}
double hit_rate(const Judged& judged, int k) { return hits(judged, k) > 0 ? 1 : 0; }

double ndcg(const Judged& judged, int k) {
  double gain = 0, ideal = 0;
  const std::size_t found = hits(judged, k);
  for (std::size_t j = 0; j < found; ++j) gain += 1 / std::log2(judged.places[j] + 1);
  const std::size_t best = std::min<std::size_t>(static_cast<std::size_t>(k), judged.targets);
  for (std::size_t j = 0; j < best; ++j) ideal += 1 / std::log2(count(j) + 2);
  return gain / ideal;
}

double first_place(const Judged& judged) { return judged.places.empty() ? 0 : 1 / judged.places[0]; }
double mrr(const Judged& judged, int k) { return hits(judged, k) > 0 ? first_place(judged) : 0; }
double mrr_full(const Judged& judged, int) { return first_place(judged); }

// Sum over the first `found` targets of the precision at their place.
double precision_sum(const Judged& judged, std::size_t found) {
  double sum = 0;
  for (std::size_t j = 0; j < found; ++j) sum += count(j + 1) / judged.places[j];
  return sum;
}
double map(const Judged& judged, int k) {
  return precision_sum(judged, hits(judged, k)) / std::min<double>(k, count(judged.targets));
}
double map_r(const Judged& judged, int k) { return precision_sum(judged, hits(judged, k)) / count(judged.targets); }
double map_full(const Judged& judged, int) { return precision_sum(judged, judged.places.size()) / count(judged.targets); }

// The chance that a random target stands above a random other candidate, a tie counting half.
double auc(const Judged& judged, int) {
  if (judged.candidates <= judged.places.size()) return std::numeric_limits<double>::quiet_NaN();  // a list with an end, or nothing else to rank
  const double others = count(judged.candidates - judged.places.size());
  double above = count(judged.targets - judged.places.size()) * others;  // pairs in which the other item comes first; what is nowhere is last
  for (std::size_t j = 0; j < judged.places.size(); ++j) above += judged.places[j] - count(j + 1);
  return 1 - above / (count(judged.targets) * others);
}

}  // namespace

Measure metric_precision() { return {.of_case = precision}; }
Measure metric_recall() { return {.of_case = recall}; }
Measure metric_recall_capped() { return {.of_case = recall_capped}; }
Measure metric_f1() { return {.of_case = f1}; }
Measure metric_hr() { return {.of_case = hit_rate}; }
Measure metric_ndcg() { return {.of_case = ndcg}; }
Measure metric_mrr() { return {.of_case = mrr}; }
Measure metric_mrr_full() { return {.at_k = false, .of_case = mrr_full}; }
Measure metric_map() { return {.of_case = map}; }
Measure metric_map_r() { return {.of_case = map_r}; }
Measure metric_map_full() { return {.at_k = false, .of_case = map_full}; }
Measure metric_auc() { return {.at_k = false, .of_case = auc}; }

}  // namespace attune::eval
