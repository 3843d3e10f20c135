#include "attune/train/row_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "attune/core/random.h"

namespace attune::train {
namespace {

std::vector<float> numbers(std::size_t n, std::uint64_t seed, double sd = 1) {
  Random random(seed);
  std::vector<float> xs(n);
  for (float& x : xs) x = static_cast<float>(sd * random.normal());
  return xs;
}

// Lengths that fill registers, leave a rest, and have only a rest.
const std::vector<std::size_t> kLengths = {1, 3, 16, 37, 64, 131};

TEST(RowKernels, softmax_gradient_is_probability_less_one_at_the_target) {
  for (const std::size_t n : kLengths) {
    std::vector<float> scores = numbers(n, n, 4);
    const std::size_t target = n / 2;
    double sum = 0;
    for (const float s : scores) sum += std::exp(static_cast<double>(s));
    const double loss = std::log(sum) - static_cast<double>(scores[target]);
    std::vector<double> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = 0.5 * (std::exp(static_cast<double>(scores[i])) / sum - (i == target ? 1 : 0));
    EXPECT_NEAR(softmax_gradient(scores, target, 0.5f), loss, 1e-5 * (1 + loss));
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(scores[i], expected[i], 1e-6) << n << " " << i;
  }
}

TEST(RowKernels, softmax_stands_scores_that_overflow_exp) {
  std::vector<float> scores = {500, 0, -INFINITY, 499};
  const double loss = softmax_gradient(scores, 0, 1);
  EXPECT_NEAR(loss, std::log(1 + std::exp(-1.0)), 1e-5);
  EXPECT_NEAR(scores[0] + scores[3], 0, 1e-6);
  EXPECT_NEAR(scores[2], 0, 1e-6);
}

TEST(RowKernels, layer_norm_has_mean_zero_and_variance_one_before_gain_and_shift) {
  for (const std::size_t n : kLengths) {
    if (n == 1) continue;   // one number has no variance
    const std::vector<float> x = numbers(n, n, 3), gain(n, 2.0f), shift(n, 0.5f);
    std::vector<float> normal(n), out(n);
    layer_norm(x, gain, shift, normal, out);
    double mean = 0, square = 0;
    for (const float v : normal) {
      mean += static_cast<double>(v);
      square += static_cast<double>(v * v);
    }
    EXPECT_NEAR(mean / static_cast<double>(n), 0, 1e-5);
    EXPECT_NEAR(square / static_cast<double>(n), 1, 1e-4);
    for (std::size_t i = 0; i < n; ++i) EXPECT_FLOAT_EQ(out[i], 2 * normal[i] + 0.5f);
  }
}

TEST(RowKernels, gelu_and_its_slope_agree_with_the_formula) {
  for (const std::size_t n : kLengths) {
    const std::vector<float> x = numbers(n, n, 3), ones(n, 1.0f);
    std::vector<float> y(n), slope(n);
    gelu(x, y);
    gelu_back(x, ones, slope);
    const auto f = [](double v) { return v / (1 + std::exp(-1.702 * v)); };
    for (std::size_t i = 0; i < n; ++i) {
      const double v = static_cast<double>(x[i]);
      EXPECT_NEAR(y[i], f(v), 1e-5 * (1 + std::abs(v)));
      EXPECT_NEAR(slope[i], (f(v + 1e-4) - f(v - 1e-4)) / 2e-4, 1e-4);
    }
  }
}

TEST(RowKernels, adam_does_what_the_paper_says) {
  for (const std::size_t n : kLengths) {
    std::vector<float> w = numbers(n, 1), m(n), v(n);
    std::vector<double> pw(w.begin(), w.end()), pm(n), pv(n);
    for (int t = 1; t <= 3; ++t) {
      const std::vector<float> g = numbers(n, 10 + static_cast<std::uint64_t>(t));
      const double c1 = 1 - std::pow(0.9, t), c2 = 1 - std::pow(0.999, t);
      adam(w, m, v, g, {.rate = static_cast<float>(0.01 * std::sqrt(c2) / c1), .decay = 0.001f});
      for (std::size_t i = 0; i < n; ++i) {
        pm[i] = 0.9 * pm[i] + 0.1 * static_cast<double>(g[i]);
        pv[i] = 0.999 * pv[i] + 0.001 * static_cast<double>(g[i]) * static_cast<double>(g[i]);
        pw[i] = 0.999 * pw[i] - 0.01 * (pm[i] / c1) / (std::sqrt(pv[i] / c2) + 1e-8);
        EXPECT_NEAR(w[i], pw[i], 2e-5);
      }
    }
  }
}

TEST(RowKernels, approach_goes_a_share_of_the_way) {
  for (const std::size_t n : kLengths) {
    const std::vector<float> x = numbers(n, 1), from = numbers(n, 2);
    std::vector<float> y = from;
    approach(y, x, 0.25f);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(y[i], 0.75f * from[i] + 0.25f * x[i], 1e-6);
  }
}

TEST(RowKernels, a_filter_and_its_way_back_are_transposes) {
  const std::size_t n = 7, width = 5;
  const std::vector<float> taps = numbers(n, 3), x = numbers(n * width, 4), g = numbers(n * width, 5);
  std::vector<float> y(n * width), back(n * width);
  filter(taps, n, width, x.data(), y.data());
  filter_back(taps, n, width, g.data(), back.data());
  double one = 0, other = 0;
  for (std::size_t i = 0; i < n * width; ++i) {
    one += static_cast<double>(y[i] * g[i]);
    other += static_cast<double>(x[i] * back[i]);
  }
  EXPECT_NEAR(one, other, 1e-4);
  for (std::size_t c = 0; c < width; ++c) EXPECT_FLOAT_EQ(y[c], taps[0] * x[c]);   // the first place sees only itself
}

}  // namespace
}  // namespace attune::train
