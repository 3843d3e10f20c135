// Singular vectors of sparse matrices.
#include "attune/core/singular.h"

#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune {
namespace {

// A = sum_k s_k u_k v_k' with orthogonal u_k, v_k made of disjoint blocks: rows 10 k.. and columns 6 k..
Sparse blocks(const std::vector<float>& strengths) {
  Sparse a;
  a.rows = 10 * strengths.size();
  a.cols = 6 * strengths.size();
  for (std::size_t k = 0; k < strengths.size(); ++k)
    for (std::size_t r = 0; r < 10; ++r) {
      for (std::size_t c = 0; c < 6; ++c) {
        a.indices.push_back(static_cast<std::uint32_t>(6 * k + c));
        a.values.push_back(strengths[k] / std::sqrt(60.0f));
      }
      a.offsets.push_back(a.indices.size());
    }
  return a;
}

TEST("blocks that do not touch are the singular vectors, the strongest first") {
  const SingularVectors found = top_singular(blocks({2, 7, 1, 4}), {.count = 3}, attune::Run{});
  ASSERT_EQ(found.values.size(), 3u);
  const float wanted[] = {7, 4, 2};
  const std::size_t block[] = {1, 3, 0};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(found.values[k], wanted[k], 1e-4);
    for (std::size_t c = 0; c < 24; ++c)
      EXPECT_NEAR(std::abs(found.right(c, k)), c / 6 == block[k] ? 1 / std::sqrt(6.0f) : 0, 1e-4) << k << " " << c;
  }
}

TEST("directions without weight do not come back") {
  EXPECT_EQ(top_singular(blocks({3, 5}), {.count = 8}, attune::Run{}).values.size(), 2u);
  EXPECT_TRUE(top_singular(blocks({}), {.count = 8}, attune::Run{}).values.empty());
}

TEST("right vectors are orthogonal and what the matrix makes of them has the length of their value") {
  Random random(5);
  Sparse a;
  a.rows = 300;
  a.cols = 120;
  for (std::size_t r = 0; r < a.rows; ++r) {
    for (std::uint32_t c = 0; c < a.cols; ++c)
      if (random.below(100) < (c < 40 ? 20 : 4)) {
        a.indices.push_back(c);
        a.values.push_back(1);
      }
    a.offsets.push_back(a.indices.size());
  }
  const SingularVectors found = top_singular(a, {.count = 10, .spare = 20, .passes = 25}, attune::Run{});
  const Sparse across = transpose(a);
  const Matrix image = multiply(a, found.right, attune::Run{}), back = multiply(across, image, attune::Run{});
  for (std::size_t k = 0; k < 10; ++k)
    for (std::size_t l = 0; l < 10; ++l) {
      double product = 0, images = 0;
      for (std::size_t c = 0; c < a.cols; ++c) product += static_cast<double>(found.right(c, k)) * found.right(c, l);
      for (std::size_t r = 0; r < a.rows; ++r) images += static_cast<double>(image(r, k)) * image(r, l);
      EXPECT_NEAR(product, k == l ? 1 : 0, 1e-4);
      EXPECT_NEAR(images, k == l ? found.values[k] * found.values[k] : 0, 2e-2);
    }
  for (std::size_t c = 0; c < a.cols; ++c)  // A'A v = s^2 v: they are the real ones, not any ten of the span
    for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(back(c, k), found.values[k] * found.values[k] * found.right(c, k), 0.05);
}

TEST("the same seed gives the same vectors whatever the threads") {
  const Sparse a = blocks({2, 7, 1, 4});
  attune::Run one, four;
  one.threads = 1;
  four.threads = 4;
  const SingularVectors x = top_singular(a, {.count = 3}, one), y = top_singular(a, {.count = 3}, four);
  EXPECT_EQ(x.values, y.values);
  EXPECT_TRUE(std::equal(x.right.all().begin(), x.right.all().end(), y.right.all().begin()));
}

}  // namespace
}  // namespace attune
