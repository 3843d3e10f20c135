// Text kernels: against plain loops in double precision, their ways back against finite differences.
#include "attune/train/text_kernels.h"

#include <cmath>
#include <vector>

#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::train;

namespace {

std::vector<float> numbers(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> xs(n);
  for (float& x : xs) x = static_cast<float>(random.normal());
  return xs;
}
double gelu_of(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

struct Heads {
  std::size_t n, width;
  std::vector<float> q, k, v;
  WholeAttention whole() const { return {.n = n, .width = width, .stride = width, .out_stride = width, .q = q.data(), .k = k.data(), .v = v.data()}; }
};

// Sum of ctx x by.
double along(const Heads& h, const std::vector<float>& by) {
  std::vector<float> weights(h.n * h.n), ctx(h.n * h.width);
  attend_whole(h.whole(), weights, ctx.data());
  double sum = 0;
  for (std::size_t i = 0; i < ctx.size(); ++i) sum += static_cast<double>(ctx[i]) * static_cast<double>(by[i]);
  return sum;
}

}  // namespace

TEST("gelu and its slope are the error function's, also for rows that fill no vector") {
  for (const std::size_t n : {1u, 7u, 16u, 33u}) {
    const std::vector<float> xs = numbers(n, n), by = numbers(n, n + 1);
    std::vector<float> out(n), back(n);
    gelu_erf(xs, out);
    gelu_erf_back(xs, by, back);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = static_cast<double>(xs[i]);
      ASSERT_NEAR(static_cast<double>(out[i]), gelu_of(x), 2e-6);
      ASSERT_NEAR(static_cast<double>(back[i]), static_cast<double>(by[i]) * (gelu_of(x + 1e-4) - gelu_of(x - 1e-4)) / 2e-4, 1e-4);
    }
  }
}

TEST("every place of a sequence sees every other, in shares that sum to one") {
  const Heads h{.n = 5, .width = 8, .q = numbers(40, 1), .k = numbers(40, 2), .v = numbers(40, 3)};
  std::vector<float> weights(25), ctx(40);
  attend_whole(h.whole(), weights, ctx.data());
  for (std::size_t t = 0; t < 5; ++t) {
    double sum = 0, scores[5], all = 0;
    for (std::size_t s = 0; s < 5; ++s) {
      double score = 0;
      for (std::size_t c = 0; c < 8; ++c) score += static_cast<double>(h.q[t * 8 + c]) * static_cast<double>(h.k[s * 8 + c]);
      all += scores[s] = std::exp(score / std::sqrt(8.0));
    }
    for (std::size_t s = 0; s < 5; ++s) {
      ASSERT_NEAR(static_cast<double>(weights[t * 5 + s]), scores[s] / all, 1e-5);
      sum += static_cast<double>(weights[t * 5 + s]);
    }
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

TEST("attention's way back is its slope") {
  Heads h{.n = 6, .width = 4, .q = numbers(24, 4), .k = numbers(24, 5), .v = numbers(24, 6)};
  const std::vector<float> by = numbers(24, 7);
  std::vector<float> weights(36), ctx(24), dq(24), dk(24), dv(24), room(6);
  attend_whole(h.whole(), weights, ctx.data());
  attend_whole_back(h.whole(), weights, by.data(), dq.data(), dk.data(), dv.data(), room);
  const auto check = [&](std::vector<float>& xs, const std::vector<float>& slopes) {
    for (std::size_t i = 0; i < xs.size(); i += 5) {
      const float before = xs[i];
      xs[i] = before + 1e-2f;
      const double up = along(h, by);
      xs[i] = before - 1e-2f;
      const double down = along(h, by);
      xs[i] = before;
      ASSERT_NEAR(static_cast<double>(slopes[i]), (up - down) / 2e-2, 2e-3);
    }
  };
  check(h.q, dq), check(h.k, dk), check(h.v, dv);
}
