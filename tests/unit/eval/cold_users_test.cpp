// The cold-users protocol on a world of two tastes: users of even number take even items, the others odd ones.
#include "attune/eval/cold_users.h"

#include <algorithm>
#include <memory>
#include <set>

#include "attune/core/error.h"
#include "tests/support/test.h"

namespace attune::eval {
namespace {

constexpr std::size_t kItems = 24, kUsers = 40;
const Run kRun{.seed = 5};

data::Dataset tastes() {
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < kItems; ++i) items.push_back({.name = "i" + std::to_string(i), .text = i % 2 == 0 ? "even " + std::to_string(i) : "odd " + std::to_string(i)});
  std::vector<std::string> users;
  std::vector<std::vector<data::HistoryRow>> rows;
  for (unsigned u = 0; u < kUsers; ++u) {
    users.push_back("u" + std::to_string(u));
    rows.emplace_back();
    for (unsigned k = 0; k < 8; ++k) rows.back().push_back({.touch = {ItemId{(u % 2) + 2 * ((u / 2 + k) % 12)}, 1, 1000 * (k + 1)}});
  }
  return data::Dataset(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
}

void by_taste(const std::string& text, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = text.starts_with(i % 2 == 0 ? "even" : "odd") ? 1.0f : 0.0f;
}

// What all its histories were, for the test to look at.
struct Seen {
  std::vector<std::vector<Touch>> histories;
  std::size_t trained_users = 0;
};

// Scores the items of the history's taste, by parity.
class Parity final : public model::Recommender {
 public:
  explicit Parity(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {}
  std::string name() const override { return "parity"; }
  std::size_t item_count() const override { return kItems; }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    seen_->histories.emplace_back(query.history.begin(), query.history.end());
    for (std::size_t n = 0; n < items.size(); ++n) {
      out[n] = 0;
      for (const Touch& touch : query.history) out[n] += to_index(touch.item) % 2 == to_index(items[n]) % 2 ? touch.weight : 0;
    }
  }
  std::size_t size_bytes() const override { return 0; }
  Json settings() const override { return Json::object(); }
  void save(ByteWriter&) const override {}

 private:
  std::shared_ptr<Seen> seen_;
};

ModelContender parity(std::shared_ptr<Seen> seen) {
  return {.name = "parity", .fit = [seen](const data::Dataset& train, const attune::Run&) {
            for (std::size_t u = 0; u < train.user_count(); ++u) seen->trained_users += !train.history(user_at(u)).empty();
            return std::make_shared<const Parity>(seen);
          }};
}

ColdUsersOptions options() {
  ColdUsersOptions options{.users = 10, .about_items = 4};
  options.eval.ks = {10};
  options.eval.bootstrap = 0;
  return options;
}

const attune::Run kOneThread{.seed = 5, .threads = 1};

}  // namespace

TEST("a cold user's text stands for the items most like it, without the item it came from, and their taste is found") {
  const auto seen = std::make_shared<Seen>();
  const ColdUsersReport report = judge_cold_users(tastes(), by_taste, {parity(seen)}, options(), kOneThread);
  EXPECT_EQ(report.users, 10u);
  EXPECT_EQ(report.events, 30u * 8);
  EXPECT_EQ(seen->trained_users, 30u + 20u);   // the judged, then those and the choosing ones left out
  ASSERT_GE(report.rows.size(), 4u);
  EXPECT_EQ(report.rows[0].model, "popularity");
  EXPECT_EQ(report.rows[1].model, "text alone");
  EXPECT_EQ(report.rows[2].from, "text");
  // 7 targets among 11 open items of the taste, all alike: the same for the text alone and for the model, and more than popularity.
  EXPECT_DOUBLE_EQ(report.rows[2].evaluation.at("ndcg@10"), report.rows[1].evaluation.at("ndcg@10"));
  EXPECT_GT(report.rows[2].evaluation.at("ndcg@10"), report.rows[0].evaluation.at("ndcg@10"));
  std::set<std::size_t> lengths;
  for (const auto& history : seen->histories) {
    lengths.insert(history.size());
    float sum = 0;
    for (const Touch& touch : history) {
      sum += touch.weight;
      EXPECT_EQ(to_index(touch.item) % 2, to_index(history[0].item) % 2);
    }
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  EXPECT_EQ(lengths, (std::set<std::size_t>{1, 4}));   // one event, or the nearest four
}

TEST("profiles by name are read instead of item texts, and all items of the user are looked for") {
  ColdUsersOptions with = options();
  for (unsigned u = 0; u < 8; ++u) with.profiles["u" + std::to_string(u)] = u % 2 == 0 ? "even things" : "odd things";
  const ColdUsersReport report = judge_cold_users(tastes(), by_taste, {parity(std::make_shared<Seen>())}, with, kOneThread);
  EXPECT_EQ(report.users, 4u);   // as many others choose
  for (const ColdUsersRow& row : report.rows) EXPECT_NE(row.from, "one event");
  with.profiles["nobody"] = "even";
  try {
    judge_cold_users(tastes(), by_taste, {parity(std::make_shared<Seen>())}, with, kOneThread);
    FAIL() << "expected an error";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("'nobody'"), std::string::npos);
  }
}

TEST("a dataset without users who took enough items leaves nobody to be asked") {
  std::vector<std::vector<data::HistoryRow>> rows(3);
  rows[0].push_back({.touch = {ItemId{0}, 1, 1}});
  const data::Dataset data(std::make_shared<const data::Catalogue>(std::vector<data::CatalogueItem>{{.name = "a"}}, std::vector<std::string>{"x", "y", "z"}),
                           std::move(rows));
  EXPECT_THROW(judge_cold_users(data, by_taste, {parity(std::make_shared<Seen>())}, options(), kRun), Error);
}

}  // namespace attune::eval
