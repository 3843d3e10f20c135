// Off-policy evaluation: every estimator by hand on three rounds, and unbiased where the truth is known.
#include "attune/eval/off_policy.h"

#include <cmath>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::eval;

namespace {

// w = 2, .5, 0
const LoggedRounds kThree{.reward = {1, 0, 1}, .logged = {0.25, 0.5, 0.5}, .target = {0.5, 0.25, 0}, .expected = {0.5, 0.25, 0.75}, .value = {0.4, 0.3, 0.2}};

// Two choices and a context; the log takes the first with chance .8, the policy with chance .3.
LoggedRounds simulated(std::size_t n, bool with_good_model, Random& random) {
  LoggedRounds rounds;
  for (std::size_t k = 0; k < n; ++k) {
    const bool context = random.below(2) == 0, first = random.uniform() < 0.8;
    const auto chance = [&](bool of_first) { return of_first ? (context ? 0.2 : 0.4) : (context ? 0.7 : 0.5); };
    rounds.reward.push_back(random.uniform() < chance(first) ? 1 : 0);
    rounds.logged.push_back(first ? 0.8 : 0.2);
    rounds.target.push_back(first ? 0.3 : 0.7);
    const auto believed = [&](bool of_first) { return with_good_model ? chance(of_first) : 0.9; };
    rounds.expected.push_back(believed(first));
    rounds.value.push_back(0.3 * believed(true) + 0.7 * believed(false));
  }
  return rounds;
}
constexpr double kTruth = 0.3 * 0.3 + 0.7 * 0.6;   // of simulated()

}  // namespace

TEST("every estimator as computed by hand") {
  const OffPolicyReport report = evaluate_off_policy(kThree, {.clip = 1.5, .switch_at = 1, .shrinkage = 4, .bootstrap = 0}, attune::Run{});
  EXPECT_NEAR(report.at("ips").value, 2.0 / 3, 1e-12);
  EXPECT_NEAR(report.at("clipped").value, 1.5 / 3, 1e-12);
  EXPECT_NEAR(report.at("snips").value, 2 / 2.5, 1e-12);
  EXPECT_NEAR(report.at("dm").value, 0.9 / 3, 1e-12);
  const double rest = 2 * 0.5 + 0.5 * -0.25;
  EXPECT_NEAR(report.at("dr").value, 0.3 + rest / 3, 1e-12);
  EXPECT_NEAR(report.at("sndr").value, 0.3 + rest / 2.5, 1e-12);
  EXPECT_NEAR(report.at("switch_dr").value, 0.3 + 0.5 * -0.25 / 3, 1e-12);   // the weight of 2 is left to the model
  EXPECT_NEAR(report.at("dr_os").value, 0.3 + (4 * 2 / 8.0 * 0.5 + 4 * 0.5 / 4.25 * -0.25) / 3, 1e-12);
  EXPECT_NEAR(report.effective_rounds, 2.5 * 2.5 / 4.25, 1e-12);
  EXPECT_EQ(report.largest_weight, 2);
}

TEST("without a reward model only the weighing estimators are there, and asking for another says so") {
  LoggedRounds rounds = kThree;
  rounds.expected.clear();
  rounds.value.clear();
  const OffPolicyReport report = evaluate_off_policy(rounds, {.bootstrap = 0}, attune::Run{});
  EXPECT_EQ(report.estimates.size(), 3u);
  EXPECT_THROW(report.at("dr"), Error);
}

TEST("weighing finds the policy's value where the log's own mean is far off; DR does so even with a wrong model") {
  Random random(7);
  for (const bool with_good_model : {true, false}) {
    const LoggedRounds rounds = simulated(100000, with_good_model, random);
    const OffPolicyReport report = evaluate_off_policy(rounds, {.bootstrap = 200}, attune::Run{});
    for (const char* name : {"ips", "snips", "dr", "sndr"}) EXPECT_NEAR(report.at(name).value, kTruth, 0.015) << name;
    if (with_good_model) EXPECT_NEAR(report.at("dm").value, kTruth, 0.005);
    else EXPECT_GT(report.at("dm").value, 0.85);
    EXPECT_NEAR(report.mean_weight, 1, 0.02);
  }
}

TEST("intervals hold the truth about as often as they say") {
  Random random(9);
  int held = 0;
  for (int trial = 0; trial < 100; ++trial) {
    const OffPolicyReport report = evaluate_off_policy(simulated(400, true, random), {.bootstrap = 300, .confidence = 0.9}, attune::Run{});
    held += report.at("snips").low <= kTruth && kTruth <= report.at("snips").high ? 1 : 0;
  }
  EXPECT_GE(held, 80);
  EXPECT_LE(held, 98);
}

TEST("with shrinkage at infinity and no limit on weights the doubly robust estimators agree") {
  Random random(3);
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  const OffPolicyReport report = evaluate_off_policy(simulated(500, false, random), {.clip = kNoLimit, .switch_at = kNoLimit, .shrinkage = kNoLimit, .bootstrap = 0}, attune::Run{});
  EXPECT_NEAR(report.at("dr_os").value, report.at("dr").value, 1e-12);
  EXPECT_NEAR(report.at("switch_dr").value, report.at("dr").value, 1e-12);
  EXPECT_NEAR(report.at("clipped").value, report.at("ips").value, 1e-12);
}

TEST("a log that cannot be is refused with the round") {
  LoggedRounds rounds = kThree;
  rounds.logged[1] = 0;
  try {
    evaluate_off_policy(rounds, {}, attune::Run{});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::bad_data);
    EXPECT_NE(std::string(error.what()).find("round 1"), std::string::npos) << error.what();
  }
  rounds = kThree;
  rounds.target = {0, 0, 0};
  EXPECT_THROW(evaluate_off_policy(rounds, {}, attune::Run{}), Error);
  rounds = kThree;
  rounds.value.pop_back();
  EXPECT_THROW(evaluate_off_policy(rounds, {}, attune::Run{}), Error);
}
