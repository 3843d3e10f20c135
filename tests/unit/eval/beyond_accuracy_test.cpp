// Metrics of what the lists hold, by hand; the short formulas against the long ones.
#include <cmath>

#include "attune/core/random.h"
#include "attune/eval/evaluate.h"
#include "attune/eval/measured.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

const attune::Run kRun{.seed = 1};

// Each user is shown the list of its number.
Answerer shows(std::vector<std::vector<unsigned>> lists) {
  return {.list = [lists = std::move(lists)](const data::Case& asked) { return ids(lists[to_index(asked.user)]); }};
}

EvalOptions asking(const char* metric, int k, const data::ItemFeatures* vectors = nullptr) {
  return {.ks = {k}, .metrics = {metric}, .bootstrap = 0, .segments = false, .vectors = vectors};
}

data::ItemFeatures dense(const std::vector<std::vector<float>>& rows) {
  data::ItemFeatures features{.dense = Matrix(rows.size(), rows[0].size())};
  for (std::size_t r = 0; r < rows.size(); ++r) std::copy(rows[r].begin(), rows[r].end(), features.dense.row(r).begin());
  return features;
}

data::ItemFeatures sparse_of(const data::ItemFeatures& from) {
  data::ItemFeatures features;
  features.sparse.rows = from.dense.rows();
  features.sparse.cols = from.dense.cols();
  for (std::size_t r = 0; r < from.dense.rows(); ++r) {
    for (std::size_t c = 0; c < from.dense.cols(); ++c)
      if (from.dense(r, c) != 0) {
        features.sparse.indices.push_back(static_cast<std::uint32_t>(c));
        features.sparse.values.push_back(from.dense(r, c));
      }
    features.sparse.offsets.push_back(features.sparse.indices.size());
  }
  return features;
}

}  // namespace

TEST("coverage is the share of the catalogue anybody is shown in the first K") {
  const auto split = split_of(8, {{{}, {}, {7}}, {{}, {}, {7}}});
  const auto answers = shows({{0, 1, 2}, {1, 0, 3}});
  EXPECT_DOUBLE_EQ(evaluate(split, answers, asking("coverage", 2), kRun).at("coverage@2"), 2.0 / 8);
  EXPECT_DOUBLE_EQ(evaluate(split, answers, asking("coverage", 3), kRun).at("coverage@3"), 4.0 / 8);
}

TEST("gini is 0 when all items are shown alike and 1 - 1/items when one takes all") {
  const auto split = split_of(4, {{{}, {}, {3}}, {{}, {}, {3}}, {{}, {}, {3}}, {{}, {}, {3}}});
  EXPECT_DOUBLE_EQ(evaluate(split, shows({{0}, {1}, {2}, {3}}), asking("gini", 1), kRun).at("gini@1"), 0);
  EXPECT_DOUBLE_EQ(evaluate(split, shows({{2}, {2}, {2}, {2}}), asking("gini", 1), kRun).at("gini@1"), 0.75);
  // Counts 0 0 1 3: the six pairs differ by 0 1 3 1 3 2; twice their sum, 20, over 16, over twice the mean: .625
  EXPECT_DOUBLE_EQ(evaluate(split, shows({{2}, {3}, {3}, {3}}), asking("gini", 1), kRun).at("gini@1"), 0.625);
}

TEST("novelty is the mean surprise in bits, an item nobody took counting as one taker's") {
  // Four users: item 0 taken by all, item 1 by two, item 2 by one, item 3 by nobody: 0, 1, 2, 2 bits.
  const auto split = split_of(4, {{{0, 1}, {}, {3}}, {{0, 1}, {}, {}}, {{0, 2}, {}, {}}, {{0}, {}, {}}});
  EXPECT_DOUBLE_EQ(evaluate(split, shows({{0, 1, 2, 3}}), asking("novelty", 4), kRun).at("novelty@4"), 5.0 / 4);
  EXPECT_DOUBLE_EQ(evaluate(split, shows({{0, 1, 2, 3}}), asking("novelty", 2), kRun).at("novelty@2"), 1.0 / 2);
}

TEST("diversity is 1 minus the mean cosine of the pairs") {
  // cosines: 0-1: 0, 0-2: .6, 1-2: .8
  const auto vectors = dense({{2, 0}, {0, 5}, {3, 4}, {0, 0}, {-1, 0}});
  const auto split = split_of(5, {{{}, {}, {4}}});
  EXPECT_NEAR(evaluate(split, shows({{0, 1, 2}}), asking("diversity", 3, &vectors), kRun).at("diversity@3"), 1 - 1.4 / 3, 1e-6);
  EXPECT_NEAR(evaluate(split, shows({{0, 3}}), asking("diversity", 2, &vectors), kRun).at("diversity@2"), 1, 1e-6);  // no vector: cosine 0
  EXPECT_NEAR(evaluate(split, shows({{0, 4}}), asking("diversity", 2, &vectors), kRun).at("diversity@2"), 2, 1e-6);  // opposites
  EXPECT_EQ(evaluate(split, shows({{0}}), asking("diversity", 2, &vectors), kRun).find("diversity@2")->n, 0u);       // one item has no pair
}

TEST("the quick diversity equals the one pair by pair, dense or sparse") {
  Random random(3);
  std::vector<std::vector<float>> rows(30, std::vector<float>(17, 0.0f));
  for (auto& row : rows)
    for (float& v : row) v = random.uniform() < 0.4 ? static_cast<float>(random.normal()) : 0.0f;
  const auto vectors = dense(rows), words = sparse_of(vectors);
  const std::vector<unsigned> list = {4, 9, 1, 22, 17, 29, 0, 13};
  double sum = 0;
  for (std::size_t a = 0; a < list.size(); ++a)
    for (std::size_t b = a + 1; b < list.size(); ++b) {
      double ab = 0, aa = 0, bb = 0;
      for (std::size_t d = 0; d < 17; ++d) {
        ab += double{rows[list[a]][d]} * rows[list[b]][d];
        aa += double{rows[list[a]][d]} * rows[list[a]][d];
        bb += double{rows[list[b]][d]} * rows[list[b]][d];
      }
      sum += ab / std::sqrt(aa * bb);
    }
  const double expected = 1 - sum / 28;
  const auto split = split_of(30, {{{}, {}, {2}}});
  EXPECT_NEAR(evaluate(split, shows({list}), asking("diversity", 8, &vectors), kRun).at("diversity@8"), expected, 1e-6);
  EXPECT_NEAR(evaluate(split, shows({list}), asking("diversity", 8, &words), kRun).at("diversity@8"), expected, 1e-6);
}

TEST("vectors of another catalogue are refused") {
  const auto vectors = dense({{1, 0}, {0, 1}});
  EXPECT_THROW(evaluate(split_of(5, {{{}, {}, {4}}}), shows({{0}}), asking("diversity", 2, &vectors), kRun), Error);
}

TEST("every metric of the table says what it is and has one way of being measured") {
  for (const Metric& metric : metrics()) {
    EXPECT_FALSE(metric.about.empty()) << metric.name;
    EXPECT_NE(metric.measure.of_case == nullptr, metric.measure.of_lists == nullptr) << metric.name;
  }
}

}  // namespace attune::eval
