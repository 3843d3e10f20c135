#include "attune/train/products.h"

#include <gtest/gtest.h>

#include <vector>

#include "attune/core/random.h"

namespace attune::train {
namespace {

std::vector<float> numbers(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> xs(n);
  for (float& x : xs) x = static_cast<float>(random.normal());
  return xs;
}

std::vector<float> turned(const std::vector<float>& a, std::size_t rows, std::size_t cols) {
  std::vector<float> out(a.size());
  turn(a.data(), rows, cols, out.data(), attune::Run{});
  return out;
}

// Shapes with and without rests of tiles, panels and stretches; the last ones are shared by threads, by rows and by columns.
struct Shape {
  std::size_t rows, inner, cols;
};
const std::vector<Shape> kShapes = {{1, 1, 1}, {2, 3, 4}, {7, 5, 64}, {6, 300, 65}, {13, 64, 192}, {33, 17, 31}, {500, 70, 70}, {24, 64, 3000}, {40, 4, 0}, {3, 0, 5}};

TEST(Products, three_ways_agree_with_the_sum_written_out) {
  for (const Shape& s : kShapes) {
    const std::vector<float> a = numbers(s.rows * s.inner, 1), b = numbers(s.inner * s.cols, 2);
    std::vector<double> expected(s.rows * s.cols);
    for (std::size_t r = 0; r < s.rows; ++r)
      for (std::size_t k = 0; k < s.inner; ++k)
        for (std::size_t n = 0; n < s.cols; ++n) expected[r * s.cols + n] += static_cast<double>(a[r * s.inner + k]) * static_cast<double>(b[k * s.cols + n]);
    const std::vector<float> turned_a = turned(a, s.rows, s.inner), turned_b = turned(b, s.inner, s.cols);
    std::vector<float> c(s.rows * s.cols, 7.0f);
    const auto expect_times = [&](double times, const char* way) {
      for (std::size_t i = 0; i < c.size(); ++i)
        ASSERT_NEAR(c[i], times * expected[i], 1e-3) << way << ' ' << s.rows << ' ' << s.inner << ' ' << s.cols << " at " << i;
    };
    Product p{.rows = s.rows, .inner = s.inner, .cols = s.cols, .a = a.data(), .b = b.data(), .c = c.data()};
    product(p, attune::Run{});
    expect_times(1, "plain");
    p.a = turned_a.data();
    p.add = true;
    product_left_turned(p, attune::Run{});
    expect_times(2, "left turned");
    p.a = a.data();
    p.b = turned_b.data();
    p.add = false;
    product_right_turned(p, attune::Run{});
    expect_times(1, "right turned");
  }
}

TEST(Products, give_the_same_bits_on_any_number_of_threads) {
  const std::size_t rows = 700, inner = 80, cols = 900;
  const std::vector<float> a = numbers(rows * inner, 1), b = numbers(inner * cols, 2);
  std::vector<float> one(rows * cols), three(rows * cols);
  product({.rows = rows, .inner = inner, .cols = cols, .a = a.data(), .b = b.data(), .c = one.data()}, attune::Run{.threads = 1});
  product({.rows = rows, .inner = inner, .cols = cols, .a = a.data(), .b = b.data(), .c = three.data()}, attune::Run{.threads = 3});
  EXPECT_EQ(one, three);
}

}  // namespace
}  // namespace attune::train
