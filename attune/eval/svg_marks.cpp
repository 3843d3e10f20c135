// SVG marks: see the header.
#include "attune/eval/svg_marks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "attune/eval/svg_labels.h"
#include "attune/eval/svg_shapes.h"
#include "attune/eval/table.h"
#include "attune/eval/xml_text.h"

namespace attune::eval {
namespace {

std::string tip_of(const Drawing& d, const Series& s, std::size_t i) {
  std::string text = s.name.empty() ? "" : s.name + ": ";
  text += (d.plot.categories.empty() ? number_text(s.x[i], 4) : d.plot.categories[static_cast<std::size_t>(s.x[i])]) + ", " + number_text(s.y[i], 4);
  if (!s.low.empty()) text += " [" + number_text(s.low[i], 4) + ", " + number_text(s.high[i], 4) + "]";
  return "<title>" + xml_text(text) + "</title>";
}

void draw_error(Drawing& d, const Series& s, std::size_t i, double shift, const std::string& css, const std::string& style) {
  if (s.low.empty() || !d.y.takes(s.low[i]) || !d.y.takes(s.high[i])) return;
  auto [x1, y1] = d.at(s.x[i], s.low[i]);
  auto [x2, y2] = d.at(s.x[i], s.high[i]);
  constexpr double kCap = 4;
  if (d.is_lying()) {
    y1 += shift, y2 += shift;
    d.out += line_at(x1, y1, x2, y2, css, style) + line_at(x1, y1 - kCap, x1, y1 + kCap, css, style) + line_at(x2, y2 - kCap, x2, y2 + kCap, css, style);
  } else {
    x1 += shift, x2 += shift;
    d.out += line_at(x1, y1, x2, y2, css, style) + line_at(x1 - kCap, y1, x1 + kCap, y1, css, style) + line_at(x2 - kCap, y2, x2 + kCap, y2, css, style);
  }
}

}  // namespace

bool is_drawn(const Drawing& d, const Series& s, std::size_t i) { return d.x.takes(s.x[i]) && d.y.takes(s.y[i]); }

void draw_line(Drawing& d, const Series& s, std::size_t place) {
  std::string path;
  bool is_open = false;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    const bool is_there = is_drawn(d, s, i);
    if (is_there) {
      const auto [x, y] = d.at(s.x[i], s.y[i]);
      path += (is_open ? "L" : "M") + svg_number(x) + " " + svg_number(y);
    }
    is_open = is_there;
  }
  if (path.empty()) return;
  d.out += "<path class=\"ap-line\" style=\"stroke:" + colour(place) + (s.is_dashed ? ";stroke-dasharray:6 4" : "") + "\" d=\"" + path + "\"/>";
}

void draw_points(Drawing& d, const Series& s, std::size_t place) {
  const double r = s.draw == Series::Draw::line ? (s.x.size() > 60 ? 0 : 3) : 5;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    if (!is_drawn(d, s, i)) continue;
    draw_error(d, s, i, 0, "ap-error", "stroke:" + colour(place));
    const auto [x, y] = d.at(s.x[i], s.y[i]);
    if (r > 0) d.out += mark_at(place, x, y, r, "fill:" + colour(place), tip_of(d, s, i));
  }
}

void draw_labels(Drawing& d) {
  constexpr double kHeight = 15, kMark = 6;
  std::vector<Labelled> points;
  std::vector<std::string> names;
  std::vector<LabelBox> marks;
  for (const Series& s : d.plot.series)
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      if (s.draw == Series::Draw::bars || !is_drawn(d, s, i)) continue;
      const auto [x, y] = d.at(s.x[i], s.y[i]);
      marks.push_back({x - kMark, y - kMark, 2 * kMark, 2 * kMark});
      if (!s.low.empty() && d.y.takes(s.low[i]) && d.y.takes(s.high[i])) {
        const auto [x1, y1] = d.at(s.x[i], s.low[i]);
        const auto [x2, y2] = d.at(s.x[i], s.high[i]);
        marks.push_back({std::min(x1, x2) - 2, std::min(y1, y2) - 2, std::abs(x2 - x1) + 4, std::abs(y2 - y1) + 4});
      }
      if (s.labels.empty() || s.labels[i].empty()) continue;
      points.push_back({x, y, width_of(s.labels[i])});
      names.push_back(s.labels[i]);
    }
  const auto boxes = place_labels(points, kHeight, {d.left, d.top - kLine, d.plot.width - d.left - 4.0, d.bottom - d.top + kLine}, marks);
  for (std::size_t p = 0; p < points.size(); ++p) {
    const LabelBox& box = boxes[p];
    const double x = std::clamp(points[p].x, box.x, box.x + box.width), y = std::clamp(points[p].y, box.y + 2, box.y + box.height - 2);
    if (std::hypot(x - points[p].x, y - points[p].y) > 16) d.out += line_at(points[p].x, points[p].y, x, y, "ap-leader");
    d.out += text_at(box.x + box.width / 2, box.y + kHeight - 4, names[p], "middle", "ap-label");
  }
}

void draw_bars(Drawing& d, const Series& s, std::size_t place, std::size_t nth, std::size_t count) {
  const double extent = d.is_lying() ? d.bottom - d.top : d.right - d.left;
  const double slots = d.plot.categories.empty() ? std::max<double>(2, static_cast<double>(s.x.size()) + 1) : static_cast<double>(d.plot.categories.size());
  const double thick = std::min(0.78 * extent / slots / static_cast<double>(count), 64.0);
  const double shift = (static_cast<double>(nth) - (static_cast<double>(count) - 1) / 2) * thick;
  const double floor = d.y.is_log ? d.y.low : 0;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    if (!is_drawn(d, s, i)) continue;
    const auto [x1, y1] = d.at(s.x[i], floor);
    const auto [x2, y2] = d.at(s.x[i], s.y[i]);
    const double x = d.is_lying() ? std::min(x1, x2) : x1 + shift - thick / 2, y = d.is_lying() ? y1 + shift - thick / 2 : std::min(y1, y2);
    const double wide = d.is_lying() ? std::abs(x2 - x1) : thick, high = d.is_lying() ? thick : std::abs(y2 - y1);
    d.out += "<rect x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" width=\"" + svg_number(std::max(wide - (d.is_lying() ? 0 : 1), 0.5)) + "\" height=\"" +
             svg_number(std::max(high - (d.is_lying() ? 1 : 0), 0.5)) + "\" style=\"fill:" + colour(place) + "\">" + tip_of(d, s, i) + "</rect>";
    draw_error(d, s, i, shift, "ap-bar-error", "");
    if (s.labels.empty() || s.labels[i].empty()) continue;
    if (d.is_lying()) d.out += text_at(x + wide + 6, y + high / 2 + 4, s.labels[i], "start", "ap-label");
    else d.out += text_at(x + wide / 2, y - 6, s.labels[i], "middle", "ap-label");
  }
}

}  // namespace attune::eval
