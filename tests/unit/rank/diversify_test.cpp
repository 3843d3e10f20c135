// Diversity: MMR against places worked out by hand.
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;
using namespace attune::rank;

namespace {

// Scores on 0..1: a 1, b .9, c .5, d 0. a and b point the same way, c and d each another.
World world_of_four() {
  World world = empty_world(4);
  add(world, std::make_shared<Fixed>("fixed", std::vector<float>{1, 0.9f, 0.5f, 0}));
  auto vectors = std::make_shared<Matrix>(4, 3);
  (*vectors)(0, 0) = 1, (*vectors)(1, 0) = 0.8f, (*vectors)(1, 1) = 0.6f, (*vectors)(2, 1) = 1, (*vectors)(3, 2) = 1;
  world.vectors = vectors;
  return world;
}
std::vector<std::size_t> places(float diversity, int k = 10) {
  Request request;
  request.diversity = diversity;
  request.k = k;
  return rows(ranking().run(world_of_four(), request));
}

}  // namespace

TEST("places are those of maximal marginal relevance worked out by hand") {
  EXPECT_EQ(places(0), (std::vector<std::size_t>{0, 1, 2, 3}));
  // l = .5 after a: b .45 - .4 = .05, c .25 - 0, d 0. c. Then b: .45 - .5 * max(.8, .6) = .05, d 0. b.
  EXPECT_EQ(places(0.5f), (std::vector<std::size_t>{0, 2, 1, 3}));
  // l = .7 after a: b .27 - .56, c .15, d 0. c. Then b: -.29, d 0. d.
  EXPECT_EQ(places(0.7f), (std::vector<std::size_t>{0, 2, 3, 1}));
  // l = .2 after a: b .72 - .16 = .56, c .4. b stays.
  EXPECT_EQ(places(0.2f), (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(places(0.7f, 3), (std::vector<std::size_t>{0, 2, 3}));
}

TEST("everything that moved says how far and why, and nothing else does") {
  Request request;
  request.diversity = 0.7f;
  const Slate slate = ranking().run(world_of_four(), request);
  EXPECT_TRUE(slate.candidates[0].notes.empty());
  ASSERT_EQ(slate.candidates[3].notes.size(), 1u);
  EXPECT_EQ(slate.candidates[3].notes[0].reason, "too like 'item 0'");
  EXPECT_EQ(slate.candidates[3].notes[0].effect, -2);
  ASSERT_EQ(slate.candidates[1].notes.size(), 1u);
  EXPECT_EQ(slate.candidates[1].notes[0].effect, 1);
}

TEST("without vectors nothing moves") {
  World world = world_of_four();
  world.vectors = nullptr;
  Request request;
  request.diversity = 0.9f;
  EXPECT_EQ(rows(ranking().run(world, request)), (std::vector<std::size_t>{0, 1, 2, 3}));
}
