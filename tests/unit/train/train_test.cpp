#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/train/adam.h"
#include "attune/train/losses.h"
#include "attune/train/negatives.h"
#include "attune/train/block_products.h"
#include "attune/train/rows.h"

namespace attune::train {
namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();

Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Random random(seed);
  Matrix m(rows, cols);
  for (float& x : m.all()) x = static_cast<float>(random.normal());
  return m;
}

TEST(Rows, are_summed_as_the_plain_twin_sums_them) {
  for (const std::size_t cols : {1, 7, 16, 64, 100}) {
    const Matrix m = random_matrix(40, cols, cols);
    const std::vector<std::uint32_t> ids = {3, 39, 0, 3, 17, 22, 1, 5, 9, 30, 31};
    const std::vector<float> weights = {.5f, -1, 2, 1, 1, .25f, 3, 1, 1, -2, 1};
    std::vector<float> a(cols), b(cols);
    for (const bool is_weighted : {true, false}) {
      const std::span<const float> w = is_weighted ? std::span<const float>(weights) : std::span<const float>();
      weighted_sum(m, ids, w, 0.3f, a);
      plain_weighted_sum(m, ids, w, 0.3f, b);
      for (std::size_t c = 0; c < cols; ++c) EXPECT_NEAR(a[c], b[c], 1e-4f);
    }
  }
}

TEST(Rows, exponentials_agree_with_the_plain_twin_and_leave_out_what_is_left_out) {
  Random random(3);
  std::vector<float> a(1003);
  for (float& x : a) x = static_cast<float>(random.normal());
  a[5] = kNone;
  std::vector<float> b = a;
  const double sum = exp_all(a, 2, 5);
  EXPECT_NEAR(sum, plain_exp_all(b, 2, 5), 1e-5 * sum);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5f * (1 + b[i]));
  EXPECT_EQ(a[5], 0);
}

TEST(Rows, noise_has_the_length_asked_for_and_the_signs_of_what_it_is_added_to) {
  for (const std::size_t n : {3, 16, 64, 77}) {
    std::vector<float> row(n), again(n);
    for (std::size_t c = 0; c < n; ++c) row[c] = again[c] = c % 2 == 0 ? 1.0f : -1.0f;
    add_noise(row, 5, 0.3f);
    add_noise(again, 5, 0.3f);
    EXPECT_EQ(row, again);
    double square = 0;
    for (std::size_t c = 0; c < n; ++c) {
      EXPECT_GT(std::abs(row[c]), 1);
      square += std::pow(std::abs(static_cast<double>(row[c])) - 1, 2);
    }
    EXPECT_NEAR(std::sqrt(square), 0.3, 1e-4);
    add_noise(again, 6, 0.3f);
    EXPECT_NE(row, again);
  }
  std::vector<float> zeros(20);
  add_noise(zeros, 1, 1);
  for (const float x : zeros) EXPECT_EQ(x, 0);
}

TEST(Products, agree_with_their_plain_twins_whatever_the_shape) {
  const attune::Run run;
  for (const auto& [users, items, d] : {std::tuple<std::size_t, std::size_t, std::size_t>{9, 700, 64}, {4, 3, 5}, {1, 130, 16}, {130, 257, 100}}) {
    const Matrix u = random_matrix(users, d, 1), v = random_matrix(items, d, 2);
    Matrix s(users, items), plain_s(users, items), by_row = random_matrix(users, d, 3), plain_row(users, d), by_column = random_matrix(items, d, 4);
    Matrix plain_column = by_column.clone();
    scores_of(u, v, s, run);
    plain_scores_of(u, v, plain_s);
    for (std::size_t k = 0; k < s.size(); ++k) ASSERT_NEAR(s.all()[k], plain_s.all()[k], 1e-4f * static_cast<float>(d));
    sum_by_row(s, v, by_row, run);
    plain_sum_by_row(s, v, plain_row);
    for (std::size_t k = 0; k < by_row.size(); ++k) ASSERT_NEAR(by_row.all()[k], plain_row.all()[k], 1e-4f * static_cast<float>(items) * 4);
    sum_by_column(s, u, by_column, run);
    plain_sum_by_column(s, u, plain_column);
    for (std::size_t k = 0; k < by_column.size(); ++k) ASSERT_NEAR(by_column.all()[k], plain_column.all()[k], 1e-4f * static_cast<float>(users) * 4);
  }
}

