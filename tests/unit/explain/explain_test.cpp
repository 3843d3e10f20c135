// Explanations: trees that add up, whoever stands behind a touch.
#include "attune/explain/explain.h"

#include "attune/core/error.h"
#include "attune/rank/scores.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

const Explanation* child(const Explanation& e, std::string_view what) {
  for (const Explanation& part : e.parts)
    if (part.what == what) return &part;
  return nullptr;
}

Request random_request(std::uint64_t seed, std::size_t items, std::size_t touches) {
  Random random(seed * 77);
  Request request;
  for (std::size_t t = 0; t < touches; ++t)
    request.history.push_back({.item = item_at(random.below(items)), .weight = static_cast<float>(random.uniform() * 2 - 0.4)});
  if (random.below(2) == 0) {
    request.about_text = "something nice";
    request.about = {{.item = item_at(random.below(items - 1)), .weight = 0.6f}, {.item = item_at(random.below(items - 1)), .weight = 0.4f}};
  }
  return request;
}

}  // namespace

TEST("the tree of a hand-made score has the parts worked out by hand") {
  World world = empty_world(3);
  add(world, std::make_shared<Linear>("line", matrix(3, {0, 2, 4,  //
                                                         0, 0, 3,  //
                                                         0, 0, 0})));
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{1, 2, 3}));
  for (auto& cells : world.weights.table) cells.fill({1, 2});
  Request request;
  request.history = {{.item = item_at(0)}, {.item = item_at(1)}};
  // Scores of line: 0 2 7; mean 3, variance 26/3. Popularity: mean 2, variance 2/3.
  const double sd = std::sqrt(26.0 / 3), sd_popularity = std::sqrt(2.0 / 3);
  const Explanation why = explain::why(world, request, item_at(2));
  ASSERT_EQ(why.parts.size(), 2u);
  const Explanation& line = why.parts[0];
  EXPECT_EQ(line.what, "model:line");
  EXPECT_NEAR(child(line, "item:i0")->value, 4 / sd, 1e-6);
  EXPECT_NEAR(child(line, "item:i1")->value, 3 / sd, 1e-6);
  EXPECT_NEAR(child(line, "centre")->value, -3 / sd, 1e-6);
  EXPECT_NEAR(child(*child(line, "item:i0"), "text:tiny")->value, 1 / sd, 1e-6);
  EXPECT_NEAR(child(why.parts[1], "popularity")->value, 2 * 3 / sd_popularity, 1e-6);
  EXPECT_NEAR(why.value, 4 / sd + 2 / sd_popularity, 1e-6);
  const Explanation merged = explain::by_history(why);
  EXPECT_EQ(merged.parts.front().what, "popularity");
  EXPECT_EQ(merged.parts[1].what, "item:i0");
  EXPECT_LT(gap(merged), 1e-9);
  EXPECT_NEAR(merged.value, why.value, 1e-12);
}

TEST("in random worlds every tree adds up and meets its score") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const World world = random_world(seed, 15, seed % 2 == 0);
    const Request request = random_request(seed, world.item_count(), seed % 9);
    const Slate slate = explain::attach(world, request, ranking().run(world, request));
    ASSERT_FALSE(slate.candidates.empty());
    for (const Candidate& c : slate.candidates) {
      EXPECT_LT(gap(c.why), 1e-9) << seed;
      EXPECT_NEAR(c.why.value, c.score, 1e-4 * std::max(1.0f, std::abs(c.score))) << seed;
      EXPECT_LT(gap(explain::by_history(c.why)), 1e-9) << seed;
      EXPECT_NEAR(explain::by_history(c.why).value, c.why.value, 1e-9) << seed;
      EXPECT_NEAR(explain::why(world, request, c.item).value, c.score, 1e-4) << seed;
      EXPECT_FALSE(c.because.empty());
    }
  }
}

TEST("touches of one item are one part, neighbours stand under their fresh item and a free text under its name") {
  World world = random_world(4, 6, true);   // the fresh item (id 6) reads as items 0 and 1
  Request request;
  request.history = {{.item = item_at(0)}, {.item = item_at(2)}, {.item = item_at(6)}, {.item = item_at(2)}};
  request.about_text = "a text";
  request.about = {{.item = item_at(0), .weight = 0.5f}, {.item = item_at(4), .weight = 0.5f}};
  const Explanation why = explain::why(world, request, item_at(5));
  for (const char* name : {"model:one", "model:two"}) {
    const Explanation& part = *child(why, name);
    std::vector<std::string> names;
    for (const Explanation& p : part.parts) names.push_back(p.what);
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"about", "centre", "item:fresh", "item:i0", "item:i2"})) << name;
  }
  // Each share is what the touches themselves bring: taken from the model's own contributions.
  const ModelHistory history = model_history(world, request);
  const Scores scores = score_world(world, request);
  const model::Query query{.history = history.touches};
  const ItemId five = item_at(5);
  const Matrix shares = *world.sources[0].model->contributions(query, {&five, 1});
  double fresh = 0;
  for (std::size_t t = 0; t < history.origin.size(); ++t)
    if (history.origin[t] == item_at(6)) fresh += shares(0, t);
  const double weight = scores.mix.weights[item_segment(world.takers(five))][0];
  EXPECT_NEAR(child(*child(why, "model:one"), "item:fresh")->value, weight * fresh / scores.scales[0].sd, 1e-5);
}

TEST("a model that cannot take its score apart gives one part, the rest") {
  World world = empty_world(4);
  add(world, std::make_shared<Fixed>("closed", std::vector<float>{1, 2, 3, 6}, false));
  const Explanation why = explain::why(world, {}, item_at(3));
  EXPECT_NE(child(why.parts[0], "rest"), nullptr);
  EXPECT_LT(gap(why), 1e-12);
  EXPECT_NEAR(why.value, 3 / std::sqrt(3.5), 1e-6);
}

TEST("what one model does not take apart goes by that model's name beside what others do") {
  const Explanation why{"total", 3, {{"model:slist", 2, {{"item:a", 2, {{"behaviour", 1.5, {}}, {"text:minilm", 0.5, {}}}}}}, {"model:item_knn", 1, {{"item:a", 1, {}}}}}};
  const Explanation merged = explain::by_history(why);
  ASSERT_EQ(merged.parts.size(), 1u);
  EXPECT_EQ(merged.parts[0].parts.size(), 3u);
  EXPECT_EQ(child(merged.parts[0], "model:item_knn")->value, 1);
  EXPECT_LT(gap(merged), 1e-12);
}

TEST("adjustments of policy are parts of the total") {
  const World world = random_world(2, 5);
  Request request = random_request(2, 5, 3);
  Slate slate = ranking().run(world, request);
  slate.candidates[0].adjustments.push_back({"rule:boost", 0.5, {}});
  slate.candidates[0].score += 0.5f;
  slate = explain::attach(world, request, std::move(slate));
  EXPECT_NEAR(slate.candidates[0].why.value, slate.candidates[0].score, 1e-5);
  EXPECT_NE(child(slate.candidates[0].why, "rule:boost"), nullptr);
}

TEST("an item no model can score has no explanation, and the error says what to do") {
  World world = empty_world(3);
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{1, 2, 3}));
  auto fresh = std::make_shared<FreshItem>();
  fresh->item = item("new", "");
  world.fresh = {fresh};
  CHECK_THROWS(explain::why(world, {}, item_at(3)), Error);
}
