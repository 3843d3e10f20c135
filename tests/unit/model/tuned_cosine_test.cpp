// Tuned cosine: the worked example, gradients by finite differences, descent against the closed form, ratings of a small world.
#include "attune/model/tuned_cosine.h"

#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/model/rating.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

using namespace attune;
using namespace attune::model;
using namespace attune::model::testing;

namespace {

const std::vector<float> u1 = {1, 0, 0, 1, 0, 0, 0, 0, 0}, v1 = {0, 0, 0, 0, 0, 0, 0, 1, 0};
const std::vector<float> u2 = {0, 1, 1, 0, 1, 0, 1, 0, 1}, v2 = {0, 0, 0, 0, 1, 1, 0, 0, 0};
const std::vector<float> kOnes(9, 1.0f), kZeros(9, 0.0f);

// Pairs of the worked example with their ratings, items made unit length as the model has them.
CosineExamples worked(float first, float second) {
  return {.count = 2, .dim = 9, .fill = [=](std::span<const std::uint32_t> which, Matrix& users, Matrix& items, std::span<float> targets) {
            for (std::size_t r = 0; r < which.size(); ++r) {
              std::copy_n((which[r] == 0 ? u1 : u2).data(), 9, users.row(r).data());
              std::copy_n((which[r] == 0 ? v1 : v2).data(), 9, items.row(r).data());
              normalise(items.row(r));
              targets[r] = which[r] == 0 ? first : second;
            }
          }};
}

// Random pairs whose target is a tuned cosine of known theta plus noise.
struct Pairs {
  Matrix users, items;
  std::vector<float> targets;
  CosineExamples examples() const {
    return {.count = targets.size(), .dim = users.cols(), .fill = [this](std::span<const std::uint32_t> which, Matrix& u, Matrix& v, std::span<float> y) {
              for (std::size_t r = 0; r < which.size(); ++r) {
                std::copy_n(users.row(which[r]).data(), users.cols(), u.row(r).data());
                std::copy_n(items.row(which[r]).data(), users.cols(), v.row(r).data());
                y[r] = targets[which[r]];
              }
            }};
  }
};
Pairs random_pairs(std::size_t n, std::span<const float> alpha, std::span<const float> theta, float noise, Random& random) {
  Pairs pairs{random_vectors(n, alpha.size(), random), random_vectors(n, alpha.size(), random), std::vector<float>(n)};
  for (std::size_t r = 0; r < n; ++r) {
    normalise(pairs.items.row(r));
    pairs.targets[r] = tuned_cosine(pairs.users.row(r), pairs.items.row(r), alpha, theta) + noise * static_cast<float>(random.normal());
  }
  return pairs;
}

// Two kinds of items along two axes; even users rate the first kind 5 and the second 1, odd users the other way round.
data::Dataset two_tastes(unsigned users, unsigned items) {
  Histories histories(users);
  for (unsigned u = 0; u < users; ++u)
    for (unsigned i = 0; i < items; ++i)
      if ((i * 7 + u * 3) % 4 != 0) histories[u].emplace_back(i, i % 2 == u % 2 ? 5.0f : 1.0f);
  data::Dataset data = dataset_of(items, histories);
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = Matrix(items, 4);
  Random random(5);
  for (unsigned i = 0; i < items; ++i) {
    features->dense(i, i % 2) = 1;
    for (float& x : features->dense.row(i)) x += 0.2f * static_cast<float>(random.normal());
  }
  data.with_features("lines", features);
  return data;
}

Json settings(std::initializer_list<std::pair<const char*, Json>> pairs) {
  Json json = Json::object();
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

}  // namespace

TEST("the worked example: cos(u1, v1) is 0 and cos(u2, v2) is one over the root of ten") {
  EXPECT_EQ(tuned_cosine(u1, v1, kOnes, kZeros), 0);
  EXPECT_NEAR(tuned_cosine(u2, v2, kOnes, kZeros), 1 / std::sqrt(10.0), 1e-7);
}

TEST("theta adds alpha theta u v, dimension by dimension") {
  std::vector<float> theta = kZeros, alpha = kOnes;
  theta[4] = 0.5f;
  alpha[4] = 3;
  EXPECT_NEAR(tuned_cosine(u2, v2, alpha, theta), 1 / std::sqrt(10.0) + 1.5, 1e-6);
  EXPECT_EQ(tuned_cosine(u1, v1, alpha, theta), 0);   // u1 and v1 share no dimension: nothing can be learned of them
}

TEST("a pair without a common dimension teaches nothing, a pair with one teaches that dimension alone") {
  for (const char* optimizer : {"gd", "adam"}) {
    const TunedWeights w = tune_to_ratings(worked(1, 1), {}, kOnes, {.optimizer = optimizer, .epochs = 400, .batch = 0, .lr = 0.02f}, attune::Run{});
    for (std::size_t k = 0; k < 9; ++k) {
      if (k == 4) continue;
      EXPECT_EQ(w.theta[k], 0) << optimizer;
    }
    const float v = 1 / std::sqrt(2.0f);   // of the unit item
    EXPECT_NEAR(static_cast<double>(w.scale) * (1 / std::sqrt(10.0) + static_cast<double>(w.theta[4] * v)), 1, 0.01) << optimizer;
  }
}

TEST("gradient descent and Adam both come to the least squares solution") {
  Random random(11);
  std::vector<float> alpha(6), truth(6);
  for (std::size_t k = 0; k < 6; ++k) {
    alpha[k] = 0.5f + 0.3f * static_cast<float>(k);
    truth[k] = 0.4f * static_cast<float>(random.normal());
  }
  const Pairs pairs = random_pairs(400, alpha, truth, 0.1f, random);
  // target = scale cos + sum (scale theta) alpha u v: linear in scale and scale theta.
  Matrix x(400, 7), y(400, 1);
  for (std::size_t r = 0; r < 400; ++r) {
    x(r, 6) = tuned_cosine(pairs.users.row(r), pairs.items.row(r), alpha, std::vector<float>(6));
    for (std::size_t k = 0; k < 6; ++k) x(r, k) = alpha[k] * pairs.users(r, k) * pairs.items(r, k);
    y(r, 0) = pairs.targets[r];
  }
  Matrix a = multiply(x, x, {.transpose_a = true}), b = multiply(x, y, {.transpose_a = true});
  solve_spd(a, b, "least squares");
  for (const char* optimizer : {"gd", "adam"}) {
    const TunedWeights w = tune_to_ratings(pairs.examples(), {}, alpha, {.optimizer = optimizer, .epochs = 4000, .batch = 0, .lr = 0.1f}, attune::Run{});
    EXPECT_NEAR(w.scale, b(6, 0), 0.01) << optimizer;
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(w.scale * w.theta[k], b(k, 0), 0.01) << optimizer << " " << k;
  }
}

TEST("a penalty keeps theta near the plain cosine, most where alpha is small") {
  Random random(12);
  const std::vector<float> alpha = {1, 1, 0.1f, 0.1f}, truth = {0.5f, 0, 5, 0};   // both true weights are .5
  const Pairs pairs = random_pairs(500, alpha, truth, 0.01f, random);
  TuneOptions options{.optimizer = "adam", .epochs = 2000, .batch = 0, .lr = 0.02f};
  const TunedWeights free = tune_to_ratings(pairs.examples(), {}, alpha, options, attune::Run{});
  EXPECT_NEAR(free.scale * free.theta[0] * alpha[0], 0.5, 0.02);
  EXPECT_NEAR(free.scale * free.theta[2] * alpha[2], 0.5, 0.02);
  options.reg = 0.005f;
  const TunedWeights held = tune_to_ratings(pairs.examples(), {}, alpha, options, attune::Run{});
  EXPECT_LT(held.scale * held.theta[2] * alpha[2], 0.6f * held.scale * held.theta[0] * alpha[0]);
}

TEST("the gradients of both ranking losses agree with finite differences") {
  Random random(13);
  const Matrix users = random_vectors(5, 7, random), items = random_vectors(5, 7, random), negatives = random_vectors(9, 7, random);
  std::vector<float> alpha(7), theta(7), gradient(7), other(7);
  for (std::size_t k = 0; k < 7; ++k) {
    alpha[k] = 0.5f + static_cast<float>(random.uniform());
    theta[k] = 0.3f * static_cast<float>(random.normal());
  }
  const std::vector<float> weights = {1, 0.3f, 2, 0, 1.5f};
  for (const char* loss : {"softmax", "bpr"}) {
    const RankOptions rank{.loss = loss, .negatives = 9, .temperature = 0.7f};
    rank_loss(users, items, negatives, alpha, theta, rank, gradient, weights);
    for (std::size_t k = 0; k < 7; ++k) {
      const float h = 1e-2f, was = theta[k];
      theta[k] = was + h;
      const double up = rank_loss(users, items, negatives, alpha, theta, rank, other, weights);
      theta[k] = was - h;
      const double down = rank_loss(users, items, negatives, alpha, theta, rank, other, weights);
      theta[k] = was;
      EXPECT_NEAR(gradient[k], (up - down) / (2 * static_cast<double>(h)), 2e-3 * (1 + std::abs(static_cast<double>(gradient[k])))) << loss << " " << k;
    }
  }
}

TEST("training stops with the step and the loss when it diverges") {
  Random random(14);
  const std::vector<float> alpha(6, 50.0f), truth(6, 0.1f);
  const Pairs pairs = random_pairs(200, alpha, truth, 0.1f, random);
  try {
    tune_to_ratings(pairs.examples(), {}, alpha, {.optimizer = "gd", .epochs = 500, .batch = 0, .lr = 10}, attune::Run{});
    FAIL() << "did not diverge";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::bad_data);
    EXPECT_NE(std::string(error.what()).find("diverged at step"), std::string::npos) << error.what();
  }
}

