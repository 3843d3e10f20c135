// The cold-items protocol on a world where a new item's place is known: each item has a twin with the same text.
#include "attune/eval/cold_items.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/data/cold_items.h"
#include "tests/support/test.h"

namespace attune::eval {
namespace {

constexpr std::size_t kPairs = 20, kUsers = 40;
const Run kRun{.seed = 3};

// User u took items 2p and 2p + 1 of three pairs p, in turns: the last event's twin is the event before.
// The text vector of an item is its pair.
data::Dataset twins() {
  std::vector<data::CatalogueItem> items;
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = Matrix(2 * kPairs, kPairs);
  for (std::size_t i = 0; i < 2 * kPairs; ++i) {
    items.push_back({.name = "i" + std::to_string(i)});
    features->dense(i, i / 2) = 1;
  }
  std::vector<std::string> users;
  std::vector<std::vector<data::HistoryRow>> rows;
  for (unsigned u = 0; u < kUsers; ++u) {
    users.push_back("u" + std::to_string(u));
    rows.emplace_back();
    for (unsigned k = 0; k < 6; ++k) {
      const unsigned pair = (u + 5 * (k / 2)) % kPairs, side = (k + u / kPairs) % 2;
      rows.back().push_back({.touch = {ItemId{2 * pair + side}, 1, 1000 * (k + 1)}});
    }
  }
  data::Dataset data(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
  data.with_features("pair", features);
  return data;
}

// Scores the twin of the newest touch 1 and all else 0; a new item's column is 1 at its twin. With `reads` false it knows no new items.
class Twin : public model::Recommender {
 public:
  Twin(const data::Dataset& data, bool reads) : features_(data.all_features().find("pair")->second), vectors_(features_->dense), reads_(reads) {}
  std::string name() const override { return "twin"; }
  std::size_t item_count() const override { return vectors_.rows(); }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    for (std::size_t n = 0; n < items.size(); ++n) {
      const ItemId newest = query.history.back().item;
      out[n] = items[n] != newest && pair_of(vectors_.row(to_index(items[n]))) == pair_of(vectors_.row(to_index(newest))) ? 1.0f : 0.0f;
    }
  }
  std::optional<std::vector<float>> column(const model::NewItem& item) const override {
    if (!reads_) return std::nullopt;
    std::vector<float> column(item_count(), 0.0f);
    for (std::size_t i = 0; i < column.size(); ++i) column[i] = pair_of(item.features.find("pair")->second.dense) == pair_of(vectors_.row(i)) ? 1.0f : 0.0f;
    return column;
  }
  std::vector<Scored> input(const model::Query& query) const override { return {{query.history.back().item, 1.0f}}; }
  std::size_t size_bytes() const override { return 0; }
  Json settings() const override { return Json::object(); }
  void save(ByteWriter&) const override {}

 protected:
  static std::ptrdiff_t pair_of(std::span<const float> row) { return std::max_element(row.begin(), row.end()) - row.begin(); }
  std::ptrdiff_t pair_of(ItemId item) const { return pair_of(vectors_.row(to_index(item))); }

 private:
  std::shared_ptr<const data::ItemFeatures> features_;
  const Matrix& vectors_;
  bool reads_;
};

// Sure of what is known (the newest touch's twin and the pair that comes next 1, every sixteenth item .5), shy of what is new (.3 and .2).
class Shy final : public Twin {
 public:
  explicit Shy(const data::Dataset& data) : Twin(data, true) {}
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    const ItemId newest = query.history.back().item;
    for (std::size_t n = 0; n < items.size(); ++n)
      out[n] = items[n] != newest && follows(pair_of(items[n]), pair_of(newest)) ? 1.0f : to_index(items[n]) % 16 == 0 ? 0.5f : 0.0f;
  }
  std::optional<std::vector<float>> column(const model::NewItem& item) const override {
    std::vector<float> column(item_count());
    for (std::size_t i = 0; i < column.size(); ++i)
      column[i] = follows(Twin::pair_of(item.features.find("pair")->second.dense), pair_of(item_at(i))) ? 0.3f : 0.2f;
    return column;
  }

