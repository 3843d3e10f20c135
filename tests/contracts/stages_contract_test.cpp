// What every stage of plugins.def promises, over random worlds.
#include <algorithm>
#include <cmath>
#include <functional>

#include "attune/core/error.h"
#include "attune/policy/stages.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank;
using namespace attune::policy;

namespace {

struct StagePlugin {
  std::string name;
  std::function<std::unique_ptr<const Stage>(const Json&)> make;
  std::function<std::vector<Setting>()> settings;
};

const std::vector<StagePlugin>& stages() {
  static const std::vector<StagePlugin> all = {
#define STAGE(name, about, source) {#name, make_##name, settings_##name},
#include "attune/plugins.def"
#undef STAGE
  };
  return all;
}

World world_of(std::uint64_t seed) {
  World world = rank_tests::random_world(seed, 40, seed % 2 == 0);
  Random random(seed + 500);
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < 40; ++i)
    items.push_back(rank_tests::item("i" + std::to_string(i), "", Json::parse("{\"kind\": " + std::to_string(random.below(4)) + "}")));
  world.catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
  auto vectors = std::make_shared<Matrix>(40, 3);
  for (float& x : vectors->all()) x = static_cast<float>(random.normal());
  world.vectors = std::move(vectors);
  return world;
}

Request request_of(std::uint64_t seed) {
  Random random(seed);
  Request request;
  request.k = 1 + static_cast<int>(random.below(12));
  for (std::size_t t = 0; t < seed % 6; ++t) request.history.push_back({.item = item_at(random.below(40))});
  request.diversity = static_cast<float>(random.uniform());
  request.min_score = static_cast<float>(random.normal());
  request.caps = {{"kind", 1 + static_cast<int>(random.below(3))}};
  request.exclude = {item_at(random.below(40))};
  return request;
}

// The list before the stage: scored and fused.
Slate before(const World& world, const Request& request) {
  return make_fuse({})->run(world, request, make_retrieve({})->run(world, request, {}));
}

}  // namespace

TEST("a stage goes by its name in plugins.def, and its settings have defaults and help") {
  EXPECT_GE(stages().size(), 6u);
  for (const StagePlugin& plugin : stages()) {
    EXPECT_EQ(plugin.make({})->name(), plugin.name);
    for (const Setting& setting : plugin.settings()) EXPECT_FALSE(setting.help.empty()) << plugin.name << "." << setting.name;
    Json unknown = Json::object();
    unknown["no such setting"] = 1;
    EXPECT_THROW(plugin.make(unknown), Error) << plugin.name;
  }
}

TEST("a stage keeps its duty, adds nothing it may not add, and gives the same answer twice") {
  for (const StagePlugin& plugin : stages())
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      const World world = world_of(seed);
      const Request request = request_of(seed);
      std::vector<std::unique_ptr<const Stage>> made;
      made.push_back(make_retrieve({}));
      made.push_back(make_fuse({}));
      const auto stage = plugin.make({});
      if (stage->duty() != Duty::retrieve) made.push_back(plugin.make({}));
      const Pipeline pipeline(std::move(made));   // throws when a duty is broken
      const Slate once = pipeline.run(world, request), twice = pipeline.run(world, request);
      EXPECT_EQ(rank_tests::rows(once), rank_tests::rows(twice)) << plugin.name << " " << seed;
      const std::vector<std::size_t> all = rank_tests::rows(before(world, request));
      for (const std::size_t row : rank_tests::rows(once)) EXPECT_TRUE(std::find(all.begin(), all.end(), row) != all.end()) << plugin.name << " " << seed;
      for (const Candidate& candidate : once.candidates) EXPECT_TRUE(std::isfinite(candidate.score)) << plugin.name << " " << seed;
    }
}

TEST("a stage takes an empty list, a request for nothing, and a world without vectors or popularity") {
  for (const StagePlugin& plugin : stages()) {
    World world = world_of(2);
    world.vectors = nullptr;
    world.popularity = nullptr;
    Request request = request_of(3);
    const auto stage = plugin.make({});
    const bool is_empty = stage->duty() == Duty::retrieve || stage->run(world, request, {}).candidates.empty();
    EXPECT_TRUE(is_empty) << plugin.name;
    request.k = 0;
    request.diversity = 1;
    EXPECT_NO_THROW(stage->run(world, request, stage->duty() == Duty::retrieve ? Slate() : before(world, request))) << plugin.name;
  }
}
