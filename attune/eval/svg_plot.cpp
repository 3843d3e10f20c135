// SVG plot: one pass to find the ranges (svg_frame.h), one to draw (svg_marks.h).
#include "attune/eval/svg_plot.h"

#include <algorithm>
#include <cmath>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/eval/svg_marks.h"
#include "attune/eval/svg_shapes.h"
#include "attune/eval/table.h"
#include "attune/eval/xml_text.h"

namespace attune::eval {
namespace {

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
         id + "t\">" + xml_text(plot.title) + "</title><desc id=\"" + id + "d\">" + xml_text(about) + "</desc>" + kSvgStyle + d.out + "</svg>\n";
}

std::string svg_file(const Plot& plot) { return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg(plot); }

}  // namespace attune::eval
