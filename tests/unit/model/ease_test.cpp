// EASE against hand and plain arithmetic.
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

namespace attune::model {
namespace {

using namespace testing;

Json settings(const char* text) { return Json::parse(text); }

const Histories kThree = {{{0, 1}, {1, 1}}, {{1, 1}, {2, 1}}, {{0, 1}, {1, 1}}};

// B = I + Q - P diag(m) with everything in double and C through the items' own inverse.
Plain plain_ease(std::size_t items, const Histories& histories, double lambda, double dropout, double xi, const Plain& text) {
  const Plain x = plain_sets(items, histories);
  Plain a = product(turned(x), x);
  std::vector<double> pull(items);
  for (std::size_t j = 0; j < items; ++j) pull[j] = lambda + dropout / (1 - dropout) * a[j][j];
  for (std::size_t j = 0; j < items; ++j) a[j][j] += pull[j];
  const Plain p = inverse(a);
  Plain b = text.empty() ? zeros(items, items) : product(p, text);
  std::vector<double> m(items);
  for (std::size_t j = 0; j < items; ++j) {
    const double own = 1 + b[j][j];
    m[j] = own - pull[j] * p[j][j] <= xi ? pull[j] : (own - xi) / p[j][j];
  }
  for (std::size_t i = 0; i < items; ++i)
    for (std::size_t j = 0; j < items; ++j) b[i][j] += (i == j ? 1 : 0) - p[i][j] * m[j];
  return b;
}

TEST("three users and three items give the weights worked out by hand") {
  // G + I = [3 2 0; 2 4 1; 0 1 2], determinant 13, inverse [7 -4 2; -4 6 -3; 2 -3 8] / 13, B_ij = -P_ij / P_jj.
  const auto model = fit_ease(dataset_of(3, kThree), settings(R"({"lambda": 1})"), attune::Run{});
  const Plain by_hand = {{0, 4.0 / 6, -2.0 / 8}, {4.0 / 7, 0, 3.0 / 8}, {-2.0 / 7, 3.0 / 6, 0}};
  EXPECT_LT(largest_gap(weights_of(*model), by_hand), 1e-6);
}

TEST("a relaxed diagonal and dropout agree with plain arithmetic") {
  Random random(5);
  const Histories histories = random_histories(40, 12, 8, random, true);
  const auto model = fit_ease(dataset_of(12, histories), settings(R"({"lambda": 3, "dropout": 0.4, "xi": 0.3})"), attune::Run{});
  EXPECT_LT(largest_gap(weights_of(*model), plain_ease(12, histories, 3, 0.4, 0.3, {})), 1e-5);
}

TEST("levelled histories count less the longer they are") {
  // Sizes 1, 1 and 4, mean 2: with level 1 they count 2, 2 and 1/2.
  const data::Dataset data = dataset_of(4, {{{0, 1}}, {{1, 1}}, {{0, 1}, {1, 1}, {2, 1}, {3, 1}}});
  Plain g = zeros(4, 4);
  for (auto& row : g) row.assign(4, 0.5);
  g[0][0] += 2, g[1][1] += 2;
  for (std::size_t j = 0; j < 4; ++j) g[j][j] += 3;
  const Plain p = inverse(g);
  Plain wanted = zeros(4, 4);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j) wanted[i][j] = i == j ? 0 : -p[i][j] / p[j][j];
  EXPECT_LT(largest_gap(weights_of(*fit_ease(data, settings(R"({"lambda": 3, "level": 1})"), attune::Run{})), wanted), 1e-6);
}

TEST("the diagonal never passes its bound") {
  Random random(6);
  const auto model = fit_ease(dataset_of(12, random_histories(40, 12, 8, random, false)), settings(R"({"lambda": 1, "xi": 0.25})"), attune::Run{});
  const Plain w = weights_of(*model);
  for (std::size_t j = 0; j < 12; ++j) EXPECT_LE(w[j][j], 0.25);
}

TEST("a text prior of words agrees with the long way through items by items") {
  Random random(7);
  const Histories histories = random_histories(60, 14, 8, random, false);
  auto words = std::make_shared<data::ItemFeatures>();
  words->sparse = random_words(14, 9, random);
  const data::Dataset data = dataset_of(14, histories).with_features("tfidf", words);
  const auto model = fit_ease(data, settings(R"({"lambda": 5, "priors": "tfidf=8"})"), attune::Run{});
  Plain text = plain_text_ease(plain(words->sparse), 3);
  for (auto& row : text)
    for (double& x : row) x *= 8;
  EXPECT_LT(largest_gap(weights_of(*model), plain_ease(14, histories, 5, 0, 0, text)), 1e-5);
}

TEST("too many items for the budget are refused with what they need") {
  try {
    fit_ease(dataset_of(3, kThree), Json(), attune::Run{.memory_bytes = 20});
    FAIL() << "fitted in 20 bytes";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_request);
    EXPECT_NE(std::string(e.what()).find("raise [memory] budget or use ials"), std::string::npos) << e.what();
  }
}

TEST("settings out of range are refused by name") {
  for (const char* bad : {R"({"lambda": 0})", R"({"dropout": 1})", R"({"xi": 2})", R"({"decay": 0})", R"({"window": -1})",
                          R"({"priors": "tfidf"})", R"({"priors": "nobody=3"})", R"({"lambada": 3})"})
    EXPECT_THROW(fit_ease(dataset_of(3, kThree), settings(bad), attune::Run{}), Error) << bad;
}

}  // namespace
}  // namespace attune::model
