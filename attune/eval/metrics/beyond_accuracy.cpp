// Beyond accuracy: what kind of items the lists hold. They look at the first K of the list as shown, so among items that
// score the same the one shown first counts.
// Sources: novelty: self-information (Zhou et al., PNAS 2010); intra-list diversity: Ziegler et al., WWW 2005; Gini and
// coverage: Herlocker et al., TOIS 2004; Adomavicius and Kwon, TKDE 2012.
#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "attune/eval/metric.h"

namespace attune::eval {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

std::span<const ItemId> first(const Judged& judged, int k) {
  return judged.list.first(std::min(judged.list.size(), static_cast<std::size_t>(k)));
}

double novelty(const Judged& judged, int k) {
  const auto list = first(judged, k);
  if (list.empty() || judged.backdrop == nullptr || judged.backdrop->information.empty()) return kUndefined;
  double sum = 0;
  for (const ItemId item : list) sum += judged.backdrop->information[to_index(item)];
  return sum / static_cast<double>(list.size());
}

// |sum of the unit vectors|^2, dense: O(K dim).
double squared_sum(std::span<const ItemId> list, const Matrix& vectors, std::span<const float> inverse_length) {
  std::vector<double> sum(vectors.cols(), 0.0);
  for (const ItemId item : list) {
    const double scale = inverse_length[to_index(item)];
    const auto row = vectors.row(to_index(item));
    for (std::size_t d = 0; d < row.size(); ++d) sum[d] += scale * row[d];
  }
  return std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0);
}
// The same for sparse rows: entries sorted by word, so no scratch as long as the vocabulary is needed.
double squared_sum(std::span<const ItemId> list, const Sparse& vectors, std::span<const float> inverse_length) {
  std::vector<std::pair<std::uint32_t, double>> entries;
  for (const ItemId item : list) {
    const auto words = vectors.row_indices(to_index(item));
    const auto values = vectors.row_values(to_index(item));
    for (std::size_t w = 0; w < words.size(); ++w) entries.emplace_back(words[w], values[w] * inverse_length[to_index(item)]);
  }
  std::sort(entries.begin(), entries.end());
  double total = 0;
  for (std::size_t a = 0; a < entries.size();) {
    double sum = 0;
    const std::uint32_t word = entries[a].first;
    for (; a < entries.size() && entries[a].first == word; ++a) sum += entries[a].second;
    total += sum * sum;
  }
  return total;
}

// 1 - mean cosine of the pairs of the list. The cosines need not be taken pair by pair: the square of the sum of unit
// vectors is their number plus twice the sum of the cosines. A pair with an item without a vector has cosine 0.
double diversity(const Judged& judged, int k) {
  const auto list = first(judged, k);
  if (list.size() < 2 || judged.backdrop == nullptr || judged.backdrop->vectors == nullptr) return kUndefined;
  const Backdrop& about = *judged.backdrop;
  const double square = about.vectors->is_sparse() ? squared_sum(list, about.vectors->sparse, about.inverse_length)
                                                   : squared_sum(list, about.vectors->dense, about.inverse_length);
  double with_vector = 0;
  for (const ItemId item : list) with_vector += about.inverse_length[to_index(item)] > 0 ? 1 : 0;
  const auto n = static_cast<double>(list.size());
  return 1 - (square - with_vector) / (n * (n - 1));
}

double coverage(const Shown& shown) {
  const auto used = std::count_if(shown.counts.begin(), shown.counts.end(), [](std::uint32_t n) { return n > 0; });
  return shown.counts.empty() ? 0 : static_cast<double>(used) / static_cast<double>(shown.counts.size());
}

// 0: every item is shown equally often; towards 1: one item takes all. Items never shown count.
double gini(const Shown& shown) {
  std::vector<std::uint32_t> counts(shown.counts.begin(), shown.counts.end());
  std::sort(counts.begin(), counts.end());
  const auto n = static_cast<double>(counts.size());
  double total = 0, weighted = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * counts[i];
  }
  return total > 0 ? weighted / (n * total) : 0;
}

}  // namespace

Measure metric_novelty() { return {.of_case = novelty}; }
Measure metric_diversity() { return {.of_case = diversity}; }
Measure metric_coverage() { return {.of_lists = coverage}; }
Measure metric_gini() { return {.of_lists = gini}; }

}  // namespace attune::eval
