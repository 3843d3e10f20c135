// Police: thresholds and caps only take away, and say so.
#include "attune/policy/stages.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

rank::Pipeline policed() {
  std::vector<std::unique_ptr<const rank::Stage>> stages;
  stages.push_back(rank::make_retrieve({}));
  stages.push_back(rank::make_fuse({}));
  stages.push_back(policy::make_threshold({}));
  stages.push_back(policy::make_cap({}));
  stages.push_back(rank::make_cut({}));
  return rank::Pipeline(std::move(stages));
}

// Scores fall from item 0 on; colours red red red blue blue and none.
rank::World colours() {
  std::vector<data::CatalogueItem> items;
  const std::vector<const char*> attributes = {R"({"colour": "red"})", R"({"colour": "red", "maker": 7})", R"({"colour": ["red", "blue"]})",
                                               R"({"colour": "blue", "maker": 7})", R"({"colour": "blue"})", "{}"};
  for (std::size_t i = 0; i < attributes.size(); ++i) items.push_back(item("i" + std::to_string(i), "", Json::parse(attributes[i])));
  rank::World world;
  world.catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
  add(world, std::make_shared<Fixed>("fixed", std::vector<float>{6, 5, 4, 3, 2, 1}));
  return world;
}

}  // namespace

TEST("a cap lets so many of one value through, counting lists under each value") {
  rank::Request request;
  request.caps = {{"colour", 1}};
  EXPECT_EQ(rows(policed().run(colours(), request)), (std::vector<std::size_t>{0, 3, 5}));
  request.caps = {{"colour", 2}};
  EXPECT_EQ(rows(policed().run(colours(), request)), (std::vector<std::size_t>{0, 1, 3, 4, 5}));
  request.caps = {{"colour", 2}, {"maker", 1}};
  EXPECT_EQ(rows(policed().run(colours(), request)), (std::vector<std::size_t>{0, 1, 4, 5}));
}

TEST("what a cap takes out says which cap, and what could not have been in the list is left alone") {
  rank::Request request;
  request.caps = {{"colour", 1}};
  request.k = 2;
  const rank::Slate slate = policed().run(colours(), request);
  EXPECT_EQ(rows(slate), (std::vector<std::size_t>{0, 3}));
  ASSERT_EQ(slate.dropped.size(), 2u);
  EXPECT_EQ(slate.dropped[0].notes.back().reason, "the list has 1 of colour 'red' already");
  ASSERT_EQ(slate.notes.size(), 1u);
  EXPECT_EQ(slate.notes[0].reason, "2 items left out: the list has enough of their kind");
}

TEST("a threshold takes out what scores less, with a note each") {
  rank::Request request;
  request.min_score = 0;   // z-scores: the upper half
  const rank::Slate slate = policed().run(colours(), request);
  EXPECT_EQ(rows(slate), (std::vector<std::size_t>{0, 1, 2}));
  ASSERT_EQ(slate.dropped.size(), 3u);
  EXPECT_EQ(slate.dropped[2].notes.back().reason, "its score -1.46 is below the 0 asked for");
  EXPECT_NEAR(slate.dropped[2].notes.back().effect, -2.5 / std::sqrt(35.0 / 12), 1e-5);
  EXPECT_EQ(slate.notes.back().reason, "asked for 10, only 3 items score 0 or more");
}

TEST("police only ever takes away") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const rank::World world = random_world(seed, 30);
    rank::Request free;
    free.k = 30;
    rank::Request bound = free;
    bound.min_score = 0.1f;
    bound.caps = {{"none", 1}};
    const std::vector<std::size_t> all = rows(policed().run(world, free));
    std::size_t at = 0;
    for (const std::size_t row : rows(policed().run(world, bound))) {
      while (at < all.size() && all[at] != row) ++at;
      EXPECT_LT(at, all.size()) << "seed " << seed << ": not a part of the free list in its order";
    }
  }
}
