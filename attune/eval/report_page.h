// Report page: a report as one HTML page that stands alone (no script, no other file; light or dark as the reader's system is; prints),
// and as files beside it: Markdown, CSV, the pictures as SVG, the figures as JSON. All from the same numbers.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "attune/eval/protocol.h"

namespace attune::eval {

// What the figures do not tell by themselves; the caller knows it.
struct PageFacts {
  std::string title;                                       // "Evaluation of shop"
  std::vector<std::pair<std::string, std::string>> facts = {};   // name and value, shown as given: command, program, machine, date
};

// The page as text that begins with "<!doctype html>". A number carries its full value: <data value="0.0663219...">.
std::string report_page(const Report& report, const PageFacts& facts);
// The same in Markdown, pictures by name.
std::string report_markdown(const Report& report, const PageFacts& facts);

// Writes into `folder`, making it where needed, replacing what an earlier report wrote there:
//   index.html   report.md   report.json   pictures/NAME.svg
//   models.csv (every figure with its interval)   segments.csv   comparisons.csv   calibration.csv   curves.csv   (where measured)
// Throws Error: io; bad_request when index.html there is not ours.
void write_report(const Report& report, const PageFacts& facts, const std::filesystem::path& folder);
// The folder alone, with the same errors: to be sure of it before hours of work.
void make_report_folder(const std::filesystem::path& folder);

}  // namespace attune::eval
