// SVG labels: one after the other, each at the place that costs least: what it would cover, then how far it is from its point.
#include "attune/eval/svg_labels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace attune::eval {
namespace {

double covered(const LabelBox& a, const LabelBox& b) {
  const double wide = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double high = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return wide > 0 && high > 0 ? wide * high : 0;
}

// Part of the box outside of the frame.
double outside(const LabelBox& box, const LabelBox& frame) { return box.width * box.height - covered(box, frame); }

double cost_of(const LabelBox& box, const Labelled& point, const LabelBox& frame, const std::vector<LabelBox>& avoid, const std::vector<LabelBox>& placed) {
  double cost = 50 * outside(box, frame);
  for (const LabelBox& other : avoid) cost += covered(box, other);
  for (const LabelBox& other : placed) cost += 8 * covered(box, other);
  const double nearest_x = std::clamp(point.x, box.x, box.x + box.width), nearest_y = std::clamp(point.y, box.y, box.y + box.height);
  return cost + std::hypot(nearest_x - point.x, nearest_y - point.y);
}

}  // namespace

std::vector<LabelBox> place_labels(const std::vector<Labelled>& points, double height, const LabelBox& frame, const std::vector<LabelBox>& avoid) {
  constexpr double kGap = 8;
  // Those farthest up first: the others then find room below.
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return points[a].y < points[b].y; });
  std::vector<LabelBox> boxes(points.size()), placed;
  for (const std::size_t p : order) {
    const Labelled& point = points[p];
    double least = INFINITY;
    for (int ring = 0; ring < 8; ++ring)
      for (const double side : {1.0, -1.0, 0.0})
        for (const double up : {-1.0, 1.0, 0.0}) {
          if (side == 0 && up == 0) continue;
          LabelBox box{.width = point.width, .height = height};
          box.x = side > 0 ? point.x + kGap : side < 0 ? point.x - kGap - point.width : point.x - point.width / 2;
          box.y = point.y - height / 2 + up * ((side == 0 ? height / 2 + kGap : height * 0.4) + ring * height * 0.75);
          if (up == 0 && ring > 0) continue;
          const double cost = cost_of(box, point, frame, avoid, placed);
          if (cost < least) least = cost, boxes[p] = box;
        }
    placed.push_back(boxes[p]);
  }
  return boxes;
}

}  // namespace attune::eval
