// Numbers: kernels against their plain twins, top-k against sorting, sparse transposes, BLAS against loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/random.h"
#include "attune/core/sparse.h"
#include "attune/core/top_k.h"

namespace attune {
namespace {

std::vector<float> noise(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> xs(n);
  for (float& x : xs) x = static_cast<float>(random.normal());
  return xs;
}

Matrix noise_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Matrix m(rows, cols);
  const std::vector<float> xs = noise(rows * cols, seed);
  std::copy(xs.begin(), xs.end(), m.data());
  return m;
}

TEST(Kernels, agree_with_their_plain_twins_at_every_length) {
  for (const std::size_t n : {0, 1, 3, 7, 8, 15, 16, 17, 31, 63, 64, 65, 127, 384, 1000}) {
    const std::vector<float> a = noise(n, n), b = noise(n, n + 1);
    EXPECT_NEAR(dot(a, b), plain_dot(a, b), 1e-4 * (1 + std::sqrt(static_cast<double>(n)))) << n;
    std::vector<float> fast = b, plain = b;
    axpy(0.7f, a, fast);
    plain_axpy(0.7f, a, plain);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(fast[i], plain[i], 1e-5f);
    std::vector<float> rounded = a;
    for (float& x : rounded) x = std::round(x);  // so that some are equal
    const Above found = count_above(rounded, 1.0f), expected = plain_count_above(rounded, 1.0f);
    EXPECT_EQ(found.greater, expected.greater);
    EXPECT_EQ(found.equal, expected.equal);
  }
}

TEST(Kernels, not_a_number_is_neither_above_nor_equal) {
  const std::vector<float> xs(40, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(count_above(xs, 0).greater + count_above(xs, 0).equal, 0u);
}

TEST(Kernels, rows_of_two_lengths_are_our_mistake) {
  const std::vector<float> a(3), b(4);
  EXPECT_THROW(dot(a, b), Error);
}

TEST(TopK, is_the_head_of_the_sorted_list_with_ties_to_the_smaller_id) {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> scores(200);
    for (float& s : scores) s = static_cast<float>(random.below(20));  // many ties
    std::vector<Scored> sorted;
    for (std::size_t i = 0; i < scores.size(); ++i) sorted.push_back({item_at(i), scores[i]});
    std::sort(sorted.begin(), sorted.end(), better);
    sorted.resize(17);
    EXPECT_EQ(top_k(scores, 17), sorted);
  }
}

TEST(TopK, leaves_out_what_is_excluded_and_what_is_no_number) {
  const std::vector<float> scores = {1, std::numeric_limits<float>::quiet_NaN(), 5, -INFINITY, 4, 4};
  const std::vector<ItemId> excluded = {item_at(2), item_at(2), item_at(99)};
  const std::vector<Scored> best = top_k(scores, 10, excluded);
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].item, item_at(4));
  EXPECT_EQ(best[1].item, item_at(5));
  EXPECT_EQ(best[2].item, item_at(0));
  EXPECT_TRUE(top_k(scores, 0).empty());
  EXPECT_TRUE(top_k({}, 5).empty());
}

TEST(Sparse, turned_twice_is_itself) {
  Random random(9);
  Sparse a;
  a.rows = 30;
  a.cols = 20;
  for (std::size_t r = 0; r < a.rows; ++r) {
    for (std::uint32_t c = 0; c < a.cols; ++c)
      if (random.uniform() < 0.2) {
        a.indices.push_back(c);
        a.values.push_back(static_cast<float>(random.normal()));
      }
    a.offsets.push_back(a.indices.size());
  }
  const Sparse t = transpose(a), again = transpose(t);
  EXPECT_EQ(t.rows, a.cols);
  EXPECT_EQ(again.offsets, a.offsets);
  EXPECT_EQ(again.indices, a.indices);
  EXPECT_EQ(again.values, a.values);
}

TEST(LinearAlgebra, a_product_is_the_sum_of_products_in_every_orientation) {
  const Matrix a = noise_matrix(5, 7, 1), b = noise_matrix(7, 4, 2);
  const Matrix c = multiply(a, b);
  Matrix at(7, 5), bt(4, 7);
  for (std::size_t r = 0; r < 5; ++r)
    for (std::size_t k = 0; k < 7; ++k) at(k, r) = a(r, k);
  for (std::size_t k = 0; k < 7; ++k)
    for (std::size_t n = 0; n < 4; ++n) bt(n, k) = b(k, n);
  const Matrix from_turned = multiply(at, bt, {.transpose_a = true, .transpose_b = true});
  for (std::size_t r = 0; r < 5; ++r)
    for (std::size_t n = 0; n < 4; ++n) {
      float sum = 0;
      for (std::size_t k = 0; k < 7; ++k) sum += a(r, k) * b(k, n);
      EXPECT_NEAR(c(r, n), sum, 1e-4f);
      EXPECT_NEAR(from_turned(r, n), sum, 1e-4f);
    }
}

Matrix positive_definite(std::size_t n) {
  const Matrix x = noise_matrix(n + 10, n, 4);
  Matrix a = multiply(x, x, {.transpose_a = true});
  for (std::size_t i = 0; i < n; ++i) a(i, i) += 1;
  return a;
}

TEST(LinearAlgebra, an_inverse_times_its_matrix_is_one) {
  for (const std::size_t n : {1, 2, 63, 64, 65, 150}) {
    const Matrix a = positive_definite(n);
    Matrix inverse = a.clone();
    invert_spd(inverse, "test");
    const Matrix one = multiply(a, inverse);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < n; ++c) EXPECT_NEAR(one(r, c), r == c ? 1.0f : 0.0f, 2e-3f) << n;
  }
}

TEST(LinearAlgebra, a_solution_solves_the_system) {
  const Matrix a = positive_definite(40), b = noise_matrix(40, 3, 8);
  Matrix work = a.clone(), x = b.clone();
  solve_spd(work, x, "test");
  const Matrix back = multiply(a, x);
  for (std::size_t i = 0; i < b.size(); ++i) EXPECT_NEAR(back.all()[i], b.all()[i], 1e-2f);
}

TEST(LinearAlgebra, what_is_not_positive_definite_is_named) {
  Matrix a(2, 2);
  a(0, 0) = 1;
  a(1, 1) = -1;
  try {
    invert_spd(a, "the Gram matrix");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
    EXPECT_NE(std::string(e.what()).find("the Gram matrix"), std::string::npos);
  }
}

TEST(LinearAlgebra, eigenvectors_stand_in_the_columns_in_ascending_order) {
  const Matrix a = positive_definite(12);
  Matrix v = a.clone();
  const std::vector<float> values = eigen_symmetric(v);
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  const Matrix av = multiply(a, v);
  for (std::size_t r = 0; r < 12; ++r)
    for (std::size_t c = 0; c < 12; ++c) EXPECT_NEAR(av(r, c), values[c] * v(r, c), 1e-2f);
}

TEST(Random, gives_the_same_numbers_everywhere) {
  Random random(42);
  EXPECT_EQ(random.next(), 1546998764402558742u);
  EXPECT_EQ(random.next(), 6990951692964543102u);
}

TEST(Random, stays_below_and_reaches_every_number) {
  Random random(1);
  std::vector<int> seen(7, 0);
  for (int i = 0; i < 7000; ++i) ++seen[random.below(7)];
  for (const int n : seen) EXPECT_NEAR(n, 1000, 150);
}

}  // namespace
}  // namespace attune
