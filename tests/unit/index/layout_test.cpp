// Layout: what is near in all dimensions lies near in the plane.
#include "attune/index/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/random.h"

namespace attune::index {
namespace {

// `groups` bundles of directions in 32 dimensions, row r in bundle r % groups.
Matrix bundles(std::size_t rows, std::size_t groups) {
  Random random(5);
  Matrix middles(groups, 32), vectors(rows, 32);
  for (float& x : middles.all()) x = static_cast<float>(random.normal());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < 32; ++c) vectors(r, c) = middles(r % groups, c) + 0.3f * static_cast<float>(random.normal());
    normalise(vectors.row(r));
  }
  return vectors;
}

// Share of the 5 nearest in the plane that are of the same bundle.
double together(const std::vector<Point>& points, std::size_t groups) {
  std::size_t same = 0, all = 0;
  for (std::size_t i = 0; i < points.size(); i += 7) {
    std::vector<std::pair<float, std::size_t>> away;
    for (std::size_t j = 0; j < points.size(); ++j)
      if (j != i) away.emplace_back(std::hypot(points[i].x - points[j].x, points[i].y - points[j].y), j);
    std::partial_sort(away.begin(), away.begin() + 5, away.end());
    for (int n = 0; n < 5; ++n) same += away[static_cast<std::size_t>(n)].second % groups == i % groups;
    all += 5;
  }
  return static_cast<double>(same) / static_cast<double>(all);
}

TEST(Layout, bundles_of_directions_lie_together_where_two_directions_alone_mix_them) {
  const Matrix vectors = bundles(900, 30);
  EXPECT_GT(together(lay_out(vectors, {}, attune::Run{}), 30), 0.95);
  EXPECT_LT(together(lay_out(vectors, {.rounds = 0}, attune::Run{}), 30), 0.8);   // two principal directions
}

TEST(Layout, those_beside_the_anchors_are_put_with_their_own) {
  const Matrix vectors = bundles(900, 9);
  EXPECT_GT(together(lay_out(vectors, {.anchors = 200}, attune::Run{}), 9), 0.9);
}

TEST(Layout, points_are_in_the_square_and_the_same_for_the_same_seed) {
  const Matrix vectors = bundles(120, 4);
  const auto once = lay_out(vectors, {}, attune::Run{}), again = lay_out(vectors, {}, attune::Run{});
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_TRUE(once[i].x >= 0 && once[i].x <= 1 && once[i].y >= 0 && once[i].y <= 1);
    EXPECT_EQ(once[i].x, again[i].x);
    EXPECT_EQ(once[i].y, again[i].y);
  }
}

TEST(Layout, few_rows_equal_rows_and_rows_of_zeros_have_a_place) {
  EXPECT_TRUE(lay_out(Matrix(0, 8), {}, attune::Run{}).empty());
  for (const std::size_t rows : {1u, 2u, 3u, 40u}) {
    Matrix same(rows, 8);
    for (std::size_t r = 0; r < rows; ++r) same(r, 0) = 1;
    for (const Matrix& vectors : {same.clone(), Matrix(rows, 8)})
      for (const Point& p : lay_out(vectors, {}, attune::Run{})) EXPECT_TRUE(std::isfinite(p.x) && std::isfinite(p.y));
  }
}

TEST(Layout, is_stopped_when_asked_to) {
  std::atomic<bool> stop{true};
  attune::Run run;
  run.stop = &stop;
  EXPECT_THROW(lay_out(bundles(300, 3), {}, run), Error);
}

}  // namespace
}  // namespace attune::index
