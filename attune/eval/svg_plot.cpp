// SVG plot: one pass to find the ranges, one to draw. Colours: Okabe and Ito (2008), told apart by the colour-blind too.
#include "attune/eval/svg_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/eval/svg_labels.h"
#include "attune/eval/table.h"

namespace attune::eval {
namespace {

constexpr double kFont = 13, kLine = 18, kCharacter = 7.2;  // size of letters, from line to line, mean width of a letter
constexpr std::size_t kColours = 8;

// Every class begins with "ap-", since a picture may stand inside a page with other styles.
constexpr const char* kStyle =
    "<style>"
    ".ap{--ap-ink:#1a1a1a;--ap-soft:#5c5c5c;--ap-grid:#e2e2e2;--ap-paper:#ffffff;"
    "--ap-0:#0072b2;--ap-1:#d55e00;--ap-2:#007a5a;--ap-3:#a8508c;--ap-4:#9a6a00;--ap-5:#3a7fa8;--ap-6:#555555;--ap-7:#7a5fc0;"
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px}"
    "@media (prefers-color-scheme:dark){.ap{--ap-ink:#ececec;--ap-soft:#b0b0b0;--ap-grid:#3a3a3a;--ap-paper:#16181c;"
    "--ap-0:#56b4e9;--ap-1:#ff9a57;--ap-2:#3fd0a4;--ap-3:#e59ac9;--ap-4:#f0c040;--ap-5:#9bd3f2;--ap-6:#c4c4c4;--ap-7:#b6a2f2}}"
    ".ap-paper{fill:var(--ap-paper)}.ap text{fill:var(--ap-ink)}.ap text.ap-soft{fill:var(--ap-soft)}"
    ".ap-title{font-size:15px;font-weight:600}.ap-grid{stroke:var(--ap-grid);stroke-width:1}.ap-axis{stroke:var(--ap-soft);stroke-width:1}"
    ".ap-line{fill:none;stroke-width:2;stroke-linejoin:round}.ap-bar-error{stroke:var(--ap-ink);stroke-width:1.2}.ap-error{stroke-width:1.4}"
    ".ap-label{font-size:12px}.ap-leader{stroke:var(--ap-soft);stroke-width:.7}"
    "</style>";

std::string number(double v) {
  std::string text = fmt::format("{:.1f}", v);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

double width_of(const std::string& text) { return kCharacter * static_cast<double>(display_width(text)); }

std::string text_at(double x, double y, const std::string& text, const char* anchor, const std::string& css = "", const std::string& more = "") {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\"" + (css.empty() ? "" : " class=\"" + css + "\"") + more + ">" +
         xml_text(text) + "</text>";
}

std::string line_at(double x1, double y1, double x2, double y2, const std::string& css, const std::string& style = "") {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) + "\" class=\"" + css + "\"" +
         (style.empty() ? "" : " style=\"" + style + "\"") + "/>";
}

std::string colour(std::size_t series) { return "var(--ap-" + std::to_string(series % kColours) + ")"; }

// One direction of the picture: which number stands at which place.
struct Axis {
  double low = 0, high = 1;
  bool is_log = false;
  double from = 0, to = 1;            // places in the drawing
  std::vector<double> ticks;
  bool takes(double v) const { return std::isfinite(v) && (!is_log || v > 0); }
  double at(double v) const {
    const double share = is_log ? std::log(v / low) / std::log(high / low) : (v - low) / (high - low);
    return from + share * (to - from);
  }
};

std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks;
  const bool is_wide = high / low >= 1000;
  for (int power = static_cast<int>(std::floor(std::log10(low))) - 1; power <= std::log10(high) + 1; ++power)
    for (const int digit : {1, 2, 5}) {
      const double v = digit * std::pow(10.0, power);
      if (v >= low * 0.999999 && v <= high * 1.000001 && (digit == 1 || !is_wide)) ticks.push_back(v);
    }
  while (ticks.size() > 10) {  // every other one
    std::vector<double> half;
    for (std::size_t i = 0; i < ticks.size(); i += 2) half.push_back(ticks[i]);
    ticks = std::move(half);
  }
  return ticks;
}

