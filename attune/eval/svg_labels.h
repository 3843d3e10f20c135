// SVG labels: names beside points, placed so that they cover neither each other nor the points.
#pragma once
#include <string>
#include <vector>

namespace attune::eval {

struct LabelBox {
  double x = 0, y = 0, width = 0, height = 0;      // its upper left corner
};

// A point with its name and how much room the name takes.
struct Labelled {
  double x = 0, y = 0;
  double width = 0;
};

// The boxes of the labels, in the order given: the nearest free place around each point, else the one that covers least.
//   height    of every label
//   frame     labels stay within
//   avoid     what they should not cover: other marks, error bars
// Cost: O((points + avoid) x points).
std::vector<LabelBox> place_labels(const std::vector<Labelled>& points, double height, const LabelBox& frame, const std::vector<LabelBox>& avoid);

}  // namespace attune::eval