 private:
  static bool follows(std::ptrdiff_t pair, std::ptrdiff_t other) {
    const auto step = (pair - other + static_cast<std::ptrdiff_t>(kPairs)) % static_cast<std::ptrdiff_t>(kPairs);
    return step == 0 || step == 5;
  }
};

ModelContender twin(bool reads) {
  return {.name = reads ? "reader" : "blind",
          .fit = [reads](const data::Dataset& train, const attune::Run&) { return std::make_shared<const Twin>(train, reads); }};
}

ColdItemsOptions options() {
  ColdItemsOptions options;
  options.split["hidden"] = 0.15;
  options.eval.ks = {10};
  options.eval.bootstrap = 0;
  return options;
}

}  // namespace

TEST("a model that reads texts finds the new twin first, one that does not leaves new items last, and nobody loses known items") {
  const data::Dataset data = twins();
  const ColdItemsReport report = judge_cold_items(data, {twin(true), twin(false)}, options(), kRun);
  EXPECT_EQ(report.cold_items, 6u);
  EXPECT_EQ(report.known_items, 34u);
  ASSERT_EQ(report.rows.size(), 2u);
  const ColdItemsRow &reader = report.rows[0], &blind = report.rows[1];
  EXPECT_TRUE(reader.places_new_items);
  EXPECT_FALSE(blind.places_new_items);
  // Whose last event is hidden and its twin is known finds it; both twins hidden: nothing before it tells.
  const auto hidden = data::hidden_items(data, options().split, data::Part::test, kRun);
  double found = 0, asked = 0;
  for (std::size_t u = 0; u < kUsers; ++u) {
    const auto history = data.history(user_at(u));
    if (!std::ranges::binary_search(hidden, history[5].item)) continue;
    ++asked;
    found += !std::ranges::binary_search(hidden, history[4].item);
  }
  ASSERT_GT(found, 0);
  EXPECT_EQ(static_cast<double>(report.cold_users), asked);
  EXPECT_GE(reader.among_cold.at("ndcg@10"), found / asked);
  EXPECT_GE(reader.among_all.at("ndcg@10"), found / asked);
  EXPECT_EQ(blind.among_all.at("ndcg@10"), 0);
  EXPECT_EQ(reader.warm_loss("ndcg@10"), 0);   // the twin of what they took is the one item above 0, and it is what they took next
}

TEST("what an item is worth when it is lifted too far is seen in the loss of those who look for known items") {
  const data::Dataset data = twins();
  ColdItemsOptions far = options();
  far.lifts = {-1000};   // every new item that fits nobody stands above all known ones
  const ColdItemsReport report = judge_cold_items(data, {twin(true)}, far, kRun);
  EXPECT_EQ(report.rows[0].lift, -1000);
  EXPECT_GT(report.rows[0].warm_loss("ndcg@10"), 0.3);
  EXPECT_EQ(report.rows[0].warm_alone.at("ndcg@10"), judge_cold_items(data, {twin(true)}, options(), kRun).rows[0].warm_alone.at("ndcg@10"));
}

TEST("the lift is sought between the last that is allowed and the first that costs too much") {
  const data::Dataset data = twins();
  const ModelContender shy{.name = "shy", .fit = [](const data::Dataset& train, const attune::Run&) { return std::make_shared<const Shy>(train); }};
  ColdItemsOptions asked = options();
  asked.lifts = {1, 64};
  const ColdItemsRow fine = judge_cold_items(data, {shy}, asked, kRun).rows.at(0);
  asked.halvings = 0;
  const ColdItemsRow rough = judge_cold_items(data, {shy}, asked, kRun).rows.at(0);
  EXPECT_EQ(rough.lift, 1);   // at 64 all new items stand above the known one that is right
  EXPECT_GT(fine.lift, 2);    // what fits passes the known items of .5 ...
  EXPECT_LT(fine.lift, 8);    // ... and below 7 not those of 1
  EXPECT_GT(fine.among_all.at("ndcg@10"), rough.among_all.at("ndcg@10"));
}

TEST("a model that cannot be fitted is named") {
  const ModelContender broken{.name = "broken", .fit = [](const data::Dataset&, const attune::Run&) -> std::shared_ptr<const model::Recommender> {
                                throw Error(Code::bad_data, "no");
                              }};
  try {
    judge_cold_items(twins(), {broken}, options(), kRun);
    FAIL() << "expected an error";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "broken: no");
  }
}

}  // namespace attune::eval
