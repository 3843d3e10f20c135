// Protocol: the rows nobody asked for but everybody needs are there, and controls are controls.
#include "attune/eval/protocol.h"

#include <set>

#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

// Thirty users take items u, u+1, u+2, ... of 12 (round and round): the next item is always the last one plus 1.
data::Dataset wheel(std::int64_t step_ms = 86400000) {
  std::vector<std::vector<unsigned>> taken;
  for (unsigned u = 0; u < 30; ++u) {
    taken.emplace_back();
    for (unsigned k = 0; k < 6; ++k) taken.back().push_back((u + k) % 12);
  }
  return dataset_of(12, taken, step_ms);
}

Contender oracle(std::string name = "next item") {
  return {.name = std::move(name), .fit = [](const data::Dataset&, const attune::Run&) {
    return Answerer{.scores = [](const data::Case& asked, std::span<float> out) {
      std::fill(out.begin(), out.end(), 0.0f);
      out[(to_index(asked.input.back().item) + 1) % out.size()] = 1;
    }};
  }};
}

data::Split leave_one_out(const data::Dataset& data, const data::SplitOptions& options, const attune::Run& run) {
  return data::split_leave_one_out(data, Json(), options, run);
}

const attune::Run kRun{.seed = 4};
const ProtocolOptions kQuick{.eval = {.ks = {10}, .bootstrap = 100}};

}  // namespace

TEST("a table for programs holds one number a cell") {
  const Report report = judge(wheel(), leave_one_out, {oracle()}, kQuick, kRun);
  const Table table = report.data_table({"hr@10"});
  ASSERT_EQ(table.columns.size(), 10u);
  EXPECT_EQ(table.columns[5].name, "hr@10 low");
  EXPECT_DOUBLE_EQ(table.rows[2][4].as_number(), 1.0);
  EXPECT_EQ(table.csv().find("\u00b1"), std::string::npos);
}
// Naming the item looked at last "foretold" each purchase of it, and tune advised settings for that.
TEST("in a shop where a view comes before the purchase, naming the last item again foretells nothing") {
  std::vector<std::vector<data::HistoryRow>> rows;
  for (unsigned u = 0; u < 30; ++u) {
    rows.emplace_back();
    for (unsigned k = 0; k < 10; ++k)
      rows.back().push_back({.touch = {ItemId{(u + k / 2) % 12}, k % 2 == 0 ? 0.2f : 1.0f, 86400000 * static_cast<std::int64_t>(k + 1)}, .hides = k % 2 == 1});
  }
  const data::Dataset data(catalogue_of(12, 30), std::move(rows));
  const Contender parrot{.name = "parrot", .fit = [](const data::Dataset&, const attune::Run&) {
    return Answerer{.scores = [](const data::Case& asked, std::span<float> out) {
      std::fill(out.begin(), out.end(), 0.0f);
      out[to_index(asked.input.back().item)] = 1;
    }};
  }};
  ProtocolOptions options{.eval = {.ks = {1}, .bootstrap = 0}, .trivial_rows = false};
  const Report report = judge(data, leave_one_out, {parrot, oracle()}, options, kRun);
  EXPECT_DOUBLE_EQ(report.rows[0].evaluation.at("hr@1"), 0.0);
  EXPECT_DOUBLE_EQ(report.rows[1].evaluation.at("hr@1"), 1.0);
  EXPECT_EQ(report.split, "leave_one_out test, 30 last events passed over");
  EXPECT_NE(report.table().text().find("Asked is about the last item that a user took and had not seen before"), std::string::npos);

  options.split.mask_seen = false;
  const Report last = judge(data, leave_one_out, {parrot}, options, kRun);
  EXPECT_DOUBLE_EQ(last.rows[0].evaluation.at("hr@1"), 1.0);
  EXPECT_NE(last.table().text().find("30 of 30 targets are items that the user had looked at or had before"), std::string::npos);
}