TEST("items that nobody rated differ from the mean by no rating of their own; pulls shrink the rest") {
  const data::Dataset data = dataset_of(3, {{{0, 5.0f}, {1, 1.0f}}, {{0, 5.0f}}, {{1, 0.0f}}});
  const RatingBias bias(data, 2, 1);
  const double mean = 11.0 / 3;
  EXPECT_NEAR(bias.mean(), mean, 1e-9);
  EXPECT_NEAR(bias.item(0), mean + 2 * (5 - mean) / 4, 1e-6);
  EXPECT_NEAR(bias.item(1), mean + (1 - mean) / 3, 1e-6);   // the weight of 0 is not there
  EXPECT_NEAR(bias.item(2), mean, 1e-9);
  EXPECT_NEAR(bias.item_without(1, 1), mean, 1e-6);
  EXPECT_NEAR(bias.user(data.history(user_at(1))), (5 - bias.item(0)) / 2, 1e-6);
  EXPECT_EQ(bias.user({}), 0);
}

TEST("ratings of two tastes are foretold: high for the own kind, low for the other, by every loss") {
  const data::Dataset data = two_tastes(40, 24);
  for (const char* loss : {"rating", "softmax", "bpr"}) {
    const auto model = fit_tuned_cosine(data, settings({{"loss", loss}, {"weights", "graded"}, {"epochs", 40}, {"lr", 0.05}}), attune::Run{});
    const Rater* rater = rater_of(*model);
    ASSERT_NE(rater, nullptr);
    std::size_t right = 0, asked = 0;
    double squares = 0;
    for (unsigned u = 0; u < 40; ++u)
      for (unsigned i = 0; i < 24; ++i)
        if ((i * 7 + u * 3) % 4 == 0) {
          const ItemId item = item_at(i);
          float rating = 0;
          rater->predict_ratings({.history = data.history(user_at(u))}, {&item, 1}, {&rating, 1});
          const float truth = i % 2 == u % 2 ? 5.0f : 1.0f;
          right += (rating > 3) == (truth > 3) ? 1 : 0;
          squares += static_cast<double>((rating - truth) * (rating - truth));
          ++asked;
        }
    EXPECT_EQ(right, asked) << loss;
    EXPECT_LT(std::sqrt(squares / static_cast<double>(asked)), 1.0) << loss;   // the mean alone: 2
  }
}

