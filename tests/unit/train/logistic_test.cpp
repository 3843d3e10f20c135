// Logistic regression: answers known by hand, and a slope of zero at the solution.
#include "attune/train/logistic.h"

#include <cmath>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::train;

namespace {

Sparse one_column(std::initializer_list<float> values) {
  Sparse m{.rows = values.size(), .cols = 1};
  for (const float v : values) {
    if (v != 0) {
      m.indices.push_back(0);
      m.values.push_back(v);
    }
    m.offsets.push_back(m.indices.size());
  }
  return m;
}

}  // namespace

TEST("without a signal the chance is the share of yes") {
  const std::vector<float> labels = {1, 0, 0, 0};
  const Logistic model = Logistic::fit(one_column({0, 0, 0, 0}), labels, 1, attune::Run{});
  EXPECT_NEAR(model.chance({}, {}), 0.25, 1e-4);
}

TEST("one yes-no column gives each side its own share when nothing pulls") {
  const std::vector<float> labels = {1, 1, 1, 0, 1, 0, 0, 0};
  const Logistic model = Logistic::fit(one_column({1, 1, 1, 1, 0, 0, 0, 0}), labels, 1e-4f, attune::Run{});
  const std::uint32_t column = 0;
  const float one = 1;
  EXPECT_NEAR(model.chance({&column, 1}, {&one, 1}), 0.75, 1e-3);
  EXPECT_NEAR(model.chance({}, {}), 0.25, 1e-3);
}

TEST("at the solution the slope is zero") {
  Random random(4);
  Sparse x{.rows = 300, .cols = 6};
  std::vector<float> y;
  for (std::size_t r = 0; r < x.rows; ++r) {
    double score = -1;
    for (std::uint32_t c = 0; c < 6; ++c)
      if (random.below(2) == 0) {
        const double v = random.normal();
        x.indices.push_back(c);
        x.values.push_back(static_cast<float>(v));
        score += (c - 2.5) * v;
      }
    x.offsets.push_back(x.indices.size());
    y.push_back(random.uniform() < 1 / (1 + std::exp(-score)) ? 1.0f : 0.0f);
  }
  const float reg = 0.5f;
  const Logistic model = Logistic::fit(x, y, reg, attune::Run{});
  std::vector<double> slope(6);
  for (std::size_t r = 0; r < x.rows; ++r)
    for (std::size_t k = 0; k < x.row_size(r); ++k)
      slope[x.row_indices(r)[k]] += (model.chance(x.row_indices(r), x.row_values(r)) - static_cast<double>(y[r])) * static_cast<double>(x.row_values(r)[k]);
  for (std::size_t c = 0; c < 6; ++c) EXPECT_NEAR(slope[c] + static_cast<double>(reg) * model.weights()[c], 0, 0.02) << c;
}

TEST("labels that are no chances are refused") {
  const std::vector<float> labels = {2};
  EXPECT_THROW(Logistic::fit(one_column({1}), labels, 1, attune::Run{}), Error);
}
