// Models that are not trained: GF-CF, RP3beta, user-kNN, the infinite auto-encoder, text-kNN; held against their plain formulas.
#include <numbers>

#include "attune/core/explanation.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

namespace attune::model {
namespace {

using namespace testing;

Histories some_histories() {
  Random random(11);
  return random_histories(40, 12, 7, random, false);
}

std::vector<float> scores_of(const Recommender& model, const std::vector<Touch>& history) {
  std::vector<float> scores(model.item_count());
  model.score_all({.history = history}, scores);
  return scores;
}

std::vector<double> sums_of(const Plain& x, bool by_row) {
  std::vector<double> sums(by_row ? x.size() : x[0].size(), 0.0);
  for (std::size_t u = 0; u < x.size(); ++u)
    for (std::size_t i = 0; i < x[0].size(); ++i) sums[by_row ? u : i] += x[u][i];
  return sums;
}

// Parts of the explanation and shares of the history add up to the score of every item.
void expect_exact(const Recommender& model, const std::vector<Touch>& history) {
  const std::vector<float> scores = scores_of(model, history);
  std::vector<ItemId> all;
  for (std::size_t j = 0; j < scores.size(); ++j) all.push_back(item_at(j));
  const auto shares = model.contributions({.history = history}, all);
  for (std::size_t j = 0; j < scores.size(); ++j) {
    const Explanation why = model.explain({.history = history}, all[j]);
    EXPECT_NEAR(why.value, scores[j], 1e-5) << j;
    EXPECT_LT(gap(why), 1e-6) << j;
    if (!shares) continue;
    double sum = 0;
    for (std::size_t t = 0; t < history.size(); ++t) sum += (*shares)(j, t);
    EXPECT_NEAR(sum, scores[j], 1e-5) << j;
  }
}

TEST("gf_cf without its smooth part is the normalised neighbourhood") {
  const Histories histories = some_histories();
  const Plain x = plain_sets(12, histories);
  const std::vector<double> users = sums_of(x, true), items = sums_of(x, false);
  Plain n = x;
  for (std::size_t u = 0; u < n.size(); ++u)
    for (std::size_t i = 0; i < 12; ++i)
      if (n[u][i] > 0) n[u][i] /= std::sqrt(users[u] * items[i]);
  const auto model = fit_gf_cf(dataset_of(12, histories), Json::parse(R"({"vectors": 0})"), attune::Run{});
  EXPECT_LT(largest_gap(weights_of(*model), product(turned(n), n)), 1e-5);
}

TEST("with all singular vectors the smooth part of gf_cf gives each item itself") {
  const Histories histories = some_histories();  // N has rank 12, so V V' = I and D^-1/2 I D^1/2 = I
  const data::Dataset data = dataset_of(12, histories);
  const auto bare = fit_gf_cf(data, Json::parse(R"({"vectors": 0})"), attune::Run{});
  const auto whole = fit_gf_cf(data, Json::parse(R"({"vectors": 12, "alpha": 0.5, "passes": 20})"), attune::Run{});
  Plain wanted = weights_of(*bare);
  for (std::size_t i = 0; i < 12; ++i) wanted[i][i] += 0.5;
  EXPECT_LT(largest_gap(weights_of(*whole), wanted), 2e-3);
}

TEST("scores of gf_cf are sums over the history, and a repeated item counts once") {
  const auto model = fit_gf_cf(dataset_of(12, some_histories()), Json::parse(R"({"vectors": 4})"), attune::Run{});
  expect_exact(*model, touches({{1, 1}, {5, 0.5f}, {9, -1}}));
  EXPECT_EQ(scores_of(*model, touches({{3, 1}, {3, 1}})), scores_of(*model, touches({{3, 1}})));
}

TEST("rp3beta is the walk by hand") {
  // Ana took 0 and 1, Ben 1 and 2. From 0: to Ana (1), on to 1 with chance 1/2, leaning 2^-beta.
  const data::Dataset data = dataset_of(3, {{{0, 1}, {1, 1}}, {{1, 1}, {2, 1}}});
  const auto model = fit_rp3beta(data, Json::parse(R"({"alpha": 1, "beta": 0.5})"), attune::Run{});
  const Plain w = weights_of(*model);
  EXPECT_NEAR(w[0][1], 0.5 / std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(w[0][2], 0, 1e-6);
  EXPECT_NEAR(w[1][0], 0.25, 1e-6);  // to Ana or Ben by halves, then half
  EXPECT_NEAR(w[1][1], 0, 1e-6);     // none to itself
}

TEST("rp3beta with power alpha is the plain formula, the best neighbours kept") {
  const Histories histories = some_histories();
  const Plain x = plain_sets(12, histories);
  const std::vector<double> users = sums_of(x, true), items = sums_of(x, false);
  Plain wanted = zeros(12, 12);
  for (std::size_t i = 0; i < 12; ++i)
    for (std::size_t j = 0; j < 12; ++j)
      for (std::size_t u = 0; u < x.size() && i != j; ++u)
        if (x[u][i] > 0 && x[u][j] > 0) wanted[i][j] += std::pow(1 / items[i], 0.7) * std::pow(1 / users[u], 0.7) / std::pow(items[j], 0.3);
  const data::Dataset data = dataset_of(12, histories);
  EXPECT_LT(largest_gap(weights_of(*fit_rp3beta(data, Json::parse(R"({"alpha": 0.7, "beta": 0.3})"), attune::Run{})), wanted), 1e-6);
  const Plain few = weights_of(*fit_rp3beta(data, Json::parse(R"({"alpha": 0.7, "beta": 0.3, "neighbours": 3})"), attune::Run{}));
  for (std::size_t i = 0; i < 12; ++i) {
    std::vector<double> row = wanted[i];
    std::sort(row.begin(), row.end(), std::greater<>());
    for (std::size_t j = 0; j < 12; ++j) EXPECT_NEAR(few[i][j], wanted[i][j] >= row[2] ? wanted[i][j] : 0, 1e-6);
  }
}

TEST("user_knn asks the nearest people and nobody else") {
  // Like {0, 1}: Ana {0, 1, 2} by 2/sqrt(6), Ben {1, 3} by 1/2, Cleo {4} not at all.
  const data::Dataset data = dataset_of(5, {{{0, 1}, {1, 1}, {2, 1}}, {{1, 1}, {3, 1}}, {{4, 1}}});
  const std::vector<Touch> history = touches({{0, 1}, {1, 1}});
  const auto both = fit_user_knn(data, Json::parse(R"({"weighting": "cosine"})"), attune::Run{});
  const auto one = fit_user_knn(data, Json::parse(R"({"weighting": "cosine", "neighbours": 1})"), attune::Run{});
  const auto sharp = fit_user_knn(data, Json::parse(R"({"weighting": "cosine", "power": 2, "shrink": 1})"), attune::Run{});
  const double ana = 2 / std::sqrt(6.0);
  const std::vector<float> scores = scores_of(*both, history);
  EXPECT_NEAR(scores[2], ana, 1e-6);
  EXPECT_NEAR(scores[3], 0.5, 1e-6);
  EXPECT_NEAR(scores[1], ana + 0.5, 1e-6);
  EXPECT_EQ(scores[4], 0);
  EXPECT_EQ(scores_of(*one, history)[3], 0);
  EXPECT_NEAR(scores_of(*sharp, history)[3], std::pow(1 / (std::sqrt(2.0) * std::sqrt(2.0) + 1), 2), 1e-6);
}

TEST("user_knn leaves out the one who asks when told who that is") {
  const data::Dataset data = dataset_of(3, {{{0, 1}, {1, 1}}, {{0, 1}, {2, 1}}});
  const auto model = fit_user_knn(data, Json::parse(R"({"weighting": "cosine"})"), attune::Run{});
  const std::vector<Touch> history = touches({{0, 1}, {1, 1}});
  std::vector<float> scores(3);
  model->score_all({.history = history, .user = user_at(0)}, scores);
  EXPECT_EQ(scores[1], 0);
  EXPECT_NEAR(scores[2], 0.5, 1e-6);
}

TEST("scores of user_knn are sums over the history, whatever its weights") {
  const data::Dataset data = dataset_of(12, some_histories());
  for (const char* settings : {R"({"neighbours": 5})", R"({"weighting": "cosine", "power": 2.5, "shrink": 3})"})
    expect_exact(*fit_user_knn(data, Json::parse(settings), attune::Run{}), touches({{1, 1}, {5, 0.5f}, {9, 1}, {2, -0.5f}}));
}

double plain_tangent(const std::vector<double>& x, const std::vector<double>& y) {
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) xy += x[i] * y[i], xx += x[i] * x[i], yy += y[i] * y[i];
  const double n = static_cast<double>(x.size()), a = 2 * xy / n + 0.01, b = 2 * xx / n + 0.01, c = 2 * yy / n + 0.01;
  const double t = std::acos(std::clamp(a / std::sqrt(b * c), -1.0, 1.0)), pi = std::numbers::pi;
  const double covariance = std::sqrt(b * c) * (std::sin(t) + (pi - t) * std::cos(t)) / (2 * pi), slope = (pi - t) / (2 * pi);
  return 2 * covariance + 0.01 + 2 * a * slope;
}

TEST("inf_ae is kernel ridge over people with the tangent kernel of one wide layer") {
  const Histories histories = some_histories();
  const Plain x = plain_sets(12, histories);
  Plain k = zeros(40, 40);
  double trace = 0;
  for (std::size_t u = 0; u < 40; ++u)
    for (std::size_t v = 0; v < 40; ++v) k[u][v] = plain_tangent(x[u], x[v]);
  for (std::size_t u = 0; u < 40; ++u) trace += k[u][u];
  for (std::size_t u = 0; u < 40; ++u) k[u][u] += 3 * trace / 40;
  const Plain answers = product(inverse(k), x);
  const auto model = fit_inf_ae(dataset_of(12, histories), Json::parse(R"({"lambda": 3})"), attune::Run{});
  std::vector<double> asked(12, 0.0);
  asked[2] = asked[7] = 1;
  const std::vector<float> scores = scores_of(*model, touches({{2, 1}, {7, 1}}));
  for (std::size_t j = 0; j < 12; ++j) {
    double sum = 0;
    for (std::size_t u = 0; u < 40; ++u) sum += plain_tangent(asked, x[u]) * answers[u][j];
    EXPECT_NEAR(scores[j], sum, 1e-5) << j;
  }
}

TEST("inf_ae tells what each item of the history adds, and learns from fewer people when told") {
  const data::Dataset data = dataset_of(12, some_histories());
  expect_exact(*fit_inf_ae(data, Json(), attune::Run{}), touches({{1, 1}, {5, 0.5f}, {9, -1}}));
  expect_exact(*fit_inf_ae(data, Json::parse(R"({"users": 7})"), attune::Run{}), touches({{1, 1}}));
  attune::Run small;
  small.memory_bytes = 1000;
  EXPECT_THROW(fit_inf_ae(data, Json(), small), NeedsMoreMemory);
}

data::Dataset with_item_texts(const std::vector<std::string>& texts) {
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < texts.size(); ++i) items.push_back({.name = "i" + std::to_string(i), .text = texts[i]});
  std::vector<std::vector<data::HistoryRow>> rows(1);
  rows[0].push_back({.touch = {.item = item_at(0)}});
  return data::Dataset(std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{"u"}), std::move(rows));
}

