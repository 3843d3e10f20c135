// What would change it: sets that turn the answer when the list is made again, and no smaller ones by brute force.
#include <bit>

#include "attune/explain/explain.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

// Takes one item out, whatever its score.
class Ban final : public Stage {
 public:
  explicit Ban(ItemId item) : item_(item) {}
  std::string name() const override { return "ban"; }
  Duty duty() const override { return Duty::police; }
  Slate run(const World&, const Request&, Slate slate) const override {
    const auto it = std::find_if(slate.candidates.begin(), slate.candidates.end(), [&](const Candidate& c) { return c.item == item_; });
    if (it == slate.candidates.end()) return slate;
    it->notes.push_back({"ban", "it is banned", 0});
    slate.dropped.push_back(std::move(*it));
    slate.candidates.erase(it);
    return slate;
  }

 private:
  ItemId item_;
};

Pipeline whole_pipeline() { return ranking(); }

Pipeline without(ItemId item) {
  std::vector<std::unique_ptr<const Stage>> stages;
  stages.push_back(make_retrieve({}));
  stages.push_back(make_fuse({}));
  stages.push_back(std::make_unique<Ban>(item));
  stages.push_back(make_cut({}));
  return Pipeline(std::move(stages));
}

bool in_list(const World& world, const Request& request, ItemId item) {
  const Slate slate = whole_pipeline().run(world, request);
  return std::any_of(slate.candidates.begin(), slate.candidates.end(), [&](const Candidate& c) { return c.item == item; });
}

bool turns(const World& world, Request request, ItemId item, const std::vector<ItemId>& without) {
  const bool before = in_list(world, request, item);
  const auto is_out = [&](ItemId id) { return std::find(without.begin(), without.end(), id) != without.end(); };
  for (Touch& touch : request.history)
    if (is_out(touch.item)) touch.weight = 0;
  for (Touch& touch : request.about)
    if (is_out(kAbout)) touch.weight = 0;
  return in_list(world, request, item) != before;
}

// The size of the smallest set that turns the answer, over all subsets; 0 = none does.
std::size_t smallest(const World& world, const Request& request, ItemId item) {
  std::vector<ItemId> items;
  for (const Touch& touch : request.history)
    if (std::find(items.begin(), items.end(), touch.item) == items.end()) items.push_back(touch.item);
  if (!request.about.empty()) items.push_back(kAbout);
  std::size_t best = 0;
  for (unsigned mask = 1; mask < 1u << items.size(); ++mask) {
    const auto size = static_cast<std::size_t>(std::popcount(mask));
    if (best != 0 && size >= best) continue;
    std::vector<ItemId> set;
    for (std::size_t i = 0; i < items.size(); ++i)
      if ((mask >> i & 1u) != 0) set.push_back(items[i]);
    if (turns(world, request, item, set)) best = size;
  }
  return best;
}

std::shared_ptr<const Matrix> directions(std::size_t n, std::uint64_t seed) {
  auto vectors = std::make_shared<Matrix>(n, 2);
  Random random(seed);
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = 6.28 * random.uniform();
    (*vectors)(i, 0) = static_cast<float>(std::cos(angle));
    (*vectors)(i, 1) = static_cast<float>(std::sin(angle));
  }
  return vectors;
}

Request request_of(std::uint64_t seed, std::size_t items) {
  Random random(seed * 31);
  Request request;
  request.k = 3;
  const std::size_t touches = 1 + random.below(7);
  for (std::size_t t = 0; t < touches; ++t) {
    request.history.push_back({.item = item_at(random.below(items)), .weight = random.below(5) == 0 ? -1.0f : 1.0f});
    request.seen.push_back(request.history.back().item);
  }
  std::sort(request.seen.begin(), request.seen.end());
  if (random.below(3) == 0) request.about = {{.item = item_at(random.below(items)), .weight = 1}};
  return request;
}

}  // namespace