TEST(Rows, adam_agrees_with_the_plain_twin) {
  Matrix w = random_matrix(2, 37, 1), g = random_matrix(1, 37, 2), m(2, 37), v(2, 37);
  std::copy_n(w.row(0).data(), 37, w.row(1).data());
  const AdamStep step = {.beta1 = .9f, .beta2 = .999f, .rate = .01f, .root = 30, .epsilon = 1e-8f};
  for (int t = 0; t < 3; ++t) {
    adam_row(w.row(0), g.row(0), m.row(0), v.row(0), step);
    plain_adam_row(w.row(1), g.row(0), m.row(1), v.row(1), step);
  }
  for (std::size_t c = 0; c < 37; ++c) EXPECT_NEAR(w(0, c), w(1, c), 1e-5f);
}

TEST(Adam, moves_every_weight_by_the_rate_at_first_and_finds_the_valley) {
  const attune::Run run;
  Matrix w(1, 2), g(1, 2);
  w(0, 0) = 3;
  w(0, 1) = -2;
  Adam adam(1, 2, {.rate = 0.1f});
  for (int t = 0; t < 400; ++t) {
    for (std::size_t c = 0; c < 2; ++c) g(0, c) = 2 * (w(0, c) - 1) * (c == 0 ? 1.0f : 100.0f);
    adam.step(w, g, run);
    if (t == 0) {
      EXPECT_NEAR(w(0, 0), 2.9, 1e-4);   // the first step is the rate, whatever the gradient's size
      EXPECT_NEAR(w(0, 1), -1.9, 1e-4);
    }
  }
  EXPECT_NEAR(w(0, 0), 1, 0.02);
  EXPECT_NEAR(w(0, 1), 1, 0.02);
}

TEST(Adam, leaves_rows_alone_that_were_not_touched) {
  const attune::Run run;
  Matrix w = random_matrix(5, 3, 1), g = random_matrix(5, 3, 2);
  const Matrix before = w.clone();
  Adam adam(5, 3, {});
  const std::vector<std::uint32_t> touched = {1, 4};
  adam.step_rows(w, g, touched, run);
  for (std::size_t r = 0; r < 5; ++r) EXPECT_EQ(w(r, 0) == before(r, 0), r != 1 && r != 4);
}

TEST(Losses, bpr_is_ln_2_for_a_tie_and_its_slope_is_its_derivative) {
  EXPECT_NEAR(bpr(1, 1).loss, std::log(2), 1e-9);
  EXPECT_NEAR(bpr(1, 1).slope, -0.5, 1e-9);
  const double h = 1e-3, slope = (bpr(0.7f + 1e-3f, 0.2f).loss - bpr(0.7f - 1e-3f, 0.2f).loss) / (2 * h);
  EXPECT_NEAR(bpr(0.7f, 0.2f).slope, slope, 1e-4);
  EXPECT_TRUE(std::isfinite(bpr(-1000, 1000).loss));
  EXPECT_NEAR(bpr(1000, -1000).loss, 0, 1e-9);
}

using RowLoss = std::function<double(RowScores)>;
void hold_against_finite_differences(const RowLoss& loss) {
  const std::vector<float> positives = {.61f, -.2f, .35f}, weights = {1, 2, .5f}, negatives = {.5f, kNone, .93f, -.4f, .1f};
  const auto value = [&](std::vector<float> p, std::vector<float> n) {
    std::vector<float> slopes(p.size());
    return loss({.positives = p, .weights = weights, .slopes = slopes, .negatives = n});
  };
  std::vector<float> slopes(3), out = negatives;
  loss({.positives = positives, .weights = weights, .slopes = slopes, .negatives = out});
  const float h = 1e-3f;
  for (std::size_t p = 0; p < 3; ++p) {
    auto up = positives, down = positives;
    up[p] += h;
    down[p] -= h;
    EXPECT_NEAR(slopes[p], (value(up, negatives) - value(down, negatives)) / (2 * static_cast<double>(h)), 3e-3);
  }
  for (std::size_t j = 0; j < negatives.size(); ++j) {
    if (negatives[j] == kNone) {
      EXPECT_EQ(out[j], 0);
      continue;
    }
    auto up = negatives, down = negatives;
    up[j] += h;
    down[j] -= h;
    EXPECT_NEAR(out[j], (value(positives, up) - value(positives, down)) / (2 * static_cast<double>(h)), 3e-3);
  }
}

TEST(Losses, softmax_slopes_are_its_derivatives) {
  hold_against_finite_differences([](RowScores row) { return softmax_loss(row, 0.4f); });
}
TEST(Losses, softmax_slopes_are_its_derivatives_where_a_negative_stands_for_many) {
  hold_against_finite_differences([](RowScores row) { return softmax_loss(row, 0.4f, 3.5f); });
}
TEST(Losses, a_negative_that_stands_for_two_is_the_same_one_twice) {
  const std::vector<float> positive = {0.3f};
  std::vector<float> slope(1), again(1), one = {0.1f}, two = {0.1f, 0.1f};
  EXPECT_NEAR(softmax_loss({.positives = positive, .weights = {}, .slopes = slope, .negatives = one}, 0.2f, 2),
              softmax_loss({.positives = positive, .weights = {}, .slopes = again, .negatives = two}, 0.2f), 1e-6);
  EXPECT_NEAR(slope[0], again[0], 1e-5);
  EXPECT_NEAR(one[0], two[0] + two[1], 1e-5);
}
TEST(Losses, contrastive_slopes_are_its_derivatives) {
  hold_against_finite_differences([](RowScores row) { return contrastive_loss(row, 0.3f, 2); });
}

