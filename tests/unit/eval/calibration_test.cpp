// Calibration: chances that are right read as right, overconfident order is seen, and the temperature of a known model is found.
#include "attune/eval/calibration.h"

#include <cmath>

#include "attune/core/random.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

constexpr std::size_t kItems = 40;

// Users whose target is drawn with chance proportional to exp(strength * score of the item); the score is what the model tells.
struct DrawnWorld {
  data::Split split;
  std::vector<std::vector<float>> scores;
  ScoreFn score_fn() const {
    return [this](const data::Case& asked, std::span<float> out) { std::copy(scores[to_index(asked.user)].begin(), scores[to_index(asked.user)].end(), out.begin()); };
  }
};

DrawnWorld drawn(std::size_t users, double strength, std::uint64_t seed) {
  Random random(seed);
  std::vector<Question> questions;
  std::vector<std::vector<float>> scores;
  for (std::size_t u = 0; u < users; ++u) {
    std::vector<float> row(kItems);
    std::vector<double> mass(kItems);
    double sum = 0, mean = 0, squares = 0;
    for (float& s : row) s = static_cast<float>(random.normal());
    for (const float s : row) mean += s / static_cast<double>(kItems);
    for (const float s : row) squares += (s - mean) * (s - mean) / static_cast<double>(kItems);
    for (std::size_t i = 0; i < kItems; ++i) sum += mass[i] = std::exp(strength * (row[i] - mean) / std::sqrt(squares));
    double left = random.uniform() * sum;
    unsigned target = 0;
    while (target + 1 < kItems && (left -= mass[target]) > 0) ++target;
    questions.push_back({{0}, {}, {target}});
    scores.push_back(std::move(row));
  }
  return {split_of(kItems, questions), std::move(scores)};
}

}  // namespace

TEST("chances that are right are read as right, and their temperature is found") {
  const DrawnWorld world = drawn(2000, 1.5, 7);
  const Calibration found = calibrate(world.split, world.score_fn(), {}, attune::Run{.seed = 1});
  EXPECT_EQ(found.users, 2000u);
  EXPECT_NEAR(found.temperature, 1 / 1.5, 0.05);
  EXPECT_LT(found.error, 0.04);
  EXPECT_LT(found.log_loss, std::log(static_cast<double>(kItems)) - 0.5);
  ASSERT_EQ(found.bins.size(), 10u);
  double hits = 0;
  std::size_t items = 0, inside = 0;
  for (const CalibrationBin& bin : found.bins) {
    hits += bin.hits;
    items += bin.n;
    inside += bin.low <= bin.chance && bin.chance <= bin.high ? 1 : 0;
  }
  EXPECT_NEAR(hits, 2000, 1e-3);             // every target is in one bin
  EXPECT_EQ(items, 2000 * kItems);
  EXPECT_GE(inside, 7u);                     // of 10 intervals of 95 %
}

TEST("a model that tells nothing gets chances that are all about alike") {
  DrawnWorld world = drawn(600, 0, 8);
  const Calibration found = calibrate(world.split, world.score_fn(), {}, attune::Run{.seed = 1});
  EXPECT_GT(found.temperature, 5);
  EXPECT_NEAR(found.log_loss, std::log(static_cast<double>(kItems)), 0.02);
}

TEST("scores that put their weight on few wrong items are seen to be wrong there") {
  // Half of the users' targets are the item scored highest, the others' are any: the top is right half the time, whatever the shape.
  Random random(3);
  DrawnWorld world = drawn(800, 0, 9);
  for (std::size_t u = 0; u < 800; ++u) {
    auto& row = world.scores[u];
    const std::size_t target = to_index(world.split.cases[u].targets[0]);
    row[u % 2 == 0 ? target : random.below(kItems)] = 30;
  }
  const Calibration found = calibrate(world.split, world.score_fn(), {}, attune::Run{.seed = 1});
  ASSERT_FALSE(found.bins.empty());
  EXPECT_NEAR(found.bins.back().share, 0.51, 0.06);    // what the top item's share really is, seen from outside
}

TEST("what is seen is not ranked, and too few users are no measurement") {
  DrawnWorld world = drawn(100, 1, 5);
  for (data::Case& asked : world.split.cases)
    for (unsigned i = 0; i < 10; ++i)
      if (asked.targets[0] != ItemId{i}) asked.seen.push_back(ItemId{i});
  const Calibration found = calibrate(world.split, world.score_fn(), {}, attune::Run{.seed = 1});
  std::size_t items = 0;
  for (const CalibrationBin& bin : found.bins) items += bin.n;
  EXPECT_LE(items, 100 * (kItems - 9));
  EXPECT_GE(items, 100 * (kItems - 10));
  const DrawnWorld few = drawn(99, 1, 5);
  EXPECT_FALSE(calibrate(few.split, few.score_fn(), {}, attune::Run{.seed = 1}).is_measured());
}

TEST("the same seed gives the same calibration on any number of threads") {
  const DrawnWorld world = drawn(300, 1, 5);
  const Calibration one = calibrate(world.split, world.score_fn(), {.users = 200}, attune::Run{.seed = 4, .threads = 1});
  const Calibration two = calibrate(world.split, world.score_fn(), {.users = 200}, attune::Run{.seed = 4, .threads = 3});
  EXPECT_EQ(one.to_json().dump(), two.to_json().dump());
  EXPECT_EQ(one.users, 200u);
}

}  // namespace attune::eval