TEST("what would change it does, and no smaller set does, by trying all sets in small worlds") {
  std::size_t found = 0, bigger_than_one = 0, none = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    World world = random_world(seed, 10);
    world.vectors = directions(10, seed);
    Request request = request_of(seed, 10);
    if (seed % 5 == 0) request.diversity = 0.4f;
    for (std::size_t i = 0; i < 10; ++i) {
      const ItemId item = item_at(i);
      const explain::Answer answer = explain::ask(world, request, whole_pipeline(), item);
      EXPECT_EQ(answer.in_list, in_list(world, request, item));
      if (answer.barred) continue;
      EXPECT_TRUE(answer.is_exact) << seed;
      EXPECT_EQ(answer.would_change.size(), smallest(world, request, item)) << "seed " << seed << " item " << i;
      EXPECT_TRUE(answer.would_change.empty() || turns(world, request, item, answer.would_change)) << seed;
      found += answer.would_change.empty() ? 0 : 1;
      bigger_than_one += answer.would_change.size() > 1 ? 1 : 0;
      none += answer.would_change.empty() ? 1 : 0;
    }
  }
  // The worlds are of all kinds.
  EXPECT_GT(found, 50u);
  EXPECT_GT(bigger_than_one, 10u);
  EXPECT_GT(none, 10u);
}

TEST("long histories get sets that turn the answer") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const World world = random_world(seed, 120);
    Random random(seed);
    Request request;
    request.k = 5;
    for (int t = 0; t < 40; ++t) request.history.push_back({.item = item_at(random.below(120))});
    const Slate slate = whole_pipeline().run(world, request);
    for (const ItemId item : {slate.candidates[0].item, item_at(7)}) {
      const explain::Answer answer = explain::ask(world, request, whole_pipeline(), item);
      if (answer.barred) continue;
      EXPECT_TRUE(answer.would_change.empty() || turns(world, request, item, answer.would_change)) << seed;
      EXPECT_TRUE(answer.would_change.size() != 1 || answer.is_exact) << seed;
    }
  }
}

TEST("a barred item is answered with its bar, in both languages, and nothing else is looked for") {
  const World world = random_world(1, 6);
  Request request;
  request.history = {{.item = item_at(2)}};
  request.seen = ids({2});
  const explain::Answer seen = explain::ask(world, request, whole_pipeline(), item_at(2));
  EXPECT_EQ(seen.barred->stage, "seen");
  EXPECT_EQ(seen.place, 0u);
  EXPECT_EQ(seen.sentence, "not in the list: you already have it");
  EXPECT_TRUE(seen.would_change.empty());
  EXPECT_FALSE(seen.is_exact);
  EXPECT_LT(gap(seen.why), 1e-9);
  request.language = "zh";
  EXPECT_EQ(explain::ask(world, request, whole_pipeline(), item_at(2)).sentence, "不在列表中：您已经有了它");
  request.filter = Filter::parse("name != i3");
  EXPECT_EQ(explain::ask(world, request, whole_pipeline(), item_at(3)).barred->stage, "filter");
}

TEST("an item outside is told its place, and where the list ends") {
  World world = empty_world(4);
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{4, 3, 2, 1}));
  Request request;
  request.k = 2;
  const explain::Answer answer = explain::ask(world, request, whole_pipeline(), item_at(3));
  EXPECT_FALSE(answer.in_list);
  EXPECT_EQ(answer.place, 4u);
  EXPECT_EQ(answer.sentence, "not in the list: it stands at place 4 of 4, with a score of -1.34; the list ends at 0.447");
  EXPECT_NEAR(answer.score_to_enter, 0.5 / std::sqrt(1.25), 1e-6);
  EXPECT_TRUE(answer.would_change.empty());
  EXPECT_TRUE(answer.is_exact);   // there is no history: nothing could
  const explain::Answer first = explain::ask(world, request, whole_pipeline(), item_at(0));
  EXPECT_EQ(first.place, 1u);
  EXPECT_EQ(first.sentence, "because many people take it");
}

TEST("an item that police took out is told why") {
  World world = empty_world(4);
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{4, 3, 2, 1}));
  const explain::Answer answer = explain::ask(world, {}, without(item_at(1)), item_at(1));
  EXPECT_EQ(answer.sentence, "not in the list: it is banned");
  EXPECT_EQ(answer.notes.back().stage, "ban");
  EXPECT_EQ(answer.place, 2u);
}

TEST("an item no model can score is told so") {
  World world = empty_world(3);
  add(world, std::make_shared<Fixed>("popularity", std::vector<float>{1, 2, 3}));
  auto fresh = std::make_shared<FreshItem>();
  fresh->item = item("new", "");
  world.fresh = {fresh};
  EXPECT_EQ(explain::ask(world, {}, whole_pipeline(), item_at(3)).barred->stage, "score");
}
