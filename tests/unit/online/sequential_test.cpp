// Sequential test: hand figures, and that looking every day does not find what is not there.
#include "attune/online/sequential.h"

#include <cmath>

#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::online;

TEST("a tally has the mean and variance of its values") {
  Tally tally;
  for (const double x : {1.0, 2.0, 3.0, 6.0}) tally.add(x);
  EXPECT_EQ(tally.count(), 4u);
  EXPECT_DOUBLE_EQ(tally.mean(), 3);
  EXPECT_DOUBLE_EQ(tally.variance(), 14.0 / 3);
}

TEST("nothing is said of fewer than thirty users an arm") {
  Tally a, b;
  for (int n = 0; n < 29; ++n) a.add(n % 2), b.add(1 + n % 2);
  const Difference difference = compare(a, b, {});
  EXPECT_FALSE(difference.is_decided);
  EXPECT_TRUE(std::isinf(difference.low) && std::isinf(difference.high));
  EXPECT_EQ(difference.to_json().at("low").dump(), "null");
}

TEST("the interval holds exactly the truths whose likelihood ratio stays below one over alpha") {
  Tally a, b;
  Random random(1);
  for (int n = 0; n < 500; ++n) a.add(random.normal()), b.add(random.normal() + 0.2);
  const SequentialOptions options{.confidence = 0.95, .effect = 0.2};
  const Difference d = compare(a, b, options);
  const double v = (a.variance() + b.variance()) / 500, tau2 = 0.04 * (a.variance() + b.variance()) / 2;
  const auto ratio = [&](double truth) {
    const double off = d.value - truth;
    return std::sqrt(v / (v + tau2)) * std::exp(tau2 * off * off / (2 * v * (v + tau2)));
  };
  EXPECT_NEAR(ratio(d.low), 20, 1e-6);
  EXPECT_NEAR(ratio(d.high), 20, 1e-6);
  EXPECT_NEAR(1 / ratio(0), d.p, 1e-9);
  EXPECT_LT(d.low, d.fixed_low) << "the price of peeking";
  EXPECT_GT(d.high, d.fixed_high);
}

TEST("looking every fifty users finds a difference between equal arms in at most one of twenty experiments; a planned test peeked at does far more often") {
  int sequential = 0, peeked = 0;
  constexpr int kExperiments = 400;
  for (int e = 0; e < kExperiments; ++e) {
    Random random(static_cast<std::uint64_t>(e) + 7);
    Tally a, b;
    bool is_found = false, is_peeked = false;
    for (int n = 1; n <= 3000; ++n) {
      a.add(random.uniform() < 0.2 ? 1 : 0), b.add(random.uniform() < 0.2 ? 1 : 0);
      if (n % 50 != 0) continue;
      const Difference d = compare(a, b, {});
      is_found = is_found || d.is_decided;
      is_peeked = is_peeked || d.fixed_low > 0 || d.fixed_high < 0;
    }
    sequential += is_found, peeked += is_peeked;
  }
  EXPECT_LE(sequential, kExperiments / 20);
  EXPECT_GT(peeked, kExperiments / 5);
}

TEST("a true difference of a tenth of a deviation is found, and the interval holds it") {
  int found = 0, held = 0;
  for (int e = 0; e < 50; ++e) {
    Random random(static_cast<std::uint64_t>(e) + 1000);
    Tally a, b;
    for (int n = 0; n < 6000; ++n) a.add(random.normal()), b.add(random.normal() + 0.1);
    const Difference d = compare(a, b, {});
    found += d.low > 0, held += d.low <= 0.1 && d.high >= 0.1;
  }
  EXPECT_GE(found, 45);
  EXPECT_GE(held, 47);
}

TEST("arms that do not have their shares are noticed") {
  EXPECT_GT(sample_ratio_p(5030, 4970, 0.5), 0.1);
  EXPECT_LT(sample_ratio_p(5300, 4700, 0.5), 0.001);
  EXPECT_EQ(sample_ratio_p(0, 0, 0.5), 1);
}
