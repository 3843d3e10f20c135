// Report page: it stands alone, its numbers are those of the JSON, names cannot break it, and its files can be read by programs.
#include "attune/eval/report_page.h"

#include <algorithm>
#include <sstream>

#include "attune/core/bytes.h"
#include "attune/core/random.h"
#include "attune/eval/report_plots.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

// A hundred and twenty users take items round and round a wheel of 15; some jump.
data::Dataset wheel() {
  std::vector<std::vector<unsigned>> taken;
  for (unsigned u = 0; u < 120; ++u) {
    taken.emplace_back();
    for (unsigned k = 0; k < 4 + u % 4; ++k) taken.back().push_back((u + k + (u % 5 == 0 && k > 2 ? 3 : 0)) % 15);
  }
  return dataset_of(15, taken);
}

// Knows the wheel; learns in three steps and says so.
Contender learner(const std::string& name) {
  return {.name = name, .fit = [name](const data::Dataset&, const attune::Run& run) {
    for (std::size_t epoch = 1; epoch <= 3; ++epoch) {
      run.record(name + "/loss", epoch, 1.0 / static_cast<double>(epoch));
      run.record(name + "/ndcg@10", epoch, 0.1 * static_cast<double>(epoch));
    }
    return Answerer{.scores = [](const data::Case& asked, std::span<float> out) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i) * 0.01f;
      out[(to_index(asked.input.back().item) + 1) % out.size()] = 1;
    }, .settings = Json::parse(R"({"reach":1})")};
  }};
}

Report judged(const std::string& name = "next item") {
  const SplitFn split = [](const data::Dataset& data, const data::SplitOptions& options, const attune::Run& run) {
    return data::split_leave_one_out(data, Json(), options, run);
  };
  return judge(wheel(), split, {learner(name)}, {.eval = {.ks = {5, 10}, .bootstrap = 50}, .calibration_users = 1000}, attune::Run{.seed = 3});
}

const PageFacts kFacts{.title = "Evaluation of a wheel", .facts = {{"command", "attune evaluate"}}};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST("the page stands alone: nothing is fetched and nothing runs") {
  const std::string page = report_page(judged(), kFacts);
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  for (const char* word : {"<script", "<link", "<img", "<iframe", "@import", "url(", " src=", "javascript:", "onload="}) EXPECT_FALSE(has(page, word)) << word;
  // The only address in it is the name of SVG, which no one fetches.
  for (std::size_t at = page.find("http"); at != std::string::npos; at = page.find("http", at + 1))
    EXPECT_EQ(page.substr(at, 26), "http://www.w3.org/2000/svg");
}

TEST("every figure of the table carries the number of the JSON in full") {
  const Report report = judged();
  const std::string page = report_page(report, kFacts);
  for (const Row& row : report.rows)
    for (const Figure& figure : row.evaluation.figures) {
      if (!figure.has_interval) continue;
      for (const double v : {figure.mean, figure.low, figure.high})
        EXPECT_TRUE(has(page, "<data value=\"" + Json(v).dump() + "\">")) << row.model << " " << figure.name;
    }
}

TEST("it shows cost, segments, calibration, learning, differences and settings") {
  const Report report = judged();
  ASSERT_EQ(report.rows[2].curves.size(), 2u);
  ASSERT_TRUE(report.rows[2].calibration.is_measured());
  const std::string page = report_page(report, kFacts);
  for (const char* id : {"accuracy", "comparison", "time", "segments", "calibration", "learning", "settings"}) {
    EXPECT_TRUE(has(page, std::string("<section id=\"") + id + "\">")) << id;
    EXPECT_TRUE(has(page, std::string("href=\"#") + id + "\"")) << id;
  }
  EXPECT_TRUE(has(page, "<code>reach=1</code>"));
  std::vector<std::string> names;
  for (const Picture& picture : pictures(report, "ndcg@10")) names.push_back(picture.name);
  EXPECT_NE(std::find(names.begin(), names.end(), "learning_ndcg@10"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "learning_next item_loss"), names.end());
}

TEST("parts that were not measured are left out, with their links") {
  Report report = judged();
  for (Row& row : report.rows) row.curves.clear(), row.calibration = {}, row.evaluation.segments.clear();
  report.comparisons.clear();
  const std::string page = report_page(report, kFacts);
  for (const char* id : {"comparison", "segments", "calibration", "learning"}) EXPECT_FALSE(has(page, std::string("#") + id + "\"")) << id;
  EXPECT_TRUE(has(page, "<section id=\"accuracy\">"));
}

TEST("a name that looks like HTML is shown and not obeyed") {
  const std::string page = report_page(judged("<b onclick='x'>&"), kFacts);
  EXPECT_FALSE(has(page, "<b onclick"));
  EXPECT_TRUE(has(page, "&lt;b onclick"));
}

TEST("the files hold the same figures, low and high in columns of their own") {
  const testing::Folder folder;
  const Report report = judged();
  write_report(report, kFacts, folder.path / "deep/report");
  const auto file = [&](const char* name) { return read_file(folder.path / "deep/report" / name); };
  EXPECT_EQ(file("index.html"), report_page(report, kFacts));
  EXPECT_EQ(Json::parse(file("report.json")).dump(), Json::parse(report.to_json().dump()).dump());
  std::istringstream csv(file("models.csv"));
  std::string header;
  std::getline(csv, header);
  EXPECT_TRUE(has(header, "ndcg@10,ndcg@10 low,ndcg@10 high"));
  EXPECT_TRUE(has(file("models.csv"), Json(report.rows[2].evaluation.at("ndcg@10")).dump()));
  EXPECT_FALSE(has(file("models.csv"), "\u00b1"));
  EXPECT_TRUE(has(file("curves.csv"), "next item,,next item/loss,2,0.5"));
  EXPECT_TRUE(has(file("report.md"), "](pictures/accuracy.svg)"));
  EXPECT_TRUE(file("pictures/accuracy.svg").starts_with("<?xml"));
  write_report(report, kFacts, folder.path / "deep/report");   // again over its own
}

TEST("a page that is not ours is not overwritten") {
  const testing::Folder folder;
  write_file(folder.path / "index.html", "<html>my garden</html>");
  EXPECT_THROW(make_report_folder(folder.path), Error);
  EXPECT_THROW(write_report(judged(), kFacts, folder.path), Error);
  EXPECT_EQ(read_file(folder.path / "index.html"), "<html>my garden</html>");
}

TEST("a fit that begins again begins another curve") {
  Contender twice = learner("twice");
  twice.fit = [one = learner("twice").fit](const data::Dataset& data, const attune::Run& run) {
    one(data, run);
    return one(data, run);
  };
  const SplitFn split = [](const data::Dataset& data, const data::SplitOptions& options, const attune::Run& run) {
    return data::split_leave_one_out(data, Json(), options, run);
  };
  const Report report = judge(wheel(), split, {twice}, {.eval = {.ks = {10}, .bootstrap = 0}, .trivial_rows = false}, attune::Run{.seed = 3});
  ASSERT_EQ(report.rows[0].curves.size(), 4u);
  for (const Curve& curve : report.rows[0].curves) EXPECT_EQ(curve.steps, (std::vector<std::size_t>{1, 2, 3}));
}

}  // namespace attune::eval
