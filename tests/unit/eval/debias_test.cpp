// Debiased figures: by hand, with one target a user, and where what people like is known and what they were shown is not fair.
#include "attune/eval/debias.h"

#include <cmath>

#include "attune/core/random.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

const Run kRun{.seed = 3};

// Item 0 best, then 1, 2, ...
Answerer by_number() {
  return {.scores = [](const data::Case&, std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = -static_cast<float>(i);
  }};
}

}  // namespace

TEST("targets weigh one over their propensity, over all users at once") {
  const auto split = split_of(4, {{{}, {}, {0}}, {{}, {}, {2, 3}}});
  const EvalOptions options{.ks = {1, 3}, .bootstrap = 0, .debias = {.known = {1, 1, 0.5f, 0.25f}}};
  const auto evaluation = evaluate(split, by_number(), options, kRun);
  const double total = 1 + 2 + 4;
  EXPECT_NEAR(evaluation.at("debiased_hr@1"), 1 / total, 1e-12);
  EXPECT_NEAR(evaluation.at("debiased_hr@3"), 3 / total, 1e-12);
  EXPECT_NEAR(evaluation.at("debiased_ndcg@3"), (1 + 2 / std::log2(4.0)) / total, 1e-12);
  EXPECT_NEAR(evaluation.at("debiased_mrr"), (1 + 2 / 3.0 + 4 / 4.0) / total, 1e-12);
  EXPECT_NEAR(evaluation.at("debiased_auc"), (1 + 2 / 3.0 + 0) / total, 1e-12);
  EXPECT_NEAR(evaluation.at("debiased_targets"), total * total / (1 + 4 + 16), 1e-12);
}

TEST("no debiased figures unless they are asked for; a power of popularity is a propensity") {
  // Item 0 was taken by two users, item 1 by one: p = 1 and 0.5.
  const auto split = split_of(3, {{{0}, {0}, {1}}, {{0, 1}, {0, 1}, {2}}, {{}, {}, {0}}});
  EXPECT_EQ(evaluate(split, by_number(), {.ks = {1}, .bootstrap = 0}, kRun).find("debiased_hr@1"), nullptr);
  const auto evaluation = evaluate(split, by_number(), {.ks = {1}, .bootstrap = 0, .debias = {.power = 1, .clip = 0.1f}}, kRun);
  // Targets: item 1 (first, item 0 is seen) weighs 2, item 2 (first) weighs 10, item 0 weighs 1.
  EXPECT_NEAR(evaluation.at("debiased_hr@1"), 1.0, 1e-6);
  EXPECT_NEAR(evaluation.at("debiased_targets"), 13.0 * 13 / (4 + 100 + 1), 1e-3);
}

TEST("what was shown unfairly is judged as if all had been shown") {
  // Everybody likes each of 20 items with a chance of one half; items 0..9 are shown with .9, the others with .1. A model that
  // ranks by number puts ten of twenty first: the truth is .5, the shown events say .9.
  Random random(5);
  std::vector<Question> users;
  std::vector<float> known;
  for (unsigned i = 0; i < 20; ++i) known.push_back(i < 10 ? 0.9f : 0.1f);
  for (int u = 0; u < 2000; ++u) {
    Question user;
    for (unsigned i = 0; i < 20; ++i)
      if (random.below(2) == 0 && random.uniform() < static_cast<double>(known[i])) user.targets.push_back(i);
    if (!user.targets.empty()) users.push_back(user);
  }
  const auto evaluation = evaluate(split_of(20, users), by_number(), {.ks = {10}, .metrics = {"recall"}, .bootstrap = 300, .debias = {.known = known}}, kRun);
  const Figure* fair = evaluation.find("debiased_hr@10");
  ASSERT_NE(fair, nullptr);
  EXPECT_GT(evaluation.at("recall@10"), 0.85);
  EXPECT_NEAR(fair->mean, 0.5, 0.03);
  EXPECT_LT(fair->low, 0.5);
  EXPECT_GT(fair->high, 0.5);
}

TEST("propensities that cannot be are refused") {
  const auto split = split_of(3, {{{}, {}, {0}}});
  EXPECT_THROW(evaluate(split, by_number(), {.ks = {1}, .bootstrap = 0, .debias = {.known = {1, 1}}}, kRun), Error);
  EXPECT_THROW(evaluate(split, by_number(), {.ks = {1}, .bootstrap = 0, .debias = {.known = {1, 0, 1}}}, kRun), Error);
  EXPECT_THROW(evaluate(split, by_number(), {.ks = {1}, .bootstrap = 0, .debias = {.power = 1, .clip = 0}}, kRun), Error);
}

}  // namespace attune::eval