Axis axis_of(std::vector<double> values, bool is_log, bool from_zero, int wanted) {
  Axis axis{.is_log = is_log};
  std::erase_if(values, [&](double v) { return !axis.takes(v); });
  if (!values.empty()) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    axis.low = *least;
    axis.high = *most;
  }
  if (is_log) {
    if (values.empty()) axis.low = 1, axis.high = 10;
    const double room = std::max(std::pow(axis.high / axis.low, 0.05), 1.05);
    axis.low /= room;
    axis.high *= room;
    axis.ticks = log_ticks(axis.low, axis.high);
    if (axis.ticks.size() < 2) {   // less than a decade: evenly spaced round numbers serve
      axis.ticks = round_ticks(axis.low, axis.high, 5);
      std::erase_if(axis.ticks, [&](double v) { return v < axis.low || v > axis.high; });
    }
    return axis;
  }
  if (from_zero) axis.low = std::min(axis.low, 0.0), axis.high = std::max(axis.high, 0.0);
  if (axis.high - axis.low <= 1e-12 * std::max(std::abs(axis.high), 1e-300)) {  // one value: some room around it
    const double room = axis.high == 0 ? 1 : 0.1 * std::abs(axis.high);
    axis.low -= from_zero && axis.low == 0 ? 0 : room;
    axis.high += room;
  }
  axis.ticks = round_ticks(axis.low, axis.high, wanted);
  axis.low = axis.ticks.front();
  axis.high = axis.ticks.back();
  return axis;
}

// Everything a drawing step needs. `x` and `y` are the axes of the numbers as given, whichever way they lie on the page.
struct Drawing {
  const Plot& plot;
  Axis x, y;
  double left = 0, right = 0, top = 0, bottom = 0;
  std::string out = {};
  bool is_lying() const { return plot.is_lying && !plot.categories.empty(); }
  std::pair<double, double> at(double px, double py) const { return is_lying() ? std::pair(y.at(py), x.at(px)) : std::pair(x.at(px), y.at(py)); }
};

void check(const Plot& plot) {
  for (const Series& s : plot.series) {
    const auto fits = [&](std::size_t n) { return n == 0 || n == s.x.size(); };
    if (s.x.size() != s.y.size() || !fits(s.low.size()) || !fits(s.high.size()) || s.low.size() != s.high.size() || !fits(s.labels.size()))
      throw Error(Code::bad_request, "plot '" + plot.title + "': series '" + s.name + "' has " + std::to_string(s.x.size()) + " x, " +
                                         std::to_string(s.y.size()) + " y, " + std::to_string(s.low.size()) + " low, " +
                                         std::to_string(s.high.size()) + " high and " + std::to_string(s.labels.size()) + " labels");
    for (const double v : s.x)
      if (!plot.categories.empty() && !(v >= 0 && v < static_cast<double>(plot.categories.size())))
        throw Error(Code::bad_request, "plot '" + plot.title + "': series '" + s.name + "' names category " + number_text(v) + " of " +
                                           std::to_string(plot.categories.size()));
  }
}

bool has_bars(const Plot& plot) {
  return std::any_of(plot.series.begin(), plot.series.end(), [](const Series& s) { return s.draw == Series::Draw::bars; });
}

Drawing measured(const Plot& plot) {
  std::vector<double> xs, ys;
  for (const Series& s : plot.series) {
    xs.insert(xs.end(), s.x.begin(), s.x.end());
    for (const std::vector<double>* part : {&s.y, &s.low, &s.high}) ys.insert(ys.end(), part->begin(), part->end());
  }
  Drawing d{.plot = plot, .x = axis_of(std::move(xs), plot.log_x && plot.categories.empty(), false, 7),
            .y = axis_of(std::move(ys), plot.log_y, !plot.log_y && (plot.from_zero || has_bars(plot)), 6)};
  if (!plot.categories.empty()) {
    d.x = Axis{.low = -0.5, .high = static_cast<double>(plot.categories.size()) - 0.5};
    for (std::size_t c = 0; c < plot.categories.size(); ++c) d.x.ticks.push_back(static_cast<double>(c));
  }
  return d;
}

// No more places than some tick needs: 0.8, not 0.8000.
std::string tick_text(const Drawing& d, const Axis& axis, double v) {
  if (&axis == &d.x && !d.plot.categories.empty()) return d.plot.categories[static_cast<std::size_t>(v)];
  std::size_t places = 0;
  for (const double tick : axis.ticks) {
    std::string text = number_text(axis.is_log ? v : tick, 4);
    if (text.find('.') == std::string::npos || text.find('e') != std::string::npos) continue;
    text.erase(text.find_last_not_of('0') + 1);
    places = std::max(places, text.size() - text.find('.') - 1);
  }
  const std::string text = number_text(v, 4);
  return text.find('e') != std::string::npos ? text : fmt::format("{:.{}f}", v, places);
}

double widest_tick(const Drawing& d, const Axis& axis) {
  double widest = 0;
  for (const double v : axis.ticks) widest = std::max(widest, width_of(tick_text(d, axis, v)));
  return widest;
}

