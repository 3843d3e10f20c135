// SVG marks: the values of a plot: lines, points with error bars and names, bars. Each tells its numbers on hover.
#pragma once
#include <cstddef>

#include "attune/eval/svg_frame.h"

namespace attune::eval {

// Has value i of the series a place on both axes.
bool is_drawn(const Drawing& d, const Series& s, std::size_t i);

//   place   of the series in the plot: its colour and mark
void draw_line(Drawing& d, const Series& s, std::size_t place);
void draw_points(Drawing& d, const Series& s, std::size_t place);
// Bars of several series stand side by side within their category (or around their x): this is the nth of `count`.
void draw_bars(Drawing& d, const Series& s, std::size_t place, std::size_t nth, std::size_t count);
// Names beside points, when all marks are known. One that stands away from its point gets a thin line to it.
void draw_labels(Drawing& d);

}  // namespace attune::eval
