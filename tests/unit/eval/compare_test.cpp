// Paired comparison, held against scipy.stats 1.x.
#include "attune/eval/compare.h"

#include <cmath>

#include "attune/core/random.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

const std::vector<double> kTwelve = {0.3, -0.1, 0.5, 0.0, 0.2, 0.2, -0.4, 0.7, 0.1, 0.0, -0.2, 0.6};

std::vector<double> many(std::size_t n, std::size_t up, std::size_t down) {
  std::vector<double> differences(n, 0.0);
  std::fill_n(differences.begin(), up, 1.0);
  std::fill_n(differences.begin() + static_cast<std::ptrdiff_t>(up), down, -1.0);
  return differences;
}

Evaluation measured(const std::vector<double>& values) {
  Evaluation evaluation{.users = values.size(), .names = {"ndcg@10"}, .values = values};
  for (std::size_t u = 0; u < values.size(); ++u) evaluation.who.push_back(user_at(u));
  return evaluation;
}

}  // namespace

TEST("the paired t-test gives scipy's p") {  // scipy.stats.ttest_1samp(differences, 0).pvalue
  EXPECT_NEAR(paired_t_test(kTwelve), 0.12346748740576594, 1e-12);
  EXPECT_NEAR(paired_t_test(std::vector<double>{1, 2, 3, 4}), 0.030466291662170977, 1e-12);
  EXPECT_NEAR(paired_t_test(many(22363, 100, 60)) / 0.001564072002573751, 1, 1e-8);
}

TEST("signed ranks give scipy's p") {  // scipy.stats.wilcoxon(differences, zero_method="wilcox", correction=False, method="approx")
  EXPECT_NEAR(wilcoxon_signed_rank(kTwelve), 0.1250468801311004, 1e-12);
  EXPECT_NEAR(wilcoxon_signed_rank(std::vector<double>{1, 2, 3, 4}), 0.06788915486182899, 1e-12);
  EXPECT_NEAR(wilcoxon_signed_rank(many(22363, 100, 60)) / 0.001565402258002548, 1, 1e-8);
}

TEST("no difference is no evidence, the same difference everywhere is certain") {
  EXPECT_EQ(paired_t_test(std::vector<double>(50, 0.0)), 1);
  EXPECT_EQ(wilcoxon_signed_rank(std::vector<double>(50, 0.0)), 1);
  EXPECT_EQ(paired_t_test(std::vector<double>(50, 0.25)), 0);
  EXPECT_EQ(paired_t_test(std::vector<double>{0.5}), 1);
}

TEST("without a difference one p in twenty is below .05") {
  int low = 0;
  for (std::uint64_t trial = 0; trial < 1000; ++trial) {
    Random random(trial);
    std::vector<double> differences;
    for (int i = 0; i < 20; ++i) differences.push_back(random.normal());
    low += paired_t_test(differences) < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(low, 50, 22);  // sd 6.9
}

TEST("Holm's correction multiplies the smallest p by all, the next by one less, and never falls") {
  // sorted .01 .02 .03 .2: .04, .06, .06, .2
  EXPECT_EQ(holm(std::vector<double>{0.03, 0.01, 0.2, 0.02}), (std::vector<double>{0.06, 0.04, 0.2, 0.06}));
  EXPECT_EQ(holm(std::vector<double>{0.6, 0.7}), (std::vector<double>{1.0, 1.0}));
  EXPECT_TRUE(holm(std::vector<double>{}).empty());
}

TEST("a comparison counts who is better off and puts an interval on the difference") {
  std::vector<double> first(400, 0.2), second(400, 0.2);
  for (std::size_t u = 0; u < 80; ++u) second[u] = 0.5;
  for (std::size_t u = 80; u < 100; ++u) second[u] = 0.1;
  const auto result = compare(measured(first), measured(second), "ndcg@10", 0.95, 500, attune::Run{.seed = 2});
  EXPECT_EQ(result.better, 80u);
  EXPECT_EQ(result.worse, 20u);
  EXPECT_EQ(result.same, 300u);
  EXPECT_NEAR(result.difference, (80 * 0.3 - 20 * 0.1) / 400, 1e-12);
  EXPECT_LT(result.low, result.difference);
  EXPECT_GT(result.high, result.difference);
  EXPECT_GT(result.low, 0);
  EXPECT_LT(result.p_t, 1e-6);
  EXPECT_LT(result.p_wilcoxon, 1e-6);
}

TEST("models judged on other users cannot be compared") {
  EXPECT_THROW(compare(measured({1, 0}), measured({1, 0, 1}), "ndcg@10", 0.95, 10, attune::Run{}), Error);
  EXPECT_THROW(compare(measured({1, 0}), measured({1, 0}), "map@10", 0.95, 10, attune::Run{}), Error);
}

}  // namespace attune::eval
