// Splits on worlds checked by hand, and what every split must keep: nothing trains on what it is asked about.
#include "attune/data/split.h"

#include <algorithm>
#include <set>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

using Ids = std::vector<ItemId>;

std::shared_ptr<const Catalogue> letters(std::size_t items, std::size_t users) {
  std::vector<CatalogueItem> list;
  for (std::size_t i = 0; i < items; ++i) list.push_back({.name = "i" + std::to_string(i)});
  std::vector<std::string> names;
  for (std::size_t u = 0; u < users; ++u) names.push_back("u" + std::to_string(u));
  return std::make_shared<const Catalogue>(std::move(list), std::move(names));
}

struct E {
  unsigned item;
  std::int64_t time_ms;
  float weight = 1;
  std::uint32_t session = 0;
  bool hides = true;
};

Dataset world(const std::vector<std::vector<E>>& users, std::size_t items = 10) {
  std::vector<std::vector<HistoryRow>> rows;
  for (const auto& user : users) {
    rows.emplace_back();
    for (const E& e : user) rows.back().push_back({{ItemId{e.item}, e.weight, e.time_ms}, e.session, e.hides});
  }
  return Dataset(letters(items, users.size()), std::move(rows));
}

Ids items_of(std::span<const Touch> touches) {
  Ids ids;
  for (const Touch& touch : touches) ids.push_back(touch.item);
  return ids;
}

Ids ids(std::initializer_list<unsigned> list) {
  Ids all;
  for (const unsigned i : list) all.push_back(ItemId{i});
  return all;
}

const Run kRun{.seed = 7};

}  // namespace

TEST("leave one out asks for the last event, knows the one before and trains on neither") {
  const Dataset data = world({{{0, 1}, {1, 2}, {2, 3}, {3, 4}}});
  const Split test = split_leave_one_out(data, {}, {}, kRun);
  ASSERT_EQ(test.cases.size(), 1u);
  EXPECT_EQ(items_of(test.cases[0].input), ids({0, 1, 2}));
  EXPECT_EQ(test.cases[0].targets, ids({3}));
  EXPECT_EQ(test.cases[0].seen, ids({0, 1, 2}));
  EXPECT_EQ(items_of(test.train->history(UserId{0})), ids({0, 1}));
  EXPECT_EQ(test.name, "leave_one_out test");

  const Split validation = split_leave_one_out(data, {}, {.part = Part::validation}, kRun);
  EXPECT_EQ(items_of(validation.cases[0].input), ids({0, 1}));
  EXPECT_EQ(validation.cases[0].targets, ids({2}));
  EXPECT_EQ(items_of(validation.train->history(UserId{0})), ids({0, 1}));

  const Split refit = split_leave_one_out(data, {}, {.refit_with_validation = true}, kRun);
  EXPECT_EQ(items_of(refit.train->history(UserId{0})), ids({0, 1, 2}));
  EXPECT_EQ(refit.cases[0].targets, ids({3}));
}

TEST("users with fewer than three positive events are trained on and not asked about") {
  const Dataset data = world({{{0, 1}, {1, 2}}, {{0, 1}, {1, 2, -1}, {2, 3}}, {{0, 1}, {1, 2}, {2, 3}}});
  const Split test = split_leave_one_out(data, {}, {}, kRun);
  ASSERT_EQ(test.cases.size(), 1u);
  EXPECT_EQ(test.cases[0].user, UserId{2});
  EXPECT_EQ(test.train->history(UserId{0}).size(), 2u);
  EXPECT_EQ(test.train->history(UserId{1}).size(), 3u);
}

TEST("a dislike is never a target, and nothing after the question is known") {
  const Dataset data = world({{{0, 1}, {1, 2}, {2, 3}, {3, 4, -1}, {4, 5}, {5, 6, 0}}});
  const Split test = split_leave_one_out(data, {}, {}, kRun);
  EXPECT_EQ(test.cases[0].targets, ids({4}));
  EXPECT_EQ(items_of(test.cases[0].input), ids({0, 1, 2, 3}));
  EXPECT_EQ(items_of(test.train->history(UserId{0})), ids({0, 1}));
  const Split validation = split_leave_one_out(data, {}, {.part = Part::validation}, kRun);
  EXPECT_EQ(validation.cases[0].targets, ids({2}));
}

TEST("a target that was taken before stays in the ranking unless S3-Rec's convention is asked for") {
  const Dataset data = world({{{0, 1}, {1, 2}, {2, 3}, {0, 4}}});
  EXPECT_EQ(split_leave_one_out(data, {}, {}, kRun).cases[0].seen, ids({1, 2}));
  EXPECT_EQ(split_leave_one_out(data, {}, {.mask_seen_targets = true}, kRun).cases[0].seen, ids({0, 1, 2}));
  EXPECT_TRUE(split_leave_one_out(data, {}, {.mask_seen = false}, kRun).cases[0].seen.empty());
}

TEST("only events that hide make an item seen") {
  const Dataset data = world({{{0, 1}, {1, 2, 1, 0, false}, {2, 3}, {3, 4}}});
  EXPECT_EQ(split_leave_one_out(data, {}, {}, kRun).cases[0].seen, ids({0, 2}));
}

TEST("the share of tied targets is counted, and shuffled ties stay within their time") {
  std::vector<std::vector<E>> users;
  for (int u = 0; u < 40; ++u) users.push_back({{0, 1}, {1, 2}, {2, 3}, {3, 3}, {4, 3}});
  users.push_back({{0, 1}, {1, 2}, {2, 3}});
  const Dataset data = world(users);
  EXPECT_DOUBLE_EQ(split_leave_one_out(data, {}, {}, kRun).tied_share, 40.0 / 41);

  const Split shuffled = split_leave_one_out(data, {}, {.shuffle_ties = true}, kRun);
  std::set<ItemId> targets;
  for (const Case& one : shuffled.cases) {
    EXPECT_EQ(one.input[0].item, ItemId{0});
    EXPECT_EQ(one.input[1].item, ItemId{1});
    if (to_index(one.user) < 40) targets.insert(one.targets[0]);
    else EXPECT_EQ(one.targets, ids({2}));
  }
  EXPECT_EQ(targets, (std::set<ItemId>{ItemId{2}, ItemId{3}, ItemId{4}}));
  const Split again = split_leave_one_out(data, {}, {.shuffle_ties = true}, kRun);
  for (std::size_t c = 0; c < again.cases.size(); ++c) EXPECT_EQ(again.cases[c].targets, shuffled.cases[c].targets);
}

TEST("features stay with the training set") {
  Dataset data = world({{{0, 1}, {1, 2}, {2, 3}}});
  auto features = std::make_shared<ItemFeatures>();
  features->dense = Matrix(10, 2);
  data.with_features("tiny", features);
  EXPECT_EQ(split_leave_one_out(data, {}, {}, kRun).train->features("tiny"), features.get());
}

TEST("a split that leaves nobody to be judged is bad data") {
  try {
    split_leave_one_out(world({{{0, 1}}}), {}, {}, kRun);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
  }
}

}  // namespace attune::data
