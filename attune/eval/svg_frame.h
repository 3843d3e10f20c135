// SVG frame: what a plot stands in: paper, title, legend, axes with their numbers; and where within it a value has its place.
#pragma once
#include <cstddef>
#include <string>
#include <utility>

#include "attune/eval/svg_axis.h"
#include "attune/eval/svg_plot.h"

namespace attune::eval {

// Everything a drawing step needs. `x` and `y` are the axes of the numbers as given, whichever way they lie on the page.
struct Drawing {
  const Plot& plot;
  Axis x, y;
  double left = 0, right = 0, top = 0, bottom = 0;
  std::string out = {};
  bool is_lying() const { return plot.is_lying && !plot.categories.empty(); }
  std::pair<double, double> at(double px, double py) const { return is_lying() ? std::pair(y.at(py), x.at(px)) : std::pair(x.at(px), y.at(py)); }
};

// The axes fitted to the values of the plot; nothing is drawn.
Drawing measured(const Plot& plot);
// Draws all but the series, and gives axes and edges their places.
void draw_frame(Drawing& d);

}  // namespace attune::eval