TEST("popularity and recent popularity stand in every report") {
  const Report report = judge(wheel(), leave_one_out, {oracle()}, kQuick, kRun);
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].model, "popularity");
  EXPECT_EQ(report.rows[1].model, "recent popularity");
  EXPECT_TRUE(report.rows[0].is_trivial);
  EXPECT_DOUBLE_EQ(report.rows[2].evaluation.at("hr@10"), 1.0);
  EXPECT_GT(report.rows[2].evaluation.at("ndcg@10"), report.rows[0].evaluation.at("ndcg@10"));
}

TEST("the best model is compared with each other one and the p-values are corrected together") {
  const Report report = judge(wheel(), leave_one_out, {oracle()}, kQuick, kRun);
  ASSERT_EQ(report.comparisons.size(), 2u);
  for (const Comparison& one : report.comparisons) {
    EXPECT_EQ(one.second, "next item");
    EXPECT_GT(one.difference, 0);
    EXPECT_GE(one.p_holm, one.p_t);
  }
}

TEST("where times tie, a control with shuffled order shows what the order was worth") {
  const Report report = judge(wheel(0), leave_one_out, {oracle()}, kQuick, kRun);
  EXPECT_DOUBLE_EQ(report.tied_share, 1.0);
  ASSERT_EQ(report.rows.size(), 6u);
  EXPECT_EQ(report.rows[5].model, "next item");
  EXPECT_EQ(report.rows[5].control, "shuffled");
  EXPECT_DOUBLE_EQ(report.rows[2].evaluation.at("mrr_full"), 1.0);
  EXPECT_LT(report.rows[5].evaluation.at("mrr_full"), 0.6);  // the order inside a day was all it knew
  EXPECT_NE(report.table().text().find("100.0 % of the targets have the same time"), std::string::npos);
}

TEST("without ties there is no control to run") {
  const Report report = judge(wheel(), leave_one_out, {oracle()}, kQuick, kRun);
  EXPECT_EQ(report.tied_share, 0);
  for (const Row& row : report.rows) EXPECT_EQ(row.control, "");
}

TEST("the hash of a split tells two tests apart and not two runs") {
  const std::string one = judge(wheel(), leave_one_out, {oracle()}, kQuick, kRun).split_hash;
  EXPECT_EQ(one.size(), 32u);
  EXPECT_EQ(judge(wheel(), leave_one_out, {oracle()}, kQuick, attune::Run{.seed = 99}).split_hash, one);
  ProtocolOptions validation = kQuick;
  validation.split.part = data::Part::validation;
  EXPECT_NE(judge(wheel(), leave_one_out, {oracle()}, validation, kRun).split_hash, one);
}

TEST("a contender that fails is named") {
  const Contender broken{.name = "broken", .fit = [](const data::Dataset&, const attune::Run&) -> Answerer { throw Error(Code::bad_data, "nothing to learn from"); }};
  try {
    judge(wheel(), leave_one_out, {broken}, kQuick, kRun);
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "broken: nothing to learn from");
  }
  ProtocolOptions alone = kQuick;
  alone.trivial_rows = false;
  EXPECT_THROW(judge(wheel(), leave_one_out, {}, alone, kRun), Error);
}

TEST("the tables fit a terminal of 100 columns and name every model") {
  const Report report = judge(wheel(0), leave_one_out, {oracle()}, kQuick, kRun);
  for (const Table& table : {report.table(), report.segment_table(), report.comparison_table()}) {
    const std::string text = table.text(100);
    EXPECT_EQ(text.find("\n\n"), std::string::npos) << text;  // in one piece
    std::size_t begin = text.find('\n') + 1;  // the title and the notes may run on
    for (std::size_t row = 0; row <= table.rows.size(); ++row) {
      const std::size_t end = text.find('\n', begin);
      EXPECT_LE(display_width(std::string_view(text).substr(begin, end - begin)), 100u);
      begin = end + 1;
    }
  }
  for (const char* name : {"popularity", "recent popularity", "next item", "next item (shuffled)"})
    EXPECT_NE(report.table().text().find(name), std::string::npos) << name;
  EXPECT_EQ(report.to_json().at("rows").size(), 6u);
  EXPECT_EQ(report.table({"hr@10"}).columns.size(), 5u);
}

}  // namespace attune::eval
