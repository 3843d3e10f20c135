// Figures from ranked cases.
#include "attune/eval/measured.h"

#include <algorithm>
#include <cmath>

#include "attune/core/parallel.h"
#include "attune/eval/bootstrap.h"

namespace attune::eval {

std::vector<Asked> asked_for(const EvalOptions& options) {
  if (options.ks.empty()) throw Error(Code::bad_request, "expected at least one cut-off K, got none");
  for (const int k : options.ks)
    if (k < 1) throw Error(Code::bad_request, "expected cut-offs of 1 or more, got " + std::to_string(k));
  std::vector<const Metric*> chosen;
  for (const std::string& name : options.metrics) chosen.push_back(&metric_named(name));
  if (chosen.empty())
    for (const Metric& metric : metrics()) chosen.push_back(&metric);
  std::vector<Asked> asked;
  for (const Metric* metric : chosen) {
    if (metric->measure.at_k)
      for (const int k : options.ks) asked.push_back({metric, k, std::string(metric->name) + "@" + std::to_string(k)});
    else asked.push_back({metric, 0, std::string(metric->name)});
  }
  return asked;
}

Backdrop backdrop_of(const data::Dataset& train, const data::ItemFeatures* vectors) {
  Backdrop backdrop{.vectors = vectors, .items = train.item_count()};
  double users = 0;
  for (std::size_t u = 0; u < train.user_count(); ++u) users += train.interactions().row_size(u) > 0 ? 1 : 0;
  for (const std::uint32_t took : train.popularity())
    backdrop.information.push_back(static_cast<float>(std::log2(std::max(users, 1.0) / std::max(took, 1u))));
  if (vectors == nullptr) return backdrop;
  const std::size_t rows = vectors->is_sparse() ? vectors->sparse.rows : vectors->dense.rows();
  if (rows != backdrop.items)
    throw Error(Code::bad_request, "expected a vector for each of " + std::to_string(backdrop.items) + " items, got " + std::to_string(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    double square = 0;
    for (const float v : vectors->is_sparse() ? vectors->sparse.row_values(i) : vectors->dense.row(i)) square += double{v} * v;
    backdrop.inverse_length.push_back(square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0.0f);
  }
  return backdrop;
}

std::vector<double> values_of(const Ranked& ranked, std::span<const Asked> asked, const Backdrop& backdrop, const Run& run) {
  std::vector<double> values(ranked.cases.size() * asked.size());
  parallel_for(0, ranked.cases.size(), 256, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t c = first; c < last; ++c) {
      const RankedCase& one = ranked.cases[c];
      const std::vector<double> places = expected_places(one.places);
      const Judged judged{places, one.places.size(), one.candidates, one.list, &backdrop};
      for (std::size_t m = 0; m < asked.size(); ++m)
        values[c * asked.size() + m] = asked[m].metric->measure.of_case(judged, asked[m].k);
    }
  });
  return values;
}

std::vector<Figure> figures_of(std::span<const double> values, std::span<const Asked> asked, const EvalOptions& options, const Run& run) {
  const std::size_t columns = asked.size(), rows = columns == 0 ? 0 : values.size() / columns;
  std::vector<Figure> figures(columns);
  for (std::size_t m = 0; m < columns; ++m) {
    Figure& figure = figures[m];
    figure.name = asked[m].name;
    double sum = 0, squares = 0;
    for (std::size_t r = 0; r < rows; ++r)
      if (const double v = values[r * columns + m]; !std::isnan(v)) {
        sum += v;
        ++figure.n;
      }
    if (figure.n == 0) continue;
    figure.mean = sum / static_cast<double>(figure.n);
    for (std::size_t r = 0; r < rows; ++r)
      if (const double v = values[r * columns + m]; !std::isnan(v)) squares += (v - figure.mean) * (v - figure.mean);
    figure.sd = figure.n > 1 ? std::sqrt(squares / static_cast<double>(figure.n - 1)) : 0;
    figure.low = figure.high = figure.mean;
  }
  if (options.bootstrap <= 0 || rows < 2) return figures;
  const auto ends = intervals(bootstrap_means(values, columns, options.bootstrap, run), columns, options.confidence);
  for (std::size_t m = 0; m < columns; ++m) {
    if (figures[m].n < 2) continue;
    figures[m].low = ends[m].low;
    figures[m].high = ends[m].high;
    figures[m].has_interval = true;
  }
  return figures;
}

std::vector<Figure> list_figures_of(const Ranked& ranked, std::span<const Asked> asked, std::size_t items) {
  std::vector<Figure> figures;
  for (const Asked& one : asked) {
    std::vector<std::uint32_t> counts(items, 0);
    for (const RankedCase& judged : ranked.cases)
      for (std::size_t r = 0; r < std::min(judged.list.size(), static_cast<std::size_t>(one.k)); ++r) ++counts[to_index(judged.list[r])];
    const double value = one.metric->measure.of_lists({counts, one.k});
    figures.push_back({.name = one.name, .mean = value, .low = value, .high = value, .n = ranked.cases.size()});
  }
  return figures;
}

}  // namespace attune::eval