TEST("what was rated below expectation counts against: its kind sinks") {
  const data::Dataset data = two_tastes(40, 24);
  const auto model = fit_tuned_cosine(data, settings({{"loss", "rating"}}), attune::Run{});
  std::vector<float> liked(24), disliked(24);
  const std::vector<Touch> five = {{.item = item_at(0), .weight = 5}}, one = {{.item = item_at(0), .weight = 1}};
  model->score_all({.history = five}, liked);
  model->score_all({.history = one}, disliked);
  EXPECT_GT(liked[2], 0);
  EXPECT_LT(disliked[2], 0);
}

TEST("events that all weigh the same cannot teach ratings, and that is said") {
  const Histories histories = {{{0, 1.0f}, {1, 1.0f}}, {{2, 1.0f}, {3, 1.0f}}};
  data::Dataset data = dataset_of(4, histories);
  auto features = std::make_shared<data::ItemFeatures>();
  Random random(2);
  features->dense = random_vectors(4, 3, random);
  data.with_features("lines", features);
  EXPECT_THROW(fit_tuned_cosine(data, settings({{"loss", "rating"}}), attune::Run{}), Error);
  EXPECT_NO_THROW(fit_tuned_cosine(data, Json(), attune::Run{}));
}

TEST("shares of the history add up to the score of a tuned cosine, with and without decay") {
  const data::Dataset data = two_tastes(40, 24);
  for (const double decay : {1.0, 0.7}) {
    const auto model = fit_tuned_cosine(data, settings({{"loss", "rating"}, {"decay", decay}}), attune::Run{});
    const auto history = data.history(user_at(3));
    std::vector<float> scores(24);
    model->score_all({.history = history}, scores);
    const std::vector<ItemId> items = {item_at(0), item_at(9)};
    const auto shares = model->contributions({.history = history}, items);
    for (std::size_t n = 0; n < 2; ++n) {
      float sum = 0;
      for (const float share : shares->row(n)) sum += share;
      EXPECT_NEAR(sum, scores[to_index(items[n])], 1e-4);
    }
  }
}

