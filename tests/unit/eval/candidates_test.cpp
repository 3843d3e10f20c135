// Candidate lists: how files are read and refused, and that models rank the held-out item among just these items.
#include "attune/eval/candidates.h"

#include <fstream>

#include "attune/core/error.h"
#include "attune/eval/report_page.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

const attune::Run kRun{};

std::string write(const std::filesystem::path& folder, const std::string& text) {
  const std::string path = (folder / "candidates.tsv").string();
  std::ofstream(path) << text;
  return path;
}

std::string message_of(const std::string& path, const data::Catalogue& catalogue) {
  try {
    read_candidates(path, catalogue);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
    return std::string(e.what()).substr(path.size());
  }
  return "no error";
}

// Scores an item by its number.
Contender by_number() {
  return {.name = "by number", .fit = [](const data::Dataset&, const attune::Run&) {
            return Answerer{.scores = [](const data::Case&, std::span<float> out) {
              for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i);
            }};
          }};
}

data::Split last_event(const data::Dataset& data, const data::SplitOptions& options, const attune::Run& run) {
  return data::split_leave_one_out(data, Json(), options, run);
}

}  // namespace

TEST("candidates are read by user with spaces or tabs between them, repeats once") {
  const testing::Folder folder;
  const auto catalogue = catalogue_of(5, 2);
  const CandidateLists lists = read_candidates(write(folder.path, "u1\ti3 i0 i3\n\nu0\ti1\ti2\n"), *catalogue);
  ASSERT_EQ(lists.size(), 2u);
  EXPECT_EQ(lists.at(UserId{1}), ids({3, 0}));
  EXPECT_EQ(lists.at(UserId{0}), ids({1, 2}));
}

TEST("a candidates file with an unknown item or user is refused by file, line and name") {
  const testing::Folder folder;
  const auto catalogue = catalogue_of(5, 2);
  EXPECT_EQ(message_of(write(folder.path, "u0\ti1\nu1\ti1 i9\n"), *catalogue), ":2: candidate 'i9' of user 'u1' is not in the catalogue");
  EXPECT_EQ(message_of(write(folder.path, "u7\ti1\n"), *catalogue), ":1: user 'u7' is unknown");
  EXPECT_EQ(message_of(write(folder.path, "u0\ti1\nu0\ti2\n"), *catalogue), ":2: user 'u0' comes twice");
  EXPECT_EQ(message_of(write(folder.path, "u0 i1\n"), *catalogue), ":1: expected a user, a tab and the candidates");
  EXPECT_EQ(message_of(write(folder.path, ""), *catalogue), " holds no candidates");
}

TEST("a shortlist holds the held-out item once, whether the list had it or not, and the first others of the list") {
  EXPECT_EQ(shortlist(ids({5, 2, 9, 1}), ItemId{2}, 3), ids({2, 5, 9}));
  EXPECT_EQ(shortlist(ids({5, 2, 9, 1}), ItemId{7}, 3), ids({2, 5, 7}));
  EXPECT_EQ(shortlist(ids({5}), ItemId{7}, 20), ids({5, 7}));
}

TEST("the held-out item is ranked among the candidates only, and only users with a list are asked") {
  // Held out: 3 for user 0, 6 for user 1, 7 for user 2.
  const data::Dataset data = dataset_of(10, {{0, 1, 3}, {0, 2, 6}, {1, 2, 7}});
  const CandidateLists lists = {{UserId{0}, ids({9, 8, 1})}, {UserId{1}, ids({5, 6, 4, 9})}};
  ProtocolOptions options{.trivial_rows = false};
  options.eval.ks = {1, 5};
  options.eval.bootstrap = 0;
  const Report report = judge_candidates(data, last_event, lists, 3, {by_number()}, options, kRun);
  EXPECT_EQ(report.users, 2u);
  // User 0: {3, 8, 9}, item 3 is third: 1/log2(4) = .5; user 1: {4, 5, 6}, item 6 is first: 1.
  EXPECT_DOUBLE_EQ(report.rows[0].evaluation.at("ndcg@5"), 0.75);
  EXPECT_DOUBLE_EQ(report.rows[0].evaluation.at("hr@1"), 0.5);
  const std::string said = report.table().text();
  EXPECT_NE(said.find("The 3 candidates of each user are ranked"), std::string::npos) << said;
  EXPECT_EQ(said.find("Every item"), std::string::npos);
  EXPECT_EQ(said.find("bootstrap"), std::string::npos) << "no interval was asked for";
  const std::string page = report_page(report, {.title = "Evaluation of candidates"});
  EXPECT_NE(page.find("The 3 candidates of each user are ranked, no other item."), std::string::npos);
  for (const char* lie : {"Every item is ranked", "No item is left out", "items ranked"}) EXPECT_EQ(page.find(lie), std::string::npos) << lie;
}

TEST("a seen item among the candidates stays and counts") {
  const data::Dataset data = dataset_of(10, {{9, 1, 3}});
  ProtocolOptions options{.trivial_rows = false};
  options.eval.ks = {5};
  options.eval.bootstrap = 0;
  const Report report = judge_candidates(data, last_event, {{UserId{0}, ids({9})}}, 2, {by_number()}, options, kRun);
  EXPECT_NEAR(report.rows[0].evaluation.at("ndcg@5"), 0.63093, 1e-5);   // second, behind item 9
}

TEST("lists for users of whom nothing is held out say which split leaves them without a test") {
  const data::Dataset data = dataset_of(10, {{0, 1, 3}, {0}});
  try {
    judge_candidates(data, last_event, {{UserId{1}, ids({2})}}, 2, {by_number()}, {}, kRun);
    FAIL() << "expected an error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
    EXPECT_NE(std::string(e.what()).find("leave_one_out test"), std::string::npos);
  }
  EXPECT_THROW(judge_candidates(data, last_event, {{UserId{0}, ids({2})}}, 1, {by_number()}, {}, kRun), Error);
}

}  // namespace attune::eval
