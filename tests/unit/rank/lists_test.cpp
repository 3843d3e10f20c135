// Lists: scoring, fusing and cutting, with numbers checked by hand.
#include <set>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/rank/scores.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;
using namespace attune::rank;

namespace {

// Five items; the model likes i+1 after i.
World line() {
  World world = empty_world(5);
  add(world, std::make_shared<Linear>("line", matrix(5, {0, 4, 3, 2, 1,  //
                                                         1, 0, 4, 3, 2,  //
                                                         2, 1, 0, 4, 3,  //
                                                         3, 2, 1, 0, 4,  //
                                                         4, 3, 2, 1, 0})));
  return world;
}
Request after(const std::vector<std::size_t>& history) {
  Request request;
  for (const std::size_t i : history) {
    request.history.push_back({.item = item_at(i)});
    request.seen.push_back(item_at(i));
  }
  std::sort(request.seen.begin(), request.seen.end());
  return request;
}

}  // namespace

TEST("a single model ranks a list just as it ranks alone") {
  const World world = line();
  EXPECT_EQ(rows(ranking().run(world, after({1}))), (std::vector<std::size_t>{2, 3, 4, 0}));
  // Row 1 is 1 0 4 3 2: mean 2, sd sqrt(2).
  EXPECT_NEAR(ranking().run(world, after({1})).candidates[0].score, 2 / std::sqrt(2.0), 1e-6);
}

TEST("two models are added by their weights on one scale") {
  World world = line();
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{500, 400, 300, 200, 100}));
  for (auto& cells : world.weights.table) cells.fill({0.5f, 2.0f});
  const Slate slate = ranking().run(world, after({1}));
  // z of line: (1 0 4 3 2) - 2 over sqrt 2; z of popularity: (2 1 0 -1 -2) over sqrt 2.
  // fused 0: -.5 + 4 = 3.5, 2: 1 + 0, 3: .5 - 2, 4: 0 - 4; all over sqrt 2.
  EXPECT_EQ(rows(slate), (std::vector<std::size_t>{0, 2, 3, 4}));
  EXPECT_NEAR(slate.candidates[0].score, 3.5 / std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(slate.candidates[3].score, -4 / std::sqrt(2.0), 1e-6);
}

TEST("weights are those of the length of the history and of how many people took the item") {
  World world = empty_world(4);
  add(world, std::make_shared<Fixed>("up", std::vector<float>{1, 2, 3, 4}));
  add(world, std::make_shared<Fixed>("down", std::vector<float>{4, 3, 2, 1}));
  for (auto& cells : world.weights.table) cells.fill({1, 0});
  world.weights.table[history_segment(1)].fill({0, 1});
  EXPECT_EQ(rows(ranking().run(world, {})), (std::vector<std::size_t>{3, 2, 1, 0}));
  Request one;
  one.history = {{.item = item_at(0)}};
  EXPECT_EQ(rows(ranking().run(world, one)), (std::vector<std::size_t>{0, 1, 2, 3}));
  one.history.push_back({.item = item_at(0), .weight = 0});   // counts nothing, but is a second event
  EXPECT_EQ(rows(ranking().run(world, one)), (std::vector<std::size_t>{3, 2, 1, 0}));
  // Item 0 nobody took: there only "down" counts, and three times.
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 10, 10, 10});
  world.weights.table[0][item_segment(0)] = {0, 3};
  EXPECT_EQ(rows(ranking().run(world, {})), (std::vector<std::size_t>{0, 3, 2, 1}));
}

TEST("segments begin where their names say") {
  for (const auto& [touches, segment] : std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {1, 1}, {2, 2}, {4, 2}, {5, 3}, {19, 3}, {20, 4}, {999, 4}})
    EXPECT_EQ(history_segment(touches), segment) << touches;
  for (const auto& [takers, segment] : std::vector<std::pair<std::uint32_t, std::size_t>>{{0, 0}, {1, 1}, {9, 1}, {10, 2}, {5000, 2}})
    EXPECT_EQ(item_segment(takers), segment) << takers;
}

TEST("a request's factors switch models off, and a model asked for by name counts whatever was learned") {
  World world = line();
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{5, 4, 3, 2, 1}));
  for (auto& cells : world.weights.table) cells.fill({1, 0});
  world.weights.table[history_segment(1)][item_segment(0)] = {0.3f, 0};
  Request request = after({1});
  request.weights = {{"line", 0.0f}, {"popularity", 1.0f}};
  EXPECT_EQ(rows(ranking().run(world, request)), (std::vector<std::size_t>{0, 2, 3, 4}));
  request.weights = {{"line", 1.0f}, {"popularity", 0.0f}};
  EXPECT_EQ(rows(ranking().run(world, request)), (std::vector<std::size_t>{2, 3, 4, 0}));
}

