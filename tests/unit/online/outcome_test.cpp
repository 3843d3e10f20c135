// Outcomes: which event answers which list, and what a planted difference looks like.
#include "attune/online/outcome.h"

#include "attune/core/random.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::online;

namespace {

constexpr std::int64_t kHour = 3600 * 1000;

Experiment two_arms(const std::string& more = "") {
  return read_experiment(Json::parse(R"({"name": "wide", "arms": [{"name": "as now"}, {"name": "wide"}])" + more + "}"), 1000);
}

data::Exposure list(const std::string& request, const std::string& user, std::int64_t time_ms, const std::string& note = "") {
  return {.request = request, .user = user, .snapshot = "s", .time_ms = time_ms, .items = {"mug", "pan", "cup"}, .scores = {3, 2, 1}, .propensities = {1, 1, 1}, .note = note};
}

}  // namespace

TEST("an event answers the list it names, or the latest list before it that showed its item within the window; each item counts once") {
  const auto store = data::open_memory();
  store->log_exposure(list("r1", "ana", 2000));
  store->log_exposure(list("r2", "ana", 3000));
  store->append(std::vector<data::Event>{{.user = "ana", .item = "mug", .value = 5.0, .time_ms = 4000},
                                         {.user = "ana", .item = "mug", .time_ms = 4001},
                                         {.user = "ana", .item = "pan", .time_ms = 4002, .request = "r1"},
                                         {.user = "ana", .item = "cup", .time_ms = 3000 + 25 * kHour},
                                         {.user = "ana", .item = "lamp", .time_ms = 4003},
                                         {.user = "ana", .item = "cup", .time_ms = 1500},
                                         {.user = "ben", .item = "mug", .time_ms = 4000}});
  const Outcome outcome = judge(two_arms(), *store, {}, 100 * kHour);
  std::size_t takes = 0, lists = 0, users = 0;
  double value = 0, rate = 0;
  for (const ArmOutcome& arm : outcome.arms) {
    takes += arm.takes, lists += arm.lists, users += arm.users;
    value += arm.metrics[3].mean(), rate += arm.metrics[2].mean();
  }
  EXPECT_EQ(users, 1u);
  EXPECT_EQ(lists, 2u);
  EXPECT_EQ(takes, 2u);
  EXPECT_DOUBLE_EQ(value, 6);
  EXPECT_DOUBLE_EQ(rate, 1);
  EXPECT_EQ(outcome.verdict, "collecting");
}

TEST("an arm that is taken from twice as often is found better, and its guardrail of dislikes is seen to break") {
  const auto store = data::open_memory();
  const Experiment experiment = two_arms(R"(, "guardrails": [{"metric": "fewer_dislikes", "margin": 0.1}])");
  const data::EventTypes types = {{"dislike", {.weight = -1}}};
  Random random(5);
  for (const bool hurts : {false, true}) {
    std::vector<data::Event> events;
    for (int n = 0; n < 3000; ++n) {
      const std::string user = (hurts ? "h" : "u") + std::to_string(n);
      store->log_exposure(list("r" + user, user, 2000));
      const bool is_wide = *arm_of(experiment, user) == 1;
      if (random.uniform() < (is_wide ? 0.2 : 0.1)) events.push_back({.user = user, .item = "mug", .time_ms = 2500});
      if (random.uniform() < (hurts && is_wide ? 0.5 : 0.1)) events.push_back({.user = user, .item = "pan", .type = "dislike", .time_ms = 2600});
    }
    store->append(events);
    const Outcome outcome = judge(experiment, *store, types, kHour);
    EXPECT_EQ(outcome.verdict, hurts ? "guardrail fewer_dislikes is broken by wide" : "wide is better");
    EXPECT_GT(outcome.split_p, 0.001);
    ASSERT_EQ(outcome.comparisons.size(), 2u);
    EXPECT_NEAR(outcome.comparisons[0].difference.value, 0.1, 0.03);
  }
}

TEST("interleaved lists are judged by whose items were taken") {
  const auto store = data::open_memory();
  const Experiment experiment = two_arms(R"(, "mode": "interleave")");
  std::vector<data::Event> events;
  for (int n = 0; n < 200; ++n) {
    const std::string user = "u" + std::to_string(n);
    store->log_exposure(list("r" + user, user, 2000, note_of(experiment, n % 2 == 0 ? "abb" : "bab").dump()));
    events.push_back({.user = user, .item = n % 4 == 3 ? "pan" : n % 2 == 0 ? "pan" : "mug", .time_ms = 2500});   // a quarter takes a's
  }
  store->append(events);
  const Outcome outcome = judge(experiment, *store, {}, kHour);
  EXPECT_EQ(outcome.verdict, "wide is better");
  EXPECT_DOUBLE_EQ(outcome.preference.value, 0.5);
  EXPECT_EQ(outcome.judged_lists, 200u);
}
