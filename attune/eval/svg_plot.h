// SVG plot: lines, points with error bars and bars as one picture that stands alone: no script, no font, no other file.
// Light or dark as the reader's system is; series differ in colour and also in mark and dash; a title and a description for
// those who do not see it; each mark tells its numbers on hover (a <title> of its own).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace attune::eval {

// One run of values with a name in the legend.
struct Series {
  enum class Draw { line, points, bars };
  std::string name;
  Draw draw = Draw::line;
  std::vector<double> x, y;               // of one length; with Plot::categories x is the place of the category: 0, 1, ...
  std::vector<double> low = {}, high = {};  // ends of the error bars, of the same length; empty = none
  std::vector<std::string> labels = {};   // written beside the points; empty = none
  bool is_dashed = false;                 // of lines
};

struct Plot {
  std::string title;
  std::string about;                      // one or two sentences for those who cannot see it; empty = made from the data
  std::string x_label, y_label;
  bool log_x = false, log_y = false;
  bool from_zero = false;                 // the value axis begins at 0; bars always do
  std::vector<std::string> categories = {};   // names along the first axis instead of numbers
  bool is_lying = false;                  // with categories: they stand below each other, bars lie: for long names
  int width = 720, height = 400;          // of the drawing's own units; it scales with the page
  std::vector<Series> series;
};

// The picture as text that begins with "<svg". Values that are not finite, or not above 0 on a log axis, are left out (a line
// is broken there). No value at all: an empty frame that says so.
// Throws Error: bad_request when the lengths of a series differ or a category's place is out of range.
std::string svg(const Plot& plot);
// The same as a file of its own, with the XML line in front.
std::string svg_file(const Plot& plot);

}  // namespace attune::eval
