// SVG axis: see the header.
#include "attune/eval/svg_axis.h"

#include <algorithm>
#include <utility>

namespace attune::eval {
namespace {

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

}  // namespace

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

}  // namespace attune::eval
