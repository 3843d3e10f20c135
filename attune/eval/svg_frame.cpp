// SVG frame: see the header.
#include "attune/eval/svg_frame.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "attune/eval/svg_shapes.h"
#include "attune/eval/table.h"

namespace attune::eval {
namespace {

bool has_bars(const Plot& plot) {
  return std::any_of(plot.series.begin(), plot.series.end(), [](const Series& s) { return s.draw == Series::Draw::bars; });
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
      d.out += "<rect x=\"" + svg_number(x + 4) + "\" y=\"" + svg_number(y - 9) + "\" width=\"10\" height=\"10\" style=\"fill:" + colour(s) + "\"/>";
    d.out += text_at(x + 24, y, d.plot.series[s].name, "start");
    x += wide + 14;
  }
  return y - d.top + kLine;
}

}  // namespace

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
    const std::string turn = is_tight ? " transform=\"rotate(-30 " + svg_number(at) + " " + svg_number(d.bottom + 16) + ")\"" : "";
    d.out += text_at(at, d.bottom + 17, tick_text(d, x, x.ticks[t]), is_tight ? "end" : "middle", "ap-soft", turn);
  }
  d.out += line_at(d.left, d.bottom, d.right, d.bottom, "ap-axis") + line_at(d.left, d.top, d.left, d.bottom, "ap-axis");
  if (!across_label.empty()) d.out += text_at((d.left + d.right) / 2, plot.height - 10, across_label, "middle");
  if (!down_label.empty()) {
    const double middle = (d.top + d.bottom) / 2;
    d.out += text_at(16, middle, down_label, "middle", "", " transform=\"rotate(-90 16 " + svg_number(middle) + ")\"");
  }
}

}  // namespace attune::eval