TEST("text_knn is BM25 by hand") {
  // "red" stands in 2 of 4 items, "mug" in 2, "blue", "hat", "green" in 1; mean length 2.
  const data::Dataset data = with_item_texts({"red mug", "Red hat", "blue mug mug", "green"});
  const Plain w = weights_of(*fit_text_knn(data, Json::parse(R"({"level": false})"), attune::Run{}));
  const double idf = std::log(1 + (4 - 2 + 0.5) / (2 + 0.5));
  EXPECT_NEAR(w[0][1], idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 2)), 1e-5);
  EXPECT_NEAR(w[0][2], idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2)), 1e-5);
  EXPECT_EQ(w[0][0], 0);
  EXPECT_EQ(w[0][3], 0);
  EXPECT_EQ(w[1][2], 0);
}

TEST("text_knn weighs an answer by what the query's own text would give, unless told not to") {
  const data::Dataset data = with_item_texts({"red mug", "red hat", "blue mug mug", "green"});
  const Plain bare = weights_of(*fit_text_knn(data, Json::parse(R"({"level": false})"), attune::Run{}));
  const Plain level = weights_of(*fit_text_knn(data, Json(), attune::Run{}));
  const double rare = std::log(1 + (4 - 1 + 0.5) / 1.5), shared = std::log(2.0), tf = 2.2 / (1 + 1.2);
  EXPECT_NEAR(level[1][0], bare[1][0] / (tf * (rare + shared)), 1e-5);  // "red hat" against itself: both words at mean length
}

