// L-BFGS: valleys whose floor is known.
#include "attune/train/lbfgs.h"

#include <atomic>

#include "attune/core/error.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::train;

TEST("the floor of a long narrow valley is found") {
  // sum of s_k (w_k - k)^2 with s from 1 to 1000: along the slope alone it would take thousands of steps.
  Matrix weights(1, 10);
  int calls = 0;
  const auto valley = [&](const Matrix& w, Matrix& slope) {
    ++calls;
    double value = 0;
    for (std::size_t k = 0; k < w.cols(); ++k) {
      const double steep = 1 + 111 * static_cast<double>(k), off = static_cast<double>(w(0, k)) - static_cast<double>(k);
      value += steep * off * off;
      slope(0, k) = static_cast<float>(2 * steep * off);
    }
    return value;
  };
  minimise(valley, weights, 100, "valley", attune::Run{});
  for (std::size_t k = 0; k < 10; ++k) EXPECT_NEAR(weights(0, k), static_cast<float>(k), 0.02f);
  EXPECT_LT(calls, 120);
}

TEST("on the floor already, nothing moves") {
  Matrix weights(2, 2);
  minimise([](const Matrix&, Matrix& slope) {
    for (float& x : slope.all()) x = 0;
    return 1.0;
  }, weights, 10, "flat", attune::Run{});
  for (const float x : weights.all()) EXPECT_EQ(x, 0);
}

TEST("what the function throws comes through, and being asked to stop stops it") {
  Matrix weights(1, 1);
  CHECK_THROWS(minimise([](const Matrix&, Matrix&) -> double { throw Error(Code::bad_data, "none"); }, weights, 10, "none", attune::Run{}), Error);
  std::atomic<bool> stop{true};
  CHECK_THROWS(minimise([](const Matrix& w, Matrix& slope) { return static_cast<double>(slope(0, 0) = 2 * w(0, 0) - 2); }, weights, 10, "stopped", attune::Run{.stop = &stop}), Error);
}
