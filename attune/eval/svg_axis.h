// SVG axis: one direction of a plot: which number stands at which place, and which round numbers are written beside it.
#pragma once
#include <cmath>
#include <vector>

namespace attune::eval {

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

// An axis for these values, those it does not take left out; `wanted` ticks or so. Without any value: from 0 to 1, on a log axis from 1 to 10.
Axis axis_of(std::vector<double> values, bool is_log, bool from_zero, int wanted);

// Round numbers, 1, 2 or 5 times a power of ten apart, that cover low..high, some `wanted` of them.
std::vector<double> round_ticks(double low, double high, int wanted);

}  // namespace attune::eval
