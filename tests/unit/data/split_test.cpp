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

TEST("a target that was taken before is not asked for unless another convention is") {
  const Dataset data = world({{{0, 1}, {1, 2}, {2, 3}, {0, 4}}, {{0, 1}, {1, 2}, {2, 3}, {3, 4}}});
  const Split dropped = split_leave_one_out(data, {}, {}, kRun);
  REQUIRE(dropped.cases.size() == 2);
  EXPECT_EQ(dropped.cases[0].targets, ids({2}));
  EXPECT_EQ(dropped.cases[1].targets, ids({3}));
  EXPECT_EQ(dropped.name, "leave_one_out test, 1 last events passed over");
  const Split missed = split_leave_one_out(data, {}, {.seen_targets = SeenTargets::miss}, kRun);
  EXPECT_EQ(missed.cases[0].seen, ids({0, 1, 2}));
  EXPECT_EQ(missed.cases[0].targets, ids({0}));
  EXPECT_EQ(split_leave_one_out(data, {}, {.seen_targets = SeenTargets::unmask}, kRun).cases[0].seen, ids({1, 2}));
  const Split unmasked = split_leave_one_out(data, {}, {.mask_seen = false}, kRun);
  EXPECT_TRUE(unmasked.cases[0].seen.empty());
  EXPECT_EQ(unmasked.cases[0].targets, ids({0}));
}

TEST("only events that hide make an item seen") {
  const Dataset data = world({{{0, 1}, {1, 2, 1, 0, false}, {2, 3}, {3, 4}}});
  EXPECT_EQ(split_leave_one_out(data, {}, {}, kRun).cases[0].seen, ids({0, 2}));
}

// A purchase after the view of the same item: the last item repeated has "foretold" every one of them.
TEST("a purchase that follows its own view is asked about before the view") {
  const bool look = false;
  const Dataset data = world({{{0, 1, .2f, 0, look}, {0, 2}, {1, 3, .2f, 0, look}, {1, 4}, {2, 5, .2f, 0, look}, {2, 6, .6f, 0, look}, {2, 7}, {0, 8, .2f, 0, look}},
                              {{3, 1, .2f, 0, look}, {4, 2, .2f, 0, look}, {5, 3, .2f, 0, look}}});
  const Split test = split_leave_one_out(data, {}, {}, kRun);
  REQUIRE(test.cases.size() == 2);
  EXPECT_EQ(test.cases[0].targets, ids({2}));
  EXPECT_EQ(items_of(test.cases[0].input), ids({0, 0, 1, 1}));
  EXPECT_EQ(items_of(test.train->history(UserId{0})), ids({0, 0}));
  EXPECT_EQ(test.cases[1].targets, ids({5}));
  EXPECT_EQ(test.name, "leave_one_out test, 1 last events passed over");

  const Split validation = split_leave_one_out(data, {}, {.part = Part::validation}, kRun);
  EXPECT_EQ(validation.cases[0].targets, ids({1}));   // and not 1 again for its purchase
  EXPECT_EQ(items_of(validation.cases[0].input), ids({0, 0}));

  const Split unmasked = split_leave_one_out(data, {}, {.mask_seen = false}, kRun);
  EXPECT_EQ(unmasked.cases[0].targets, ids({0}));
}

