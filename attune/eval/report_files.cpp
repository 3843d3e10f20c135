// Report files: the same figures as Markdown, CSV, JSON and pictures, beside the page.
#include <algorithm>
#include <system_error>

#include "attune/core/ascii.h"
#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/eval/report_page.h"
#include "attune/eval/report_plots.h"

namespace attune::eval {
namespace {

constexpr const char* kGenerator = "<meta name=\"generator\" content=\"attune\">";   // by which a page of ours is known

std::string file_of(const Picture& picture) {
  std::string name = picture.name;
  for (char& c : name)
    if (!(is_alnum(c) || c == '_' || c == '-')) c = '_';
  return "pictures/" + name + ".svg";
}

Table calibration_table(const Report& report) {
  Table table{.columns = {{"model", false}, {"chance"}, {"share"}, {"share low"}, {"share high"}, {"items"}, {"hits"}}};
  for (const Row& row : report.rows)
    for (const CalibrationBin& bin : row.calibration.bins)
      if (row.control.empty()) table.rows.push_back({row.model, bin.chance, bin.share, bin.low, bin.high, bin.n, bin.hits});
  return table;
}

Table curve_table(const Report& report) {
  Table table{.columns = {{"model", false}, {"control", false}, {"series", false}, {"step"}, {"value"}}};
  for (const Row& row : report.rows)
    for (const Curve& curve : row.curves)
      for (std::size_t i = 0; i < curve.steps.size(); ++i) table.rows.push_back({row.model, row.control, curve.series, curve.steps[i], curve.values[i]});
  return table;
}

// Writes a table, or takes away what an earlier report left there.
void put_table(const Table& table, const std::filesystem::path& file) {
  if (!table.rows.empty()) write_file(file, table.csv());
  else {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
}

}  // namespace

std::string report_markdown(const Report& report, const PageFacts& facts) {
  const std::string figure = main_figure(report);
  std::string text = "# " + facts.title + "\n\n" + report.table().markdown() + "\n";
  if (!report.comparisons.empty()) text += report.comparison_table().markdown() + "\n";
  const Table segments = report.segment_table(figure);
  if (!segments.rows.empty()) text += segments.markdown() + "\n";
  for (const Picture& picture : pictures(report, figure)) text += "![" + picture.plot.title + "](" + file_of(picture) + ")\n\n" + picture.caption + "\n\n";
  text += "| fact | value |\n|---|---|\n| split hash | " + report.split_hash + " |\n";
  for (const auto& [name, value] : facts.facts) text += "| " + name + " | " + value + " |\n";
  return text;
}

void make_report_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder / "pictures", failed);
  if (failed) throw Error(Code::io, "cannot make the folder '" + (folder / "pictures").string() + "': " + failed.message());
  if (std::filesystem::exists(folder / "index.html") && read_file(folder / "index.html").find(kGenerator) == std::string::npos)
    throw Error(Code::bad_request, "'" + (folder / "index.html").string() + "' is no report of attune and would be overwritten; give another folder");
}

void write_report(const Report& report, const PageFacts& facts, const std::filesystem::path& folder) {
  make_report_folder(folder);
  const std::string figure = main_figure(report);
  for (const Picture& picture : pictures(report, figure)) write_file(folder / file_of(picture), svg_file(picture.plot));
  write_file(folder / "report.json", report.to_json().dump(2) + "\n");
  write_file(folder / "report.md", report_markdown(report, facts));
  write_file(folder / "models.csv", report.data_table().csv());
  put_table(report.segment_table(figure, Cells::numbers), folder / "segments.csv");
  put_table(report.comparison_table(Cells::numbers), folder / "comparisons.csv");
  put_table(calibration_table(report), folder / "calibration.csv");
  put_table(curve_table(report), folder / "curves.csv");
  write_file(folder / "index.html", report_page(report, facts));
}

}  // namespace attune::eval