TEST("an example that weighs k times counts as k examples in squared error") {
  Random random(31);
  const std::vector<float> alpha(4, 1.0f), truth = {0.5f, -0.2f, 0.1f, 0};
  const Pairs pairs = random_pairs(60, alpha, truth, 0.3f, random);
  Pairs repeated{Matrix(90, 4), Matrix(90, 4), std::vector<float>(90)};   // the first 30 twice
  for (std::size_t r = 0; r < 90; ++r) {
    std::copy_n(pairs.users.row(r % 60).data(), 4, repeated.users.row(r).data());
    std::copy_n(pairs.items.row(r % 60).data(), 4, repeated.items.row(r).data());
    repeated.targets[r] = pairs.targets[r % 60];
  }
  CosineExamples weighed = pairs.examples();
  weighed.weight = [](std::uint32_t e) { return e < 30 ? 2.0f : 1.0f; };
  const TuneOptions options{.optimizer = "adam", .epochs = 1500, .batch = 0, .lr = 0.02f};
  const TunedWeights a = tune_to_ratings(weighed, {}, alpha, options, attune::Run{}), b = tune_to_ratings(repeated.examples(), {}, alpha, options, attune::Run{});
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(a.scale * a.theta[k], b.scale * b.theta[k], 5e-3) << k;
}
