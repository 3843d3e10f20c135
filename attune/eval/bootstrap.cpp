// Bootstrap: each resample is a row of how often each user was drawn; rows x values in one product for all columns.
// The values are centred first, so that 32-bit sums lose nothing that shows in an interval.
#include "attune/eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/error.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/matrix.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"

namespace attune::eval {
namespace {

constexpr std::size_t kBlock = 64;  // resamples in memory at a time: 64 x users floats

struct Centred {
  Matrix values;              // [n, columns] value - mean, 0 where not defined
  Matrix defined;             // [n, columns] 1 or 0; empty when everything is defined
  std::vector<double> means;  // [columns]
  std::vector<double> least, most;  // [columns]
};

Centred centre(std::span<const double> values, std::size_t n, std::size_t columns) {
  Centred c{Matrix(n, columns), {}, std::vector<double>(columns, 0.0), std::vector<double>(columns, INFINITY), std::vector<double>(columns, -INFINITY)};
  std::vector<std::size_t> counts(columns, 0);
  for (std::size_t u = 0; u < n; ++u)
    for (std::size_t m = 0; m < columns; ++m) {
      const double v = values[u * columns + m];
      if (std::isnan(v)) continue;
      c.means[m] += v;
      c.least[m] = std::min(c.least[m], v);
      c.most[m] = std::max(c.most[m], v);
      ++counts[m];
    }
  bool all = true;
  for (std::size_t m = 0; m < columns; ++m) {
    all = all && counts[m] == n;
    if (counts[m] > 0) c.means[m] /= static_cast<double>(counts[m]);
  }
  if (!all) c.defined = Matrix(n, columns);
  for (std::size_t u = 0; u < n; ++u)
    for (std::size_t m = 0; m < columns; ++m) {
      const double v = values[u * columns + m];
      if (std::isnan(v)) continue;
      c.values(u, m) = static_cast<float>(v - c.means[m]);
      if (!all) c.defined(u, m) = 1;
    }
  return c;
}

// How often each of n users is drawn in n draws with replacement, for resamples first .. first + draws.rows - 1.
void draw(Matrix& draws, std::size_t first, std::size_t n, const Run& run) {
  parallel_for(0, draws.rows(), 4, run, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      auto row = draws.row(b);
      std::fill(row.begin(), row.end(), 0.0f);
      Random random(run.seed * 0x9e3779b97f4a7c15u + first + b);
      for (std::size_t i = 0; i < n; ++i) row[random.below(n)] += 1;
    }
  });
}

// A mean lies between the least and the largest value. Sums in float miss an end by some 1e-7 of the span: what is that near is the end.
double within(double mean, double least, double most) {
  const double near = 1e-6 * (most - least);
  return mean < least + near ? least : mean > most - near ? most : mean;
}

}  // namespace

std::vector<double> bootstrap_means(std::span<const double> values, std::size_t columns, int resamples, const Run& run) {
  if (columns == 0 || resamples <= 0 || values.empty()) return {};
  ATTUNE_ASSERT(values.size() % columns == 0, "values are rows of `columns` numbers");
  const std::size_t n = values.size() / columns, total = static_cast<std::size_t>(resamples);
  const Centred centred = centre(values, n, columns);
  std::vector<double> means(total * columns);
  for (std::size_t first = 0; first < total; first += kBlock) {
    Matrix draws(std::min(kBlock, total - first), n);
    draw(draws, first, n, run);
    const Matrix sums = multiply(draws, centred.values);
    const Matrix counts = centred.defined.empty() ? Matrix() : multiply(draws, centred.defined);
    for (std::size_t b = 0; b < draws.rows(); ++b)
      for (std::size_t m = 0; m < columns; ++m) {
        const double count = counts.empty() ? static_cast<double>(n) : counts(b, m);
        means[(first + b) * columns + m] =
            count > 0 ? within(centred.means[m] + sums(b, m) / count, centred.least[m], centred.most[m]) : std::numeric_limits<double>::quiet_NaN();
      }
  }
  return means;
}

std::vector<Interval> intervals(std::span<const double> means, std::size_t columns, double confidence) {
  std::vector<Interval> list(columns);
  for (std::size_t m = 0; m < columns; ++m) {
    std::vector<double> column;
    for (std::size_t b = m; b < means.size(); b += columns)
      if (!std::isnan(means[b])) column.push_back(means[b]);
    std::sort(column.begin(), column.end());
    if (!column.empty()) list[m] = {quantile(column, (1 - confidence) / 2), quantile(column, (1 + confidence) / 2)};
  }
  return list;
}

double quantile(std::span<const double> ascending, double q) {
  ATTUNE_ASSERT(!ascending.empty(), "no numbers have no quantile");
  const double at = q * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= ascending.size()) return ascending.back();
  return ascending[below] + (at - static_cast<double>(below)) * (ascending[below + 1] - ascending[below]);
}

}  // namespace attune::eval
