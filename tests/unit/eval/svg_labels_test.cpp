// SVG labels: names of points that lie close together stay apart, within the frame, and near their points.
#include "attune/eval/svg_labels.h"

#include <cmath>

#include "tests/support/test.h"

namespace attune::eval {
namespace {

constexpr double kHeight = 15;
const LabelBox kFrame{0, 0, 500, 300};

bool apart(const LabelBox& a, const LabelBox& b) {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
}

LabelBox mark(const Labelled& p) { return {p.x - 6, p.y - 6, 12, 12}; }

}  // namespace

TEST("seven names around points that almost touch cover neither each other nor a point") {
  std::vector<Labelled> points;
  std::vector<LabelBox> marks;
  for (int i = 0; i < 7; ++i) {
    points.push_back({240.0 + 9 * i, 150.0 + 3 * (i % 3), 70});
    marks.push_back(mark(points.back()));
  }
  const auto boxes = place_labels(points, kHeight, kFrame, marks);
  ASSERT_EQ(boxes.size(), 7u);
  for (std::size_t a = 0; a < boxes.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) EXPECT_TRUE(apart(boxes[a], boxes[b])) << a << " " << b;
    for (const LabelBox& one : marks) EXPECT_TRUE(apart(boxes[a], one)) << a;
  }
}

TEST("a name alone stands right beside its point") {
  const auto boxes = place_labels({{100, 100, 40}}, kHeight, kFrame, {mark({100, 100, 40})});
  EXPECT_GE(boxes[0].x, 106);
  EXPECT_LE(boxes[0].x, 110);
  EXPECT_NEAR(boxes[0].y + kHeight / 2, 100, kHeight);
}

TEST("names at the edges stay within the frame") {
  const std::vector<Labelled> points = {{495, 5, 80}, {5, 295, 80}, {495, 295, 80}, {5, 5, 80}};
  for (const LabelBox& box : place_labels(points, kHeight, kFrame, {})) {
    EXPECT_GE(box.x, 0);
    EXPECT_GE(box.y, 0);
    EXPECT_LE(box.x + box.width, 500);
    EXPECT_LE(box.y + box.height, 300);
  }
}

}  // namespace attune::eval
