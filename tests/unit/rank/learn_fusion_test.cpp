// Learning the weights: worlds in which it is known who is right.
#include "attune/rank/learn_fusion.h"

#include <numeric>

#include "attune/core/error.h"
#include "attune/rank/scores.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

constexpr std::size_t kItems = kWishItems;

// Knows what comes next for a share of the items, noise elsewhere. `blind_from`: says nothing of later items.
Source knower(std::string name, std::size_t from, std::size_t to, std::uint64_t seed, std::size_t blind_from = kItems) {
  Random random(seed);
  Matrix w(kItems, kItems);
  for (float& x : w.all()) x = static_cast<float>(random.uniform());
  for (std::size_t i = from; i < to && i + 1 < kItems; ++i) w(i, i + 1) = 3;
  for (std::size_t i = 0; i < kItems; ++i)
    for (std::size_t j = blind_from; j < kItems; ++j) w(i, j) = 0;
  return {name, std::make_shared<Linear>(name, std::move(w))};
}

Source noise(std::uint64_t seed) { return knower("noise", 0, 0, seed); }

double sum_of(const std::vector<float>& cell) { return std::accumulate(cell.begin(), cell.end(), 0.0); }

}  // namespace

TEST("a model that only makes noise weighs next to nothing beside one that knows") {
  const LearnedFusion learned = learn_fusion({noise(1), knower("knows", 0, kItems, 2)}, wishes(400), attune::Run{});
  EXPECT_EQ(learned.weights.sources, (std::vector<std::string>{"noise", "knows"}));
  for (const auto& cells : learned.weights.table)
    for (const auto& cell : cells) EXPECT_GT(cell[1], 4 * cell[0]);
  EXPECT_GT(learned.ndcg, 0.95);
  EXPECT_LT(learned.ndcg_alone[0], 0.3);
}

TEST("two models that know different halves are both needed and beat each alone") {
  const LearnedFusion learned = learn_fusion({knower("low", 0, 30, 1), knower("high", 30, kItems, 2)}, wishes(400), attune::Run{});
  EXPECT_GT(learned.ndcg, learned.ndcg_alone[0] + 0.2);
  EXPECT_GT(learned.ndcg, learned.ndcg_alone[1] + 0.2);
  const auto& cell = learned.weights.table[history_segment(1)][item_segment(10)];
  EXPECT_GT(cell[0], 0.1 * sum_of(cell));
  EXPECT_GT(cell[1], 0.1 * sum_of(cell));
}

TEST("fused is never worse on validation than the best model alone") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const LearnedFusion learned = learn_fusion({noise(seed), knower("a", 0, seed * 7, seed + 100), noise(seed + 200)}, wishes(200), attune::Run{.seed = seed});
    for (const double alone : learned.ndcg_alone) EXPECT_GE(learned.ndcg, alone) << seed;
  }
}

TEST("only models that tell apart items nobody took weigh there") {
  const std::size_t untaken = 40;
  const LearnedFusion learned = learn_fusion({knower("behaviour", 0, untaken, 1, untaken), knower("text", 0, kItems, 2)}, wishes(400, untaken - 1), attune::Run{});
  for (const auto& cells : learned.weights.table) {
    EXPECT_EQ(cells[item_segment(0)][0], 0);
    EXPECT_GT(cells[item_segment(0)][1], 0);
  }
}

TEST("the weights are the same whatever the threads") {
  const auto learn = [](int threads) { return learn_fusion({noise(1), knower("a", 0, 40, 2), knower("b", 20, kItems, 3)}, wishes(300), attune::Run{.threads = threads}); };
  const LearnedFusion one = learn(1), three = learn(3);
  EXPECT_EQ(one.weights.table, three.weights.table);
  EXPECT_EQ(one.ndcg, three.ndcg);
}

TEST("what was learned ranks in the pipeline as it was judged") {
  const std::vector<Source> sources = {knower("low", 0, 30, 1), knower("high", 30, kItems, 2)};
  const data::Split split = wishes(200);
  const LearnedFusion learned = learn_fusion(sources, split, attune::Run{});
  World world;
  world.catalogue = split.train->shared_catalogue();
  world.sources = sources;
  world.weights = learned.weights;
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(split.train->popularity().begin(), split.train->popularity().end());
  double ndcg = 0;
  for (const data::Case& asked : split.cases) {
    Request request;
    request.history = asked.input;
    request.seen = asked.seen;
    const std::vector<std::size_t> list = rows(ranking().run(world, request));
    for (std::size_t n = 0; n < list.size(); ++n)
      if (item_at(list[n]) == asked.targets[0]) ndcg += 1 / std::log2(static_cast<double>(n) + 2);
  }
  EXPECT_NEAR(ndcg / 200, learned.ndcg, 1e-6);
}

TEST("nothing to learn from is refused, a stop is obeyed") {
  CHECK_THROWS(learn_fusion({}, wishes(10), attune::Run{}), Error);
  CHECK_THROWS(learn_fusion({noise(1)}, {}, attune::Run{}), Error);
  const std::atomic<bool> stop = true;
  CHECK_THROWS(learn_fusion({noise(1)}, wishes(10), attune::Run{.stop = &stop}), Error);
}