TEST("words that most items have say nothing, and a catalogue without texts is refused") {
  const data::Dataset data = with_item_texts({"new red", "new red", "new blue", "new"});
  const Plain w = weights_of(*fit_text_knn(data, Json(), attune::Run{}));
  EXPECT_GT(w[0][1], 0);
  EXPECT_EQ(w[0][2], 0);
  EXPECT_THROW(fit_text_knn(with_item_texts({"", " ?!"}), Json(), attune::Run{}), Error);
}

TEST("settings out of range are refused by name") {
  const data::Dataset data = with_item_texts({"a b", "b c"});
  EXPECT_THROW(fit_gf_cf(data, Json::parse(R"({"alpha": -1})"), attune::Run{}), Error);
  EXPECT_THROW(fit_rp3beta(data, Json::parse(R"({"neighbours": 0})"), attune::Run{}), Error);
  EXPECT_THROW(fit_user_knn(data, Json::parse(R"({"weighting": "bm42"})"), attune::Run{}), Error);
  EXPECT_THROW(fit_inf_ae(data, Json::parse(R"({"lambda": 0})"), attune::Run{}), Error);
  EXPECT_THROW(fit_text_knn(data, Json::parse(R"({"b": 2})"), attune::Run{}), Error);
}

}  // namespace
}  // namespace attune::model
