// Stacking: worlds that a weighted sum cannot tell, and what trees on top of it must keep.
#include <cmath>
#include <filesystem>

#include "attune/rank/learn_stack.h"
#include "attune/rank/stage.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

constexpr std::size_t kItems = kWishItems;

// "finds" likes the wanted item and fifteen others alike; "doubts" cries out at those others and whispers at the wanted: a sum with weights of 0 and
// more cannot use it, since more of it is worse and the whisper stands below the noise.
World puzzle(const data::Split& split) {
  Random random(5);
  Matrix finds(kItems, kItems), doubts(kItems, kItems);
  for (float& x : finds.all()) x = static_cast<float>(random.uniform());
  for (float& x : doubts.all()) x = static_cast<float>(0.5 * random.uniform());
  for (std::size_t i = 0; i + 1 < kItems; ++i) {
    finds(i, i + 1) = 4;
    for (std::size_t n = 2; n < 17; ++n) {
      finds(i, (i + n) % kItems) = static_cast<float>(4 + 0.5 * (random.uniform() - 0.5));
      doubts(i, (i + n) % kItems) = 3;
    }
  }
  World world;
  world.catalogue = split.train->shared_catalogue();
  world.sources = {{"finds", std::make_shared<Linear>("finds", std::move(finds))}, {"doubts", std::make_shared<Linear>("doubts", std::move(doubts))}};
  world.weights = FusionWeights::equal({"finds", "doubts"});
  for (auto& row : world.weights.table) row.fill({1, 0});
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(split.train->popularity().begin(), split.train->popularity().end());
  return world;
}

Slate list_of(const World& world, const Request& request) {
  return make_stack(Json())->run(world, request, make_fuse(Json())->run(world, request, make_retrieve(Json())->run(world, request, {})));
}

Request asking(std::size_t item) {
  Request request;
  request.history = {{.item = item_at(item)}};
  request.seen = {item_at(item)};
  return request;
}

}  // namespace

TEST("trees use a model that a weighted sum must leave aside, and the stacked list finds what users want") {
  const data::Split split = wishes(600);
  World world = puzzle(split);
  for (auto& row : world.weights.table) row.fill({1, 0.01f});   // a model of weight 0 is not asked at all
  const LearnedStack learned = learn_stack(world, split, attune::Run{.memory_bytes = std::size_t{1} << 30});
  ASSERT_NE(learned.stacker, nullptr);
  EXPECT_LT(learned.ndcg_fused, 0.5);
  EXPECT_GT(learned.ndcg_stacked, learned.ndcg_fused + 0.3);
  world.stacker = learned.stacker;
  std::size_t first = 0;
  for (std::size_t i = 0; i + 1 < kItems; ++i) first += list_of(world, asking(i)).candidates[0].item == item_at(i + 1) ? 1 : 0;
  EXPECT_GT(first, kItems * 8 / 10);
}

TEST("where the fused score already knows, no trees are kept") {
  const data::Split split = wishes(600);
  World world = puzzle(split);
  Matrix knows(kItems, kItems);
  for (std::size_t i = 0; i + 1 < kItems; ++i) knows(i, i + 1) = 1;
  world.sources[0].model = std::make_shared<Linear>("finds", std::move(knows));
  const LearnedStack learned = learn_stack(world, split, attune::Run{});
  EXPECT_EQ(learned.stacker, nullptr);
  EXPECT_EQ(learned.ndcg_stacked, learned.ndcg_fused);
}

TEST("the trees' share is told apart by feature, adds up, and fuse leaves it in the score") {
  const data::Split split = wishes(600);
  World world = puzzle(split);
  for (auto& row : world.weights.table) row.fill({1, 0.01f});
  const Request request = asking(7);
  const Slate plain = list_of(world, request);
  world.stacker = learn_stack(world, split, attune::Run{}).stacker;
  ASSERT_NE(world.stacker, nullptr);
  const Slate stacked = list_of(world, request);
  ASSERT_EQ(stacked.candidates.size(), plain.candidates.size());
  bool any = false;
  for (const Candidate& candidate : stacked.candidates) {
    ASSERT_EQ(candidate.adjustments.size(), 1u);
    EXPECT_LT(gap(candidate.adjustments[0]), 1e-5);
    for (const Candidate& before : plain.candidates) {
      if (before.item != candidate.item) continue;
      EXPECT_NEAR(candidate.score, before.score + candidate.adjustments[0].value, 1e-4);
    }
    any = any || std::abs(candidate.adjustments[0].value) > 0.1;
  }
  EXPECT_TRUE(any);
  const Slate again = make_fuse(Json())->run(world, request, stacked);
  for (std::size_t n = 0; n < again.candidates.size(); ++n) EXPECT_NEAR(again.candidates[n].score, stacked.candidates[n].score, 1e-4);
}

TEST("a request that weighs the models itself gets them as they are") {
  const data::Split split = wishes(600);
  World world = puzzle(split);
  world.stacker = learn_stack(world, split, attune::Run{}).stacker;
  Request request = asking(3);
  request.weights = {{"finds", 1.0f}};
  for (const Candidate& candidate : list_of(world, request).candidates) EXPECT_TRUE(candidate.adjustments.empty());
}

TEST("saved trees say the same, damaged ones are refused, threads change nothing") {
  const data::Split split = wishes(600);
  World world = puzzle(split);
  for (auto& row : world.weights.table) row.fill({1, 0.01f});
  const auto one = learn_stack(world, split, attune::Run{.threads = 1}).stacker, three = learn_stack(world, split, attune::Run{.threads = 3}).stacker;
  ASSERT_NE(one, nullptr);
  ASSERT_NE(three, nullptr);
  const Request request = asking(9);
  const Slate slate = make_fuse(Json())->run(world, request, make_retrieve(Json())->run(world, request, {}));
  const Matrix rows = stack_rows(world, request, slate);
  EXPECT_EQ(one->shares(rows), three->shares(rows));
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "attune_stack_test.bin";
  {
    ByteWriter out(file);
    one->save(out);
    out.close();
  }
  ByteReader in(file);
  const Stacker back = Stacker::load(in);
  EXPECT_EQ(back.features(), stack_features(world));
  EXPECT_EQ(back.shares(rows), one->shares(rows));
  {
    ByteWriter out(file);
    out.number(std::uint32_t{1});
    out.number(1.0f);
    out.number(std::uint32_t{1});
    out.text("fused");
    out.text("{ no trees");
    out.close();
  }
  ByteReader damaged(file);
  CHECK_THROWS(Stacker::load(damaged), Error);
}

TEST("stacking obeys a stop and refuses nothing to learn from") {
  const std::atomic<bool> stop = true;
  const data::Split split = wishes(200);
  CHECK_THROWS(learn_stack(puzzle(split), split, attune::Run{.stop = &stop}), Error);
  CHECK_THROWS(learn_stack(puzzle(split), {}, attune::Run{}), Error);
}