// A sample of the series and its name, from left to right, as many lines as it takes. Gives the height used.
double draw_legend(Drawing& d) {
  if (d.plot.series.size() < 2) return 0;
  double x = 16, y = d.top;
  for (std::size_t s = 0; s < d.plot.series.size(); ++s) {
    const double wide = 30 + width_of(d.plot.series[s].name);
    if (x > 16 && x + wide > d.plot.width - 10) x = 16, y += kLine;
    if (d.plot.series[s].draw == Series::Draw::line)
      d.out += line_at(x, y - 4, x + 18, y - 4, "ap-line", "stroke:" + colour(s) + (d.plot.series[s].is_dashed ? ";stroke-dasharray:6 4" : ""));
    else
      d.out += "<rect x=\"" + number(x + 4) + "\" y=\"" + number(y - 9) + "\" width=\"10\" height=\"10\" style=\"fill:" + colour(s) + "\"/>";
    d.out += text_at(x + 24, y, d.plot.series[s].name, "start");
    x += wide + 14;
  }
  return y - d.top + kLine;
}

void draw_frame(Drawing& d) {
  const Plot& plot = d.plot;
  d.out += "<rect class=\"ap-paper\" width=\"" + std::to_string(plot.width) + "\" height=\"" + std::to_string(plot.height) + "\" rx=\"6\"/>";
  if (!plot.title.empty()) d.out += text_at(16, 24, plot.title, "start", "ap-title");
  d.top = plot.title.empty() ? 20 : 46;
  d.top += draw_legend(d);
  const Axis &down = d.is_lying() ? d.x : d.y, &across = d.is_lying() ? d.y : d.x;
  const std::string &down_label = d.is_lying() ? plot.x_label : plot.y_label, &across_label = d.is_lying() ? plot.y_label : plot.x_label;
  d.left = std::min(22 + widest_tick(d, down) + (down_label.empty() ? 0 : kLine), plot.width * 0.5);
  d.right = plot.width - 22;
  d.bottom = plot.height - 30 - (across_label.empty() ? 0 : kLine);
  Axis &x = d.is_lying() ? d.y : d.x, &y = d.is_lying() ? d.x : d.y;
  x.from = d.left, x.to = d.right;
  y.from = d.is_lying() ? d.top : d.bottom, y.to = d.is_lying() ? d.bottom : d.top;

  const bool categories_across = !plot.categories.empty() && !d.is_lying();
  const double room = (d.right - d.left) / std::max<double>(1, static_cast<double>(x.ticks.size()));
  const std::size_t every = categories_across ? 1 : std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil((widest_tick(d, across) + 8) / room)));
  const bool is_tight = categories_across && widest_tick(d, across) + 6 > room;   // names lean, so that neighbours stay apart
  if (is_tight) {
    const double lean = std::min(widest_tick(d, across) * 0.5, plot.height * 0.3);
    d.bottom -= lean;
    y.from = d.bottom;
  }
  for (const double v : y.ticks) {
    const double at = y.at(v);
    if (plot.categories.empty() || !d.is_lying()) d.out += line_at(d.left, at, d.right, at, "ap-grid");
    d.out += text_at(d.left - 8, at + 4, tick_text(d, y, v), "end", "ap-soft");
  }
  for (std::size_t t = 0; t < x.ticks.size(); t += every) {
    const double at = x.at(x.ticks[t]);
    if (!categories_across) d.out += line_at(at, d.top, at, d.bottom, "ap-grid");
    const std::string turn = is_tight ? " transform=\"rotate(-30 " + number(at) + " " + number(d.bottom + 16) + ")\"" : "";
    d.out += text_at(at, d.bottom + 17, tick_text(d, x, x.ticks[t]), is_tight ? "end" : "middle", "ap-soft", turn);
  }
  d.out += line_at(d.left, d.bottom, d.right, d.bottom, "ap-axis") + line_at(d.left, d.top, d.left, d.bottom, "ap-axis");
  if (!across_label.empty()) d.out += text_at((d.left + d.right) / 2, plot.height - 10, across_label, "middle");
  if (!down_label.empty()) {
    const double middle = (d.top + d.bottom) / 2;
    d.out += text_at(16, middle, down_label, "middle", "", " transform=\"rotate(-90 16 " + number(middle) + ")\"");
  }
}

bool is_drawn(const Drawing& d, const Series& s, std::size_t i) { return d.x.takes(s.x[i]) && d.y.takes(s.y[i]); }

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

