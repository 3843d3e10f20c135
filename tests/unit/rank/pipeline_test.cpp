// The pipeline holds stages to their duty.
#include "attune/core/error.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;
using namespace attune::rank;

namespace {

using Act = void (*)(Slate&);
class Odd final : public Stage {
 public:
  Odd(Duty duty, Act act) : duty_(duty), act_(act) {}
  std::string name() const override { return "odd"; }
  Duty duty() const override { return duty_; }
  Slate run(const World&, const Request&, Slate slate) const override {
    act_(slate);
    return slate;
  }

 private:
  Duty duty_;
  Act act_;
};

// What the pipeline says of a stage that does this.
std::string verdict(Duty duty, Act act) {
  const World world = random_world(1, 8);
  std::vector<std::unique_ptr<const Stage>> stages;
  stages.push_back(make_retrieve({}));
  stages.push_back(make_fuse({}));
  stages.push_back(std::make_unique<Odd>(duty, act));
  try {
    (void)Pipeline(std::move(stages)).run(world, {});
  } catch (const Error& e) {
    return e.code() == Code::internal ? e.what() : "wrong code";
  }
  return "fine";
}

}  // namespace

TEST("only a retrieve stage may add") {
  const Act add = [](Slate& s) { s.candidates.push_back({.item = item_at(99)}); };
  EXPECT_EQ(verdict(Duty::retrieve, add), "fine");
  EXPECT_EQ(verdict(Duty::rank, add), "stage 'odd' adds an item, which only a retrieve stage may");
  EXPECT_NE(verdict(Duty::police, add), "fine");
}

TEST("police that drops without a word is caught") {
  EXPECT_NE(verdict(Duty::police, [](Slate& s) { s.candidates.pop_back(); }), "fine");
  EXPECT_NE(verdict(Duty::police, [](Slate& s) { s.dropped.push_back(s.candidates.back()), s.candidates.pop_back(); }), "fine");
  EXPECT_EQ(verdict(Duty::police, [](Slate& s) {
              s.dropped.push_back(s.candidates.back());
              s.dropped.back().notes.push_back({"odd", "because", 0});
              s.candidates.pop_back();
            }), "fine");
}

TEST("police that moves or adjusts without a note is caught, ranking may do both") {
  const Act swap = [](Slate& s) { std::swap(s.candidates[0], s.candidates[1]); };
  EXPECT_EQ(verdict(Duty::police, swap), "stage 'odd' moves an item without a note");
  EXPECT_EQ(verdict(Duty::rank, swap), "fine");
  const Act adjust = [](Slate& s) { s.candidates[0].score += 1; };
  EXPECT_EQ(verdict(Duty::police, adjust), "stage 'odd' changes the score of an item without a note");
  EXPECT_EQ(verdict(Duty::police, [](Slate& s) {
              std::swap(s.candidates[0], s.candidates[1]);
              s.candidates[0].notes.push_back({"odd", "up", 1});
            }), "fine");
}

TEST("every stage is timed") {
  const World world = random_world(1, 8);
  std::vector<Timing> timings;
  (void)ranking().run(world, {}, &timings);
  ASSERT_EQ(timings.size(), 4u);
  EXPECT_EQ(timings[0].stage, "retrieve");
  for (const Timing& t : timings) EXPECT_GE(t.ms, 0);
}
