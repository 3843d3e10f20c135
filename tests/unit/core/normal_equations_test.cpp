// Normal equations: conjugate gradients against elimination in double precision.
#include "attune/core/normal_equations.h"

#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;

namespace {

struct World {
  Matrix rows;
  std::vector<float> diagonal, weights, pulls, rest;
  std::vector<std::uint32_t> indices;
  NormalEquations system() const { return {diagonal, rows, indices, weights, pulls, {}}; }
};

World make(std::size_t d, std::size_t n, std::size_t all) {
  World w;
  Random random(d * 1000 + n);
  w.rows = Matrix(all, d);
  for (float& x : w.rows.all()) x = static_cast<float>(random.normal()) * 0.3f;
  for (std::size_t i = 0; i < d; ++i) {
    w.diagonal.push_back(0.5f + static_cast<float>(random.uniform()) * 4);
    w.rest.push_back(static_cast<float>(random.normal()));
  }
  for (std::size_t k = 0; k < n; ++k) {
    w.indices.push_back(static_cast<std::uint32_t>(random.below(all)));
    w.weights.push_back(static_cast<float>(random.uniform()) * 3);
    w.pulls.push_back(static_cast<float>(random.normal()));
  }
  return w;
}

}  // namespace

TEST("conjugate gradients find what elimination finds, for any length and number of rows") {
  SolveScratch scratch;
  for (const std::size_t d : {1, 3, 16, 17, 64, 100, 256})
    for (const std::size_t n : {0, 1, 5, 16, 39, 300}) {
      const World w = make(d, n, 50);
      std::vector<float> x = w.rest, wanted = w.rest;
      plain_solve(w.system(), wanted);
      solve(w.system(), x, {.steps = 400, .tolerance = 1e-7f}, scratch);
      for (std::size_t i = 0; i < d; ++i) EXPECT_NEAR(x[i], wanted[i], 2e-4f) << d << " columns, " << n << " rows, entry " << i;
    }
}

TEST("rows too many to be kept in the cache are fetched again and give the same solution") {
  const World w = make(256, 2000, 500);   // 2 MB of rows
  SolveScratch scratch;
  std::vector<float> x = w.rest, wanted = w.rest;
  plain_solve(w.system(), wanted);
  solve(w.system(), x, {.steps = 400, .tolerance = 1e-7f}, scratch);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], wanted[i], 1e-3f) << i;
  CHECK(scratch.rows.size() * sizeof(float) < std::size_t{1} << 20);
}

TEST("without rows the solution is the right-hand side over the diagonal, in one step") {
  const World w = make(8, 0, 4);
  std::vector<float> x = w.rest;
  SolveScratch scratch;
  EXPECT_EQ(solve(w.system(), x, {}, scratch), 1);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(x[i], w.rest[i] / w.diagonal[i], 1e-6f);
}

TEST("nothing to pull towards gives zeros in no step") {
  World w = make(8, 3, 4);
  std::fill(w.pulls.begin(), w.pulls.end(), 0.0f);
  std::vector<float> x(8);
  SolveScratch scratch;
  EXPECT_EQ(solve(w.system(), x, {}, scratch), 0);
  for (const float v : x) EXPECT_EQ(v, 0.0f);
}

TEST("rows asked for ahead change nothing") {
  const World w = make(64, 5, 50);
  std::vector<float> x = w.rest, again = w.rest;
  SolveScratch scratch;
  solve(w.system(), x, {}, scratch);
  NormalEquations ahead = w.system();
  const std::vector<std::uint32_t> next = {49, 0, 7};
  ahead.next = next;
  solve(ahead, again, {}, scratch);
  EXPECT_EQ(x, again);
}

TEST("lengths that disagree are our own mistake") {
  const World w = make(8, 3, 4);
  std::vector<float> x(7);
  SolveScratch scratch;
  CHECK_THROWS(solve(w.system(), x, {}, scratch), Error);
}