TEST("one model asked for ranks as it ranks alone, although its weight differs from item to item") {
  World world = line();
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{5, 4, 3, 2, 1}));
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 3, 0, 20, 20});
  for (auto& cells : world.weights.table) cells = {std::vector<float>{0.1f, 1}, {0.5f, 1}, {2, 1}};
  Request request = after({1});
  request.weights = {{"line", 1.0f}, {"popularity", 0.0f}};
  EXPECT_EQ(rows(ranking().run(world, request)), (std::vector<std::size_t>{2, 3, 4, 0}));
}

TEST("a model whose scores are all alike adds nothing") {
  World world = line();
  add(world, std::make_shared<Fixed>("flat", std::vector<float>(5, 0.1f)));
  const Slate slate = ranking().run(world, after({1}));
  EXPECT_EQ(rows(slate), (std::vector<std::size_t>{2, 3, 4, 0}));
  EXPECT_NEAR(slate.candidates[0].score, 0.5 * 2 / std::sqrt(2.0), 1e-6);
}

TEST("nothing barred is ever in a list, and each bar says why") {
  World world = line();
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < 5; ++i) items.push_back(item("i" + std::to_string(i), "", Json::parse("{\"price\": " + std::to_string(i) + "}")));
  items[0].hidden = true;
  world.catalogue = std::make_shared<const data::Catalogue>(items, std::vector<std::string>{});
  Request request;
  request.seen = ids({1});
  request.exclude = ids({2});
  request.filter = Filter::parse("price != 3");
  request.history = {{.item = item_at(1)}};
  EXPECT_EQ(rows(ranking().run(world, request)), (std::vector<std::size_t>{4}));
  EXPECT_EQ(not_allowed(world, request, item_at(0))->stage, "hidden");
  EXPECT_EQ(not_allowed(world, request, item_at(1))->reason, "you already have it");
  EXPECT_EQ(not_allowed(world, request, item_at(2))->stage, "exclude");
  EXPECT_EQ(not_allowed(world, request, item_at(3))->reason, "it does not pass the filter price != 3");
  EXPECT_FALSE(not_allowed(world, request, item_at(4)));
  world.gone = ids({4});
  EXPECT_EQ(not_allowed(world, request, item_at(4))->stage, "gone");
  const Slate none = ranking().run(world, request);
  CHECK(none.candidates.empty());
  ASSERT_EQ(none.notes.size(), 1u);
  EXPECT_EQ(none.notes[0].reason, "asked for 10, only 0 items may be shown (filter: price != 3)");
}

TEST("an item that changed is judged by its new attributes") {
  World world = line();
  auto changed = std::make_shared<data::CatalogueItem>(item("i2", "", Json::parse(R"({"sale": true})")));
  world.changed[item_at(2)] = changed;
  Request request = after({1});
  request.filter = Filter::parse("sale = true");
  EXPECT_EQ(rows(ranking().run(world, request)), (std::vector<std::size_t>{2}));
  changed->hidden = true;
  CHECK(ranking().run(world, request).candidates.empty());
}

TEST("the mask and the reasons agree on every item of random worlds") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world = random_world(seed, 12, true);
    Random random(seed);
    Request request;
    for (int n = 0; n < 3; ++n) {
      request.seen.push_back(item_at(random.below(13)));
      request.exclude.push_back(item_at(random.below(13)));
    }
    world.gone = ids({random.below(12)});
    std::sort(request.seen.begin(), request.seen.end());
    std::sort(request.exclude.begin(), request.exclude.end());
    request.filter = Filter::parse("not (name contains \"3\" or name = fresh)");
    const std::vector<std::uint8_t> allowed = allowed_items(world, request);
    for (std::size_t i = 0; i < world.item_count(); ++i)
      EXPECT_EQ(allowed[i] == 0, not_allowed(world, request, item_at(i)).has_value()) << seed << " item " << i;
    for (const std::size_t row : rows(ranking().run(world, request))) EXPECT_TRUE(allowed[row]) << seed;
  }
}

