// Popularity and text similarity.
#include "attune/core/kernels.h"
#include "attune/model/half.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

namespace attune::model {
namespace {

using namespace testing;

TEST("popularity counts people, not events") {
  const Histories histories = {{{0, 1}, {0, 1}, {0, 1}}, {{1, 1}}, {{1, 1}, {2, 0.5f}}};
  const auto model = fit_popularity(dataset_of(3, histories), Json(), attune::Run{});
  std::vector<float> scores(3);
  model->score_all({}, scores);
  EXPECT_EQ(scores, (std::vector<float>{1, 2, 0.5f}));
}

TEST("with a half-life an item of yesterday passes one of last year") {
  constexpr std::int64_t kDay = 86'400'000;
  std::vector<std::vector<data::HistoryRow>> rows(5);
  for (std::size_t u = 0; u < 5; ++u)  // three people took item 0 a year ago, two took item 1 now
    rows[u].push_back({.touch = {.item = item_at(u < 3 ? 0 : 1), .time_ms = u < 3 ? 10 * kDay : 375 * kDay}});
  const data::Dataset data(catalogue_of(2, 5), std::move(rows));
  std::vector<float> plain(2), recent(2);
  fit_popularity(data, Json(), attune::Run{})->score_all({}, plain);
  fit_popularity(data, Json::parse(R"({"half_life_days": 365})"), attune::Run{})->score_all({}, recent);
  EXPECT_EQ(plain, (std::vector<float>{3, 2}));
  EXPECT_EQ(recent, (std::vector<float>{1.5f, 2}));
}

struct Told {
  data::Dataset data;
  std::shared_ptr<data::ItemFeatures> features;
};
Told told(bool sparse) {
  Random random(31);
  auto features = std::make_shared<data::ItemFeatures>();
  if (sparse) features->sparse = random_words(10, 8, random);
  else features->dense = random_vectors(10, 6, random);
  Told world{dataset_of(10, random_histories(20, 10, 6, random, false)), features};
  world.data.with_features("text", features);
  return world;
}

TEST("cosine and distance between the mean of the history and the items are the plain formulas") {
  for (const bool sparse : {false, true}) {
    const Told world = told(sparse);
    Plain y = sparse ? plain(world.features->sparse) : plain(world.features->dense);
    const std::vector<Touch> history = touches({{1, 1}, {4, 0.5f}});  // weights .8 and .5
    for (const bool cosine : {true, false}) {
      const char* settings = cosine ? R"({"whiten_eps": 0})" : R"({"whiten_eps": 0, "measure": "euclidean"})";
      const auto model = fit_text_similarity(world.data, Json::parse(settings), attune::Run{});
      std::vector<float> scores(10);
      model->score_all({.history = history}, scores);
      Plain points = y;
      for (auto& row : points) {
        double length = 0;
        for (const double x : row) length += x * x;
        if (cosine)
          for (double& x : row) x /= std::sqrt(length);
      }
      for (std::size_t j = 0; j < 10; ++j) {
        double product = 0, user_length = 0, distance = 0;
        for (std::size_t k = 0; k < points[0].size(); ++k) {
          const double user = (0.8 * points[1][k] + 0.5 * points[4][k]) / 1.3;
          product += user * points[j][k];
          user_length += user * user;
          distance += (user - points[j][k]) * (user - points[j][k]);
        }
        EXPECT_NEAR(scores[j], cosine ? product / std::sqrt(user_length) : -std::sqrt(distance), 1e-5) << sparse << cosine;
      }
    }
  }
}

TEST("a new text has the column that its known twin has, and an index can serve dense cosines") {
  const Told world = told(false);
  const auto model = fit_text_similarity(world.data, Json(), attune::Run{});
  NewItem twin;
  const auto row = world.features->dense.row(6);
  twin.features["text"].dense.assign(row.begin(), row.end());
  const auto column = model->column(twin);
  ASSERT_TRUE(column.has_value());
  const std::vector<Touch> history = touches({{1, 1}, {4, 0.5f}, {2, -1}});
  std::vector<float> scores(10);
  model->score_all({.history = history}, scores);
  float score = 0;
  for (const Scored& in : model->input({.history = history})) score += in.score * (*column)[to_index(in.item)];
  EXPECT_NEAR(score, scores[6], 1e-5);
  const auto vectors = model->item_vectors();
  const auto user = model->query_vector({.history = history});
  ASSERT_TRUE(vectors && user);
  for (std::size_t j = 0; j < 10; ++j) EXPECT_NEAR(dot(vectors->row(j), *user), scores[j], 1e-5);
}

TEST("shares of the cosine add up to it") {
  const Told world = told(true);
  const auto model = fit_text_similarity(world.data, Json(), attune::Run{});
  const std::vector<Touch> history = touches({{1, 1}, {4, 0.5f}, {1, 1}});
  for (std::size_t j = 0; j < 10; ++j) {
    const ItemId item = item_at(j);
    float score = 0;
    model->score({.history = history}, {&item, 1}, {&score, 1});
    const Explanation why = model->explain({.history = history}, item);
    EXPECT_NEAR(why.value, score, 1e-5);
    EXPECT_LT(gap(why), 1e-6);
    const auto shares = model->contributions({.history = history}, {&item, 1});
    EXPECT_NEAR((*shares)(0, 0) + (*shares)(0, 1) + (*shares)(0, 2), score, 1e-5);
  }
}

TEST("without texts, text similarity says what is missing") {
  EXPECT_THROW(fit_text_similarity(dataset_of(3, {{{0, 1}}}), Json(), attune::Run{}), Error);
}

TEST("half precision is within half a step of every number it can hold") {
  EXPECT_EQ(from_half(to_half(0.0f)), 0.0f);
  EXPECT_EQ(from_half(to_half(-1.5f)), -1.5f);
  EXPECT_EQ(from_half(to_half(65504.0f)), 65504.0f);
  EXPECT_EQ(from_half(to_half(2049.0f)), 2048.0f);  // a tie goes to the even fraction
  EXPECT_EQ(from_half(to_half(0x1.0p-24f)), 0x1.0p-24f);
  Random random(1);
  for (int n = 0; n < 10000; ++n) {
    const auto x = static_cast<float>(random.normal() * std::exp2(static_cast<double>(random.below(30)) - 20));
    EXPECT_NEAR(from_half(to_half(x)), x, std::max(std::abs(x) * 0x1.0p-11f, 0x1.0p-25f));
  }
}

}  // namespace
}  // namespace attune::model
