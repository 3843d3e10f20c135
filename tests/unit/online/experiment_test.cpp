// Experiments: who is in which arm, what is refused, and team drafts.
#include "attune/online/experiment.h"

#include <algorithm>
#include <set>

#include "attune/core/error.h"
#include "attune/online/interleave.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::online;

namespace {

Experiment read(const std::string& text) { return read_experiment(Json::parse(text), 1000); }

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST("users are dealt by their names in the shares asked for, always the same way, and anew under another salt") {
  const Experiment experiment = read(R"({"name": "wide", "share": 0.5, "arms": [{"name": "a", "share": 3}, {"name": "b", "share": 1}]})");
  int in = 0, b = 0, moved = 0;
  Experiment other = experiment;
  other.salt = "again";
  for (int n = 0; n < 20000; ++n) {
    const std::string user = "user" + std::to_string(n);
    const auto arm = arm_of(experiment, user);
    EXPECT_EQ(arm, arm_of(experiment, user));
    if (!arm) continue;
    ++in, b += *arm == 1;
    moved += arm_of(other, user) != arm;
  }
  EXPECT_NEAR(in, 10000, 300);
  EXPECT_NEAR(static_cast<double>(b) / in, 0.25, 0.02);
  EXPECT_GT(moved, in / 2);
  EXPECT_FALSE(arm_of(experiment, ""));
}

TEST("an experiment written as JSON is read back the same") {
  const Experiment experiment = read(R"({"name": "n", "mode": "interleave", "arms": [{"name": "a"}, {"name": "b", "ask": {"models": ["slist"]}}],
    "metric": "take_rate", "guardrails": [{"metric": "fewer_dislikes", "margin": 0.02}], "window_hours": 2, "end_ms": 5000})");
  EXPECT_EQ(to_json(read_experiment(to_json(experiment), 0)).dump(), to_json(experiment).dump());
  EXPECT_EQ(experiment.start_ms, 1000);
  EXPECT_TRUE(experiment.runs_at(1000) && experiment.runs_at(4999) && !experiment.runs_at(5000));
}

TEST("what cannot be run is refused with what it may be") {
  EXPECT_NE(refusal(R"({"name": "n", "arms": [{"name": "a"}]})").find("2..20 arms"), std::string::npos);
  EXPECT_NE(refusal(R"({"name": "n", "metrik": "x", "arms": []})").find("did you mean 'metric'"), std::string::npos);
  EXPECT_NE(refusal(R"({"name": "n", "metric": "clicks", "arms": [{"name": "a"}, {"name": "b"}]})").find("conversion"), std::string::npos);
  EXPECT_NE(refusal(R"({"name": "n", "arms": [{"name": "a"}, {"name": "a"}]})").find("two arms"), std::string::npos);
  EXPECT_NE(refusal(R"({"name": "n", "start_ms": 5, "end_ms": 5, "arms": [{"name": "a"}, {"name": "b"}]})").find("ends before"), std::string::npos);
  EXPECT_NE(refusal(R"({"name": "n", "mode": "interleave", "arms": [{"name": "a"}, {"name": "b"}, {"name": "c"}]})").find("two arms"), std::string::npos);
}

TEST("a team draft shows each item once, in the order of its team, and gives both teams the first place equally often") {
  const std::vector<std::string> a = {"p", "q", "r", "s"}, b = {"q", "x", "p", "y"};
  int a_first = 0;
  Random random(3);
  for (int n = 0; n < 1000; ++n) {
    const Interleaved list = interleave(a, b, 4, random);
    ASSERT_EQ(list.size(), 4u);
    std::set<std::string> shown;
    for (std::size_t place = 0; place < 4; ++place) shown.insert((list.teams[place] == 'a' ? a : b)[list.from[place]]);
    EXPECT_EQ(shown.size(), 4u);
    EXPECT_EQ(std::count(list.teams.begin(), list.teams.end(), 'a'), 2);
    a_first += list.teams[0] == 'a';
  }
  EXPECT_NEAR(a_first, 500, 60);
}

TEST("where one ranking has no more, the other goes on, and two empty ones end") {
  Random random(1);
  const std::vector<std::string> none, two = {"x", "y"};
  EXPECT_EQ(interleave(none, two, 5, random).teams, "bb");
  EXPECT_EQ(interleave(none, none, 5, random).size(), 0u);
}

TEST("a list speaks for the team more was taken from") {
  EXPECT_EQ(preference("abba", std::vector<std::size_t>{1, 2}), 1);
  EXPECT_EQ(preference("abba", std::vector<std::size_t>{0, 1}), 0);
  EXPECT_EQ(preference("abba", std::vector<std::size_t>{3}), -1);
}