// Circle, square, diamond, triangle by turns.
std::string mark(std::size_t kind, double x, double y, double r, const std::string& style, const std::string& tip) {
  const auto corners = [&](const std::vector<std::pair<double, double>>& points) {
    std::string text;
    for (const auto& [dx, dy] : points) text += (text.empty() ? "" : " ") + number(x + dx * r) + "," + number(y + dy * r);
    return "<polygon points=\"" + text + "\" style=\"" + style + "\">" + tip + "</polygon>";
  };
  switch (kind % 4) {
    case 1: return corners({{-.9, -.9}, {.9, -.9}, {.9, .9}, {-.9, .9}});
    case 2: return corners({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
    case 3: return corners({{0, -1.2}, {1.15, .9}, {-1.15, .9}});
    default: return "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" + number(r) + "\" style=\"" + style + "\">" + tip + "</circle>";
  }
}

void draw_line(Drawing& d, const Series& s, std::size_t place) {
  std::string path;
  bool is_open = false;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    const bool is_there = is_drawn(d, s, i);
    if (is_there) {
      const auto [x, y] = d.at(s.x[i], s.y[i]);
      path += (is_open ? "L" : "M") + number(x) + " " + number(y);
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
    if (r > 0) d.out += mark(place, x, y, r, "fill:" + colour(place), tip_of(d, s, i));
  }
}

// Names beside points, when all marks are known. One that stands away from its point gets a thin line to it.
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

// Bars of several series stand side by side within their category (or around their x).
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
    d.out += "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(std::max(wide - (d.is_lying() ? 0 : 1), 0.5)) + "\" height=\"" +
             number(std::max(high - (d.is_lying() ? 1 : 0), 0.5)) + "\" style=\"fill:" + colour(place) + "\">" + tip_of(d, s, i) + "</rect>";
    draw_error(d, s, i, shift, "ap-bar-error", "");
    if (s.labels.empty() || s.labels[i].empty()) continue;
    if (d.is_lying()) d.out += text_at(x + wide + 6, y + high / 2 + 4, s.labels[i], "start", "ap-label");
    else d.out += text_at(x + wide / 2, y - 6, s.labels[i], "middle", "ap-label");
  }
}

std::size_t values_of(const Drawing& d) {
  std::size_t n = 0;
  for (const Series& s : d.plot.series)
    for (std::size_t i = 0; i < s.x.size(); ++i) n += is_drawn(d, s, i) ? 1 : 0;
  return n;
}

// For those who do not see it: what is drawn against what, and from where to where each series goes.
std::string described(const Drawing& d) {
  if (!d.plot.about.empty()) return d.plot.about;
  std::string text = (d.plot.y_label.empty() ? "Values" : d.plot.y_label) + (d.plot.x_label.empty() ? "" : " against " + d.plot.x_label) + ".";
  for (const Series& s : d.plot.series) {
    double least = INFINITY, most = -INFINITY;
    std::size_t n = 0;
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      if (!is_drawn(d, s, i)) continue;
      least = std::min(least, s.y[i]);
      most = std::max(most, s.y[i]);
      ++n;
    }
    text += " " + (s.name.empty() ? std::string("Series") : s.name) + ": " + std::to_string(n) + (n == 1 ? " value" : " values");
    text += n == 0 ? "." : " between " + number_text(least, 4) + " and " + number_text(most, 4) + ".";
  }
  return text;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int wanted) {
  const double span = std::max(high - low, 1e-300), raw = span / std::max(wanted, 1), power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power >= raw * 0.999999) {
      step = digit * power;
      break;
    }
  std::vector<double> ticks;
  const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  for (double n = first; n <= last + 0.5; ++n) ticks.push_back(n == 0 ? 0 : n * step);
  return ticks;
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else if (static_cast<unsigned char>(c) < 0x20) out += ' ';
    else out += c;
  }
  return out;
}

std::string svg(const Plot& plot) {
  check(plot);
  Drawing d = measured(plot);
  draw_frame(d);
  std::size_t bars = 0, nth = 0;
  for (const Series& s : plot.series) bars += s.draw == Series::Draw::bars ? 1 : 0;
  for (std::size_t s = 0; s < plot.series.size(); ++s)
    if (plot.series[s].draw == Series::Draw::bars) draw_bars(d, plot.series[s], s, nth++, bars);
  for (std::size_t s = 0; s < plot.series.size(); ++s)
    if (plot.series[s].draw == Series::Draw::line) draw_line(d, plot.series[s], s);
  for (std::size_t s = 0; s < plot.series.size(); ++s)
    if (plot.series[s].draw != Series::Draw::bars) draw_points(d, plot.series[s], s);
  draw_labels(d);
  if (values_of(d) == 0) d.out += text_at((d.left + d.right) / 2, (d.top + d.bottom) / 2, "nothing to show", "middle", "ap-soft");
  // Ids are of the content, so that several pictures live in one page.
  const std::string about = described(d), id = "ap" + hash_hex(plot.title + about + d.out).substr(0, 10);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ap\" role=\"img\" aria-labelledby=\"" + id + "t " + id + "d\" viewBox=\"0 0 " +
         std::to_string(plot.width) + " " + std::to_string(plot.height) + "\" width=\"" + std::to_string(plot.width) + "\" style=\"max-width:100%;height:auto\"><title id=\"" +
         id + "t\">" + xml_text(plot.title) + "</title><desc id=\"" + id + "d\">" + xml_text(about) + "</desc>" + kStyle + d.out + "</svg>\n";
}

std::string svg_file(const Plot& plot) { return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg(plot); }

}  // namespace attune::eval