TEST(Losses, softmax_of_one_against_one_equal_is_ln_2) {
  const std::vector<float> positive = {0.3f};
  std::vector<float> slope(1), negative = {0.3f};
  EXPECT_NEAR(softmax_loss({.positives = positive, .weights = {}, .slopes = slope, .negatives = negative}, 0.1f), std::log(2), 1e-6);
  EXPECT_NEAR(slope[0], -5, 1e-4);      // -1/2 / tau
  EXPECT_NEAR(negative[0], 5, 1e-4);
}

TEST(Losses, info_nce_gradients_are_its_derivatives) {
  const attune::Run run;
  Matrix a = random_matrix(6, 4, 1), b = random_matrix(6, 4, 2), da(6, 4), db(6, 4), x(6, 4), y(6, 4);
  info_nce(a, b, 0.5f, da, db, run);
  const float h = 1e-2f;
  for (auto [m, gradient] : {std::pair<Matrix*, Matrix*>{&a, &da}, {&b, &db}})
    for (std::size_t i = 0; i < m->size(); ++i) {
      const float kept = m->all()[i];
      m->all()[i] = kept + h;
      const double up = info_nce(a, b, 0.5f, x, y, run);
      m->all()[i] = kept - h;
      const double down = info_nce(a, b, 0.5f, x, y, run);
      m->all()[i] = kept;
      EXPECT_NEAR(gradient->all()[i], (up - down) / (2 * static_cast<double>(h)), 2e-3);
    }
}

TEST(Losses, info_nce_of_equal_views_far_apart_is_nearly_nothing) {
  const attune::Run run;
  Matrix a(3, 3), da(3, 3), db(3, 3);
  for (std::size_t i = 0; i < 3; ++i) a(i, i) = static_cast<float>(i + 1);
  EXPECT_NEAR(info_nce(a, a, 0.05f, da, db, run), 0, 1e-7);
}

TEST(Losses, gradient_goes_back_through_a_row_made_of_length_one) {
  const std::vector<float> x = {1, -2, 2}, wish = {.3f, .1f, -.7f};
  std::vector<float> unit = x, gradient = wish;
  const float length = normalise(unit);
  backward_normalise(unit, length, gradient);
  const float h = 1e-3f;
  for (std::size_t i = 0; i < 3; ++i) {
    auto up = x, down = x;
    up[i] += h;
    down[i] -= h;
    normalise(up);
    normalise(down);
    EXPECT_NEAR(gradient[i], (dot(wish, up) - dot(wish, down)) / (2 * h), 1e-3);
  }
}

TEST(Negatives, are_never_what_the_user_took_and_follow_popularity) {
  const std::vector<std::uint32_t> popularity = {81, 16, 1, 1, 1};
  const std::vector<std::uint32_t> taken = {0, 3};
  Random random(1);
  const Negatives alike(popularity, 0), popular(popularity, 0.5f);
  std::size_t first = 0, second = 0;
  for (int n = 0; n < 4000; ++n) {
    const std::uint32_t item = alike.draw_unlike(taken, random);
    EXPECT_TRUE(item != 0 && item != 3);
    first += popular.draw(random) == 0 ? 1 : 0;       // 9 of 9 + 4 + 1 + 1 + 1
    second += alike.draw(random) == 0 ? 1 : 0;        // 1 of 5
  }
  EXPECT_NEAR(static_cast<double>(first) / 4000, 9.0 / 16, 0.03);
  EXPECT_NEAR(static_cast<double>(second) / 4000, 0.2, 0.03);
}

TEST(Negatives, distinct_draws_are_ascending_and_at_most_all) {
  const std::vector<std::uint32_t> popularity(50, 1);
  Random random(1);
  const Negatives negatives(popularity, 0);
  const auto some = negatives.draw_distinct(20, random);
  ASSERT_EQ(some.size(), 20u);
  for (std::size_t i = 1; i < some.size(); ++i) EXPECT_LT(some[i - 1], some[i]);
  EXPECT_EQ(negatives.draw_distinct(500, random).size(), 50u);
}

}  // namespace
}  // namespace attune::train
