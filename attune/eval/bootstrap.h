// Bootstrap over users: percentile intervals of means. Source: Efron, 1979. Seeded; the same on any number of threads.
// Cost: n draws a resample and one matrix product for all columns together: 1000 resamples of 22,000 users, 0.3 s.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/progress.h"

namespace attune::eval {

struct Interval {
  double low = 0, high = 0;
};

// Means of resampled users: [resamples][columns], resample-major. A NaN is left out of its column's mean.
//   values  [n, columns] row-major
std::vector<double> bootstrap_means(std::span<const double> values, std::size_t columns, int resamples, const Run& run);

// The middle `confidence` share of each column of bootstrap_means.
std::vector<Interval> intervals(std::span<const double> means, std::size_t columns, double confidence);

// The q-quantile (0..1) of ascending numbers, linear between neighbours (numpy's default).
double quantile(std::span<const double> ascending, double q);

}  // namespace attune::eval
