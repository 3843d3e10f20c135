// Intervals: they cover what they should, shrink as they should and do not depend on how the work was cut up.
#include "attune/eval/bootstrap.h"

#include <cmath>
#include <limits>

#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune::eval {
namespace {

std::vector<double> coin_flips(std::size_t n, double chance, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> flips;
  for (std::size_t i = 0; i < n; ++i) flips.push_back(random.uniform() < chance ? 1 : 0);
  return flips;
}

Interval interval_of(const std::vector<double>& values, int resamples, std::uint64_t seed) {
  return intervals(bootstrap_means(values, 1, resamples, attune::Run{.seed = seed}), 1, 0.95)[0];
}

}  // namespace

TEST("quantiles lie between neighbours as numpy puts them") {
  const std::vector<double> xs = {1, 2, 4, 8, 16};
  EXPECT_DOUBLE_EQ(quantile(xs, 0.025), 1.1);  // numpy.quantile([1, 2, 4, 8, 16], [.025, .1, .5, .975])
  EXPECT_DOUBLE_EQ(quantile(xs, 0.1), 1.4);
  EXPECT_DOUBLE_EQ(quantile(xs, 0.5), 4);
  EXPECT_DOUBLE_EQ(quantile(xs, 0.975), 15.2);
  EXPECT_DOUBLE_EQ(quantile(xs, 1), 16);
}

TEST("the interval of 300 hits in 1000 is where the binomial puts it") {
  std::vector<double> values(1000, 0.0);
  std::fill(values.begin(), values.begin() + 300, 1.0);
  const Interval interval = interval_of(values, 4000, 1);
  EXPECT_NEAR(interval.low, 0.2716, 0.003);  // .3 -+ 1.96 sqrt(.3 .7 / 1000); scipy.stats.bootstrap: .272, .329
  EXPECT_NEAR(interval.high, 0.3284, 0.003);
}

TEST("95 of 100 intervals hold the truth") {
  int held = 0;
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    const Interval interval = interval_of(coin_flips(150, 0.3, 1000 + trial), 400, trial);
    held += interval.low <= 0.3 && 0.3 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 273);  // 285 expected, sd 3.8
  EXPECT_LE(held, 297);
}

TEST("the interval of values that are hardly ever above zero begins at zero itself, not a little beside it") {
  std::vector<double> values(600, 0.0);
  values[17] = 0.4307;
  values[390] = 0.6309;
  for (std::uint64_t seed = 0; seed < 20; ++seed) EXPECT_EQ(interval_of(values, 200, seed).low, 0.0);
}

TEST("the same seed draws the same resamples, another seed others") {
  const auto values = coin_flips(100, 0.5, 4);
  const auto a = bootstrap_means(values, 1, 50, attune::Run{.seed = 1, .threads = 1}), b = bootstrap_means(values, 1, 50, attune::Run{.seed = 1, .threads = 3}),
             c = bootstrap_means(values, 1, 50, attune::Run{.seed = 2});
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

TEST("neighbouring seeds share no resample") {
  const auto values = coin_flips(1000, 0.5, 4);
  const auto a = bootstrap_means(values, 1, 200, attune::Run{.seed = 1}), b = bootstrap_means(values, 1, 200, attune::Run{.seed = 2});
  int shared = 0;
  for (std::size_t i = 0; i + 1 < a.size(); ++i) shared += a[i + 1] == b[i] && a[i] == b[i] ? 1 : 0;
  EXPECT_LE(shared, 2);
  EXPECT_NE(std::vector<double>(a.begin() + 1, a.end()), std::vector<double>(b.begin(), b.end() - 1));
}

TEST("columns are resampled together, so a model against itself never differs") {
  std::vector<double> both;
  for (const double v : coin_flips(200, 0.4, 9)) both.insert(both.end(), {v, v});
  const auto means = bootstrap_means(both, 2, 100, attune::Run{.seed = 5});
  for (std::size_t b = 0; b < means.size(); b += 2) EXPECT_EQ(means[b], means[b + 1]);
}

TEST("users for whom a figure is not defined are left out of its mean, in every resample") {
  std::vector<double> values(400, 0.25);  // where it is defined it is always the same
  for (std::size_t i = 0; i < values.size(); i += 3) values[i] = std::numeric_limits<double>::quiet_NaN();
  for (const double mean : bootstrap_means(values, 1, 100, attune::Run{.seed = 5})) EXPECT_NEAR(mean, 0.25, 1e-12);
}

TEST("a figure nobody has stays undefined") {
  const std::vector<double> values(10, std::numeric_limits<double>::quiet_NaN());
  for (const double mean : bootstrap_means(values, 1, 5, attune::Run{.seed = 5})) EXPECT_TRUE(std::isnan(mean));
}

}  // namespace attune::eval
