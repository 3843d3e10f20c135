// The split cold_items: hidden items are new to training and to every input, and both sides share one training part.
#include "attune/data/cold_items.h"

#include <algorithm>
#include <set>

#include "attune/core/error.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

const Run kRun{.seed = 7}, kOther{.seed = 8};

// 40 users take 8 of 30 items each, in a fixed pattern; item 30 is in the catalogue and nobody took it.
Dataset shop() {
  std::vector<CatalogueItem> items;
  for (std::size_t i = 0; i < 31; ++i) items.push_back({.name = "i" + std::to_string(i)});
  std::vector<std::string> users;
  std::vector<std::vector<HistoryRow>> rows;
  for (unsigned u = 0; u < 40; ++u) {
    users.push_back("u" + std::to_string(u));
    rows.emplace_back();
    for (unsigned k = 0; k < 8; ++k) rows.back().push_back({.touch = {ItemId{(u * 7 + k * 11) % 30}, 1, 1000 * (k + 1)}});
  }
  Dataset data(std::make_shared<const Catalogue>(std::move(items), std::move(users)), std::move(rows));
  auto dense = std::make_shared<ItemFeatures>();
  dense->dense = Matrix(31, 2);
  auto sparse = std::make_shared<ItemFeatures>();
  sparse->sparse = {.rows = 31, .cols = 31};
  for (std::uint32_t i = 0; i < 31; ++i) {
    dense->dense(i, 0) = static_cast<float>(i);
    sparse->sparse.indices.push_back(i);
    sparse->sparse.values.push_back(static_cast<float>(i) + 1);
    sparse->sparse.offsets.push_back(i + 1);
  }
  data.with_features("vectors", dense).with_features("words", sparse);
  return data;
}

Json settings(double hidden, const char* ask = "cold") {
  Json json = Json::object();
  json["hidden"] = hidden;
  json["ask"] = ask;
  return json;
}

bool contains(const std::vector<ItemId>& sorted, ItemId item) { return std::ranges::binary_search(sorted, item); }

}  // namespace

TEST("cold items hides the share asked for, others for validation, and none that nobody took") {
  const Dataset data = shop();
  const auto test = hidden_items(data, settings(0.2), Part::test, kRun), validation = hidden_items(data, settings(0.2), Part::validation, kRun);
  EXPECT_EQ(test.size(), 6u);
  EXPECT_EQ(validation.size(), 6u);
  for (const ItemId item : test) {
    EXPECT_FALSE(contains(validation, item));
    EXPECT_NE(item, ItemId{30});
  }
  EXPECT_EQ(hidden_items(data, settings(0.2), Part::test, kRun), test);
  EXPECT_NE(hidden_items(data, settings(0.2), Part::test, kOther), test);
}

TEST("cold items asks for hidden last events, and neither trains on nor shows any event of a hidden item") {
  const Dataset data = shop();
  for (const Part part : {Part::test, Part::validation}) {
    auto hidden = hidden_items(data, settings(0.2), part, kRun);
    const auto later = hidden_items(data, settings(0.2), Part::test, kRun);
    const Split split = split_cold_items(data, settings(0.2), {.part = part}, kRun);
    ASSERT_FALSE(split.cases.empty());
    for (const Case& one : split.cases) {
      ASSERT_EQ(one.targets.size(), 1u);
      EXPECT_TRUE(contains(hidden, one.targets[0]));
      for (const Touch& touch : one.input) {
        EXPECT_FALSE(contains(hidden, touch.item));
        EXPECT_FALSE(contains(later, touch.item));
      }
    }
    for (const ItemId item : hidden) EXPECT_EQ(split.train->popularity()[to_index(item)], 0u);
    for (const ItemId item : later) EXPECT_EQ(split.train->popularity()[to_index(item)], 0u);
  }
}

TEST("each user's last event is asked about on exactly one side, and both sides train on the same events") {
  const Dataset data = shop();
  const auto hidden = hidden_items(data, settings(0.2), Part::test, kRun);
  const Split cold = split_cold_items(data, settings(0.2), {}, kRun), warm = split_cold_items(data, settings(0.2, "warm"), {}, kRun);
  std::set<UserId> asked;
  for (const Split* side : {&cold, &warm})
    for (const Case& one : side->cases) {
      EXPECT_TRUE(asked.insert(one.user).second);
      EXPECT_EQ(one.targets[0], data.history(one.user).back().item);
      EXPECT_EQ(contains(hidden, one.targets[0]), side == &cold);
    }
  EXPECT_EQ(asked.size(), 40u);
  ASSERT_EQ(cold.train->event_count(), warm.train->event_count());
  for (std::size_t u = 0; u < 40; ++u)
    for (std::size_t k = 0; k < cold.train->history(user_at(u)).size(); ++k)
      EXPECT_EQ(cold.train->history(user_at(u))[k].item, warm.train->history(user_at(u))[k].item);
}

TEST("items hidden for validation are trained on again when test models are refitted with validation") {
  const Dataset data = shop();
  const auto earlier = hidden_items(data, settings(0.2), Part::validation, kRun);
  const Split plain = split_cold_items(data, settings(0.2), {}, kRun);
  const Split refit = split_cold_items(data, settings(0.2), {.refit_with_validation = true}, kRun);
  std::size_t events = 0;
  for (const ItemId item : earlier) {
    EXPECT_EQ(plain.train->popularity()[to_index(item)], 0u);
    events += refit.train->popularity()[to_index(item)];
  }
  EXPECT_GT(events, 0u);
}

TEST("without unknown items a dataset keeps the others' events, texts and features under new ids") {
  const Dataset data = shop();
  const std::vector<ItemId> unknown = {ItemId{0}, ItemId{7}, ItemId{29}};
  const KnownItems known = without_items(data, unknown);
  ASSERT_EQ(known.data->item_count(), 28u);
  EXPECT_EQ(known.old_id[0], ItemId{1});
  EXPECT_FALSE(known.new_id[7].has_value());
  EXPECT_EQ(known.new_id[8], ItemId{6});
  EXPECT_EQ(known.data->catalogue().item(ItemId{6}).name, "i8");
  EXPECT_EQ(known.data->features("vectors")->dense(6, 0), 8.0f);
  ASSERT_EQ(known.data->features("words")->sparse.row_size(6), 1u);
  EXPECT_EQ(known.data->features("words")->sparse.row_indices(6)[0], 8u);
  EXPECT_EQ(known.data->features("words")->sparse.row_values(6)[0], 9.0f);
  std::size_t left = 0;
  for (std::size_t u = 0; u < data.user_count(); ++u)
    for (const Touch& touch : data.history(user_at(u))) left += !contains(unknown, touch.item);
  EXPECT_EQ(known.data->event_count(), left);
}

TEST("cold items refuses shares that leave nothing to learn from, and unknown sides") {
  const Dataset data = shop();
  EXPECT_THROW(split_cold_items(data, settings(0.5), {}, kRun), Error);
  EXPECT_THROW(split_cold_items(data, settings(0), {}, kRun), Error);
  EXPECT_THROW(split_cold_items(data, settings(0.2, "tepid"), {}, kRun), Error);
}

}  // namespace attune::data