TEST("a fresh item is scored by its column, and the models that cannot score it give their weight to those that can") {
  World world = line();
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{5, 4, 3, 2, 1}));
  auto fresh = std::make_shared<FreshItem>();
  fresh->item = item("new", "new");
  fresh->columns["line"] = {0, 5, 0, 0, 0};
  world.fresh = {fresh};
  for (auto& cells : world.weights.table) cells.fill({1, 3});
  const Slate slate = ranking().run(world, after({1}));
  EXPECT_EQ(rows(slate).size(), 5u);
  EXPECT_EQ(rows(slate)[0], 5u);
  EXPECT_NEAR(slate.candidates[0].score, 4 * (5 - 2) / std::sqrt(2.0), 1e-5);
  CHECK(std::isnan(slate.candidates[0].raw[1]));
}

TEST("a fresh item no model can score is not in the list") {
  World world = line();
  auto fresh = std::make_shared<FreshItem>();
  fresh->item = item("new", "new");
  world.fresh = {fresh};
  EXPECT_EQ(rows(ranking().run(world, after({1}))), (std::vector<std::size_t>{2, 3, 4, 0}));
}

TEST("a fresh item in the history is seen by the models as its neighbours at one place") {
  World world = random_world(3, 6, true);
  Request request;
  request.history = {{.item = item_at(2), .weight = 2}, {.item = item_at(6), .weight = 0.5f, .time_ms = 9}, {.item = item_at(4)}};
  request.about = {{.item = item_at(5), .weight = 0.6f}, {.item = item_at(3), .weight = 0.4f}};
  world.gone = ids({4});
  const ModelHistory history = model_history(world, request);
  ASSERT_EQ(history.touches.size(), 5u);
  EXPECT_EQ(history.touches[1], (Touch{item_at(0), 0.35f, 9, false}));
  EXPECT_EQ(history.touches[2].item, item_at(1));
  CHECK(history.touches[2].joined && !history.touches[3].joined && history.touches[4].joined);
  EXPECT_EQ(history.origin, (std::vector<ItemId>{item_at(2), item_at(6), item_at(6), kAbout, kAbout}));
  EXPECT_NEAR(history.touches[3].weight, 0.6 * 2.5, 1e-6);   // the text counts as much as all that was taken
  EXPECT_EQ(history.places, 3u);
}

TEST("what retrieve keeps holds the best by the fused score, whatever the depth") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const World world = random_world(seed, 60, true);
    Request request = after({3, 7, 20});
    request.k = 5;
    Json shallow = Json::object();
    shallow["depth"] = 1;
    std::vector<std::unique_ptr<const Stage>> stages;
    stages.push_back(make_retrieve(shallow));
    stages.push_back(make_fuse({}));
    const Slate few = Pipeline(std::move(stages)).run(world, request);
    EXPECT_EQ(rows(few), rows(ranking().run(world, request))) << seed;
    const Scores scores = score_world(world, request);
    for (const Candidate& c : few.candidates) EXPECT_EQ(scores.fused[to_index(c.item)], c.score) << seed;  // the same bits
  }
}

TEST("the scale of large and nearly equal numbers keeps its digits") {
  std::vector<float> scores(1000);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = 10000.0f + (i % 2 == 0 ? 0.5f : -0.5f);
  const Scale scale = scale_of(scores);
  EXPECT_NEAR(scale.mean, 10000, 1e-6);
  EXPECT_NEAR(scale.sd, 0.5, 1e-9);
  EXPECT_EQ(scale_of(std::vector<float>(100, 0.1f)).sd, 0);
  EXPECT_EQ(scale_of({}).sd, 0);
}

TEST("fusion weights come back from JSON as they went") {
  const World world = random_world(5, 4);
  const FusionWeights back = FusionWeights::from_json(Json::parse(world.weights.to_json().dump()));
  EXPECT_EQ(back.sources, world.weights.sources);
  EXPECT_EQ(back.table, world.weights.table);
  Json bad = world.weights.to_json();
  bad["table"]["0"]["nobody yet"] = Json::array();
  CHECK_THROWS(FusionWeights::from_json(bad), Error);
}

TEST("settings out of range are refused") {
  for (const char* json : {R"({"depth": 0})", R"({"exact_below": -1})", R"({"dept": 5})"}) CHECK_THROWS(make_retrieve(Json::parse(json)), Error);
  CHECK_THROWS(make_diversify(Json::parse(R"({"pool": 1})")), Error);
  CHECK_THROWS(make_cut(Json::parse(R"({"k": 1})")), Error);
}