TEST("where nothing hides, people may be shown what they have again: the last event is the question") {
  const bool again = false;
  const Dataset data = world({{{0, 1, 1, 0, again}, {1, 2, 1, 0, again}, {2, 3, 1, 0, again}, {0, 4, 1, 0, again}}});
  const Split test = split_leave_one_out(data, {}, {}, kRun);
  EXPECT_EQ(test.cases[0].targets, ids({0}));
  EXPECT_EQ(test.name, "leave_one_out test");
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

namespace attune::data {
namespace {

using MakeSplit = Split (*)(const Dataset&, const Json&, const SplitOptions&, const Run&);

// Calls body with every SPLIT line of plugins.def.
void for_every_split(const std::function<void(MakeSplit)>& body) {
#define SPLIT(name, about, source) \
  {                                \
    SCOPED_TRACE(#name);           \
    body(&split_##name);           \
  }
#include "attune/plugins.def"
}

// 60 users with 6 baskets of 1 to 4 items each, repeats and dislikes among them, times that overlap between users.
Dataset crowd(std::uint64_t seed = 3) {
  Random random(seed);
  std::vector<std::vector<E>> users(60);
  std::uint32_t session = 0;
  for (auto& user : users) {
    std::int64_t time_ms = static_cast<std::int64_t>(random.below(1000)) * 1000;
    for (int basket = 0; basket < 6; ++basket) {
      ++session;
      time_ms += 3600000 + static_cast<std::int64_t>(random.below(1000000));
      const std::size_t size = 1 + random.below(4);
      for (std::size_t k = 0; k < size; ++k)
        user.push_back({static_cast<unsigned>(random.below(30)), time_ms, random.below(10) == 0 ? -1.0f : 1.0f, session});
    }
  }
  return world(users, 30);
}

// How often each (user, item) stands in the histories of a dataset with a positive weight.
std::multiset<std::pair<UserId, ItemId>> pairs_of(const Dataset& data) {
  std::multiset<std::pair<UserId, ItemId>> pairs;
  for (std::size_t u = 0; u < data.user_count(); ++u)
    for (const Touch& touch : data.history(user_at(u)))
      if (touch.weight > 0) pairs.emplace(user_at(u), touch.item);
  return pairs;
}

Json settings(std::initializer_list<std::pair<const char*, Json>> list) {
  Json json = Json::object();
  for (const auto& [key, value] : list) json[key] = value;
  return json;
}

}  // namespace

TEST("every split judges users with positive targets and input, and is the same each time") {
  for_every_split([](MakeSplit split) {
    const Dataset data = crowd();
    const Split first = split(data, {}, {}, kRun), again = split(data, {}, {}, kRun);
    ASSERT_FALSE(first.cases.empty());
    ASSERT_EQ(first.cases.size(), again.cases.size());
    EXPECT_EQ(first.train->history(UserId{5}).size(), again.train->history(UserId{5}).size());
    for (std::size_t c = 0; c < first.cases.size(); ++c) {
      const Case& one = first.cases[c];
      EXPECT_EQ(one.targets, again.cases[c].targets);
      EXPECT_FALSE(one.input.empty());
      ASSERT_FALSE(one.targets.empty());
      std::set<ItemId> distinct(one.targets.begin(), one.targets.end());
      EXPECT_EQ(distinct.size(), one.targets.size());
      for (const ItemId seen : one.seen) EXPECT_FALSE(distinct.contains(seen));
      const std::multiset<std::pair<UserId, ItemId>> liked = pairs_of(data);
      for (const ItemId target : one.targets) EXPECT_TRUE(liked.contains({one.user, target}));
    }
  });
}

TEST("the validation part neither trains on nor sees nor asks about what the test part asks about") {
  for_every_split([](MakeSplit split) {
    const Dataset data = crowd();
    const Split validation = split(data, {}, {.part = Part::validation}, kRun), test = split(data, {}, {}, kRun);
    // Training of the validation part is the training of the test part: event for event.
    ASSERT_EQ(validation.train->event_count(), test.train->event_count());
    for (std::size_t u = 0; u < data.user_count(); ++u) {
      const auto a = validation.train->history(user_at(u)), b = test.train->history(user_at(u));
      EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    }
    // Its input is exactly that training, nothing later.
    for (const Case& one : validation.cases) {
      const auto trained = validation.train->history(one.user);
      EXPECT_TRUE(std::equal(one.input.begin(), one.input.end(), trained.begin(), trained.end()));
    }
    // What either part asks about is, event by event, in no training: counts of positive events add up.
    const auto all = pairs_of(data), trained = pairs_of(*validation.train);
    for (const Split* part : {&validation, &test})
      for (const Case& one : part->cases)
        for (const ItemId target : one.targets) {
          const std::pair<UserId, ItemId> pair(one.user, target);
          EXPECT_LT(trained.count(pair), all.count(pair));
        }
  });
}

TEST("refitting moves the validation events, and only them, into training") {
  for_every_split([](MakeSplit split) {
    const Dataset data = crowd();
    const Split test = split(data, {}, {}, kRun), refit = split(data, {}, {.refit_with_validation = true}, kRun);
    EXPECT_GT(refit.train->event_count(), test.train->event_count());
    ASSERT_EQ(refit.cases.size(), test.cases.size());
    for (std::size_t c = 0; c < test.cases.size(); ++c) {
      EXPECT_EQ(refit.cases[c].targets, test.cases[c].targets);
      EXPECT_EQ(refit.cases[c].input.size(), test.cases[c].input.size());
      const auto trained = refit.train->history(refit.cases[c].user);
      EXPECT_TRUE(std::equal(refit.cases[c].input.begin(), refit.cases[c].input.end(), trained.begin(), trained.end()));
    }
  });
}

TEST("unknown settings are refused by every split") {
  for_every_split([](MakeSplit split) { EXPECT_THROW(split(crowd(), settings({{"colour", 1}}), {}, kRun), Error); });
}

TEST("the time split asks about what comes after the moment, equal times together") {
  const Dataset data = world({{{0, 1000}, {1, 2000}, {2, 8000}, {3, 9000}}, {{4, 3000}, {5, 9000}}, {{6, 9000}}, {{7, 1000}, {8, 4000}}, {{0, 5000}}});
  // 10 events; share .7 is place 7 of 1 1 2 3 4 5 8 9 9 9: time 9000.
  const Split test = split_time(data, settings({{"at", 0.7}, {"validation", 0.2}}), {}, kRun);
  ASSERT_EQ(test.cases.size(), 2u);
  EXPECT_EQ(test.cases[0].targets, ids({3}));
  EXPECT_EQ(items_of(test.cases[0].input), ids({0, 1, 2}));
  EXPECT_EQ(items_of(test.train->history(UserId{0})), ids({0, 1}));
  EXPECT_EQ(test.cases[1].targets, ids({5}));
  EXPECT_EQ(test.users_without_training, 1u);
  const Split everyone = split_time(data, settings({{"at", 0.7}}), {.judge_new_users = true}, kRun);
  ASSERT_EQ(everyone.cases.size(), 3u);
  EXPECT_TRUE(everyone.cases[2].input.empty());
  EXPECT_EQ(everyone.cases[2].targets, ids({6}));
  // Validation: from place 5 (time 5000) to 9000; user 4 has nothing before it.
  const Split validation = split_time(data, settings({{"at", 0.7}, {"validation", 0.2}}), {.part = Part::validation}, kRun);
  ASSERT_EQ(validation.cases.size(), 1u);
  EXPECT_EQ(validation.cases[0].targets, ids({2}));
  EXPECT_EQ(validation.users_without_training, 1u);
  EXPECT_EQ(validation.train->history(UserId{4}).size(), 0u);
}

TEST("the time split takes a date, and says what is wrong with one") {
  const Dataset data = world({{{0, 1320000000000}, {1, 1320100000000}, {2, 1322000000000}}});
  const Split test = split_time(data, settings({{"at", "2011-11-05"}}), {}, kRun);
  EXPECT_EQ(test.cases[0].targets, ids({2}));
  for (const char* bad : {"soon", "1.5", "0", "2011-13-01"}) {
    try {
      split_time(data, settings({{"at", bad}}), {}, kRun);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::bad_request) << bad;
    }
  }
  EXPECT_THROW(split_time(world({{{0, 5}, {1, 5}}}), {}, {}, kRun), Error);
}

TEST("a random ratio holds out that share of a user's items, all events of an item together") {
  std::vector<E> user;
  for (unsigned i = 0; i < 10; ++i) user.insert(user.end(), {{i, 1 + i}, {i, 100 + i}});
  std::sort(user.begin(), user.end(), [](const E& a, const E& b) { return a.time_ms < b.time_ms; });
  const Dataset data = world({user, {{0, 1}, {1, 2}}});
  const Split test = split_ratio(data, settings({{"train", 0.7}, {"validation", 0.1}}), {}, kRun);
  ASSERT_EQ(test.cases.size(), 1u) << "two items cannot be shared out";
  EXPECT_EQ(test.cases[0].targets.size(), 2u);
  EXPECT_EQ(test.train->history(UserId{0}).size(), 14u);
  EXPECT_EQ(test.cases[0].input.size(), 16u);
  for (const Touch& touch : test.cases[0].input)
    EXPECT_EQ(std::count(test.cases[0].targets.begin(), test.cases[0].targets.end(), touch.item), 0);
  EXPECT_NE(test.cases[0].targets, split_ratio(data, settings({{"train", 0.7}}), {}, attune::Run{.seed = 12345}).cases[0].targets);
  EXPECT_THROW(split_ratio(data, settings({{"train", 0.9}, {"validation", 0.2}}), {}, kRun), Error);
}

TEST("over all folds every item of every user is asked about once") {
  const Dataset data = crowd();
  std::multiset<std::pair<UserId, ItemId>> asked;
  for (int fold = 0; fold < 4; ++fold) {
    const Split test = split_folds(data, settings({{"folds", 4}, {"fold", fold}}), {.judge_new_users = true}, kRun);
    for (const Case& one : test.cases)
      for (const ItemId target : one.targets) asked.emplace(one.user, target);
  }
  const auto all = pairs_of(data);
  EXPECT_EQ(std::set(asked.begin(), asked.end()), std::set(all.begin(), all.end()));
  EXPECT_EQ(asked.size(), std::set(all.begin(), all.end()).size());
  EXPECT_THROW(split_folds(data, settings({{"fold", 5}}), {}, kRun), Error);
  EXPECT_THROW(split_folds(data, settings({{"folds", 2}}), {}, kRun), Error);
}

TEST("the session split asks about the last basket as a whole") {
  const Dataset data = world({{{0, 1, 1, 7}, {1, 1, 1, 7}, {2, 2, 1, 8}, {3, 3, 1, 9}, {4, 3, 1, 9}, {3, 3, 1, 9}}, {{0, 1, 1, 1}, {1, 2, 1, 2}}});
  const Split test = split_session(data, {}, {}, kRun);
  ASSERT_EQ(test.cases.size(), 1u) << "two baskets are too few";
  EXPECT_EQ(test.cases[0].targets, ids({3, 4}));
  EXPECT_EQ(items_of(test.cases[0].input), ids({0, 1, 2}));
  EXPECT_EQ(items_of(test.train->history(UserId{0})), ids({0, 1}));
  EXPECT_EQ(test.train->history(UserId{1}).size(), 2u);
  const Split validation = split_session(data, {}, {.part = Part::validation}, kRun);
  EXPECT_EQ(validation.cases[0].targets, ids({2}));
}

TEST("events that name no session are visits parted by pauses") {
  const std::int64_t minute = 60000;
  const Dataset data = world({{{0, 0}, {1, 10 * minute}, {2, 100 * minute}, {3, 200 * minute}, {4, 229 * minute}, {5, 259 * minute}}});
  EXPECT_EQ(split_session(data, {}, {}, kRun).cases[0].targets, ids({3, 4, 5}));
  const Split strict = split_session(data, settings({{"gap_minutes", 29}}), {}, kRun);
  EXPECT_EQ(strict.cases[0].targets, ids({5}));
  EXPECT_EQ(items_of(strict.cases[0].input), ids({0, 1, 2, 3, 4}));
}

}  // namespace attune::data
