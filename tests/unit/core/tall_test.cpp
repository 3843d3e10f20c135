// Tall matrices: fast products against their plain twins, at shapes with and without edges.
#include "attune/core/tall.h"

#include <cmath>
#include <vector>

#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;

namespace {
Matrix noise(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Matrix m(rows, cols);
  Random random(seed);
  for (float& x : m.all()) x = static_cast<float>(random.normal());
  return m;
}
void expect_near(MatrixView a, MatrixView b, float tolerance) {
  ASSERT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.cols, b.cols);
  for (std::size_t i = 0; i < a.rows * a.cols; ++i) ASSERT_NEAR(a.data[i], b.data[i], tolerance) << a.rows << " x " << a.cols << " at " << i;
}
}  // namespace

TEST("the gram matrix equals its plain twin") {
  for (const std::size_t cols : {1, 5, 16, 31, 64, 70, 256})
    for (const std::size_t rows : {0, 1, 7, 65, 2500}) {
      const Matrix a = noise(rows, cols, rows + cols);
      expect_near(gram(a, attune::Run{}), plain_gram(a), 2e-5f * static_cast<float>(std::max<std::size_t>(rows, 10)));
    }
}

TEST("multiplying in place equals its plain twin") {
  for (const std::size_t cols : {1, 5, 16, 31, 64, 70, 150, 256})
    for (const std::size_t rows : {0, 1, 7, 65, 1600}) {
      Matrix a = noise(rows, cols, rows + cols);
      Matrix b = a.clone();
      const Matrix q = noise(cols, cols, 3);
      multiply_in_place(a, q, attune::Run{});
      plain_multiply_in_place(b, q);
      expect_near(a, b, 1e-4f);
    }
}

TEST("products are the same bits whatever the number of threads") {
  const Matrix a = noise(5000, 48, 1), q = noise(48, 48, 2);
  Matrix b = a.clone(), c = a.clone();
  const Matrix g = gram(a, attune::Run{.threads = 1}), h = gram(a, attune::Run{.threads = 3});
  multiply_in_place(b, q, attune::Run{.threads = 1});
  multiply_in_place(c, q, attune::Run{.threads = 3});
  CHECK(std::equal(g.all().begin(), g.all().end(), h.all().begin()));
  CHECK(std::equal(b.all().begin(), b.all().end(), c.all().begin()));
}

TEST("row products equal their plain twin") {
  for (const std::size_t cols : {1, 3, 16, 33, 64, 384})
    for (const std::size_t rows : {0, 1, 3, 4, 9, 100}) {
      const Matrix a = noise(rows, cols, 5), x = noise(1, cols, 6);
      std::vector<float> out(rows), wanted(rows);
      row_dots(a, x.row(0), out);
      plain_row_dots(a, x.row(0), wanted);
      for (std::size_t r = 0; r < rows; ++r) EXPECT_NEAR(out[r], wanted[r], 1e-4f);
    }
}
