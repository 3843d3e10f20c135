// Pictures: every value is where it belongs, marked-up names stay text, what cannot be drawn is left out.
#include "attune/eval/svg_plot.h"

#include <cmath>
#include <limits>
#include <regex>

#include "attune/core/error.h"
#include "attune/eval/svg_axis.h"
#include "tests/support/test.h"

namespace attune::eval {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

// The places of the circles.
std::vector<std::pair<double, double>> circles(const std::string& text) {
  std::vector<std::pair<double, double>> found;
  const std::regex circle("<circle cx=\"([^\"]*)\" cy=\"([^\"]*)\"");
  for (std::sregex_iterator at(text.begin(), text.end(), circle), end; at != end; ++at) found.emplace_back(std::stod((*at)[1]), std::stod((*at)[2]));
  return found;
}

// Every element that is opened is closed, in order.
bool is_well_formed(const std::string& text) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z]+)[^>]*?(/?)>");
  for (std::sregex_iterator at(text.begin(), text.end(), tag), end; at != end; ++at) {
    if ((*at)[1].length() > 0) {
      if (open.empty() || open.back() != (*at)[2]) return false;
      open.pop_back();
    } else if ((*at)[3].length() == 0) {
      open.push_back((*at)[2]);
    }
  }
  return open.empty();
}

}  // namespace

TEST("ticks are round numbers around the values") {
  EXPECT_EQ(round_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  const auto ticks = round_ticks(0.0712, 0.0785, 5);
  ASSERT_EQ(ticks.size(), 6u);
  EXPECT_NEAR(ticks.front(), 0.070, 1e-9);
  EXPECT_NEAR(ticks.back(), 0.080, 1e-9);
  EXPECT_EQ(round_ticks(-3, 3, 6), (std::vector<double>{-3, -2, -1, 0, 1, 2, 3}));
}

TEST("points stand where their numbers say: higher is higher, evenly on even axes, by factors on log axes") {
  const Plot even{.title = "t", .series = {{.name = "a", .draw = Series::Draw::points, .x = {0, 1, 2}, .y = {0, 5, 10}}}};
  const auto at = circles(svg(even));
  ASSERT_EQ(at.size(), 3u);
  EXPECT_NEAR(at[1].first - at[0].first, at[2].first - at[1].first, 0.2);
  EXPECT_NEAR(at[0].second - at[1].second, at[1].second - at[2].second, 0.2);
  EXPECT_GT(at[0].second, at[2].second);
  Plot by_factors = even;
  by_factors.log_x = true;
  by_factors.series[0].x = {1, 10, 100};
  const auto by = circles(svg(by_factors));
  ASSERT_EQ(by.size(), 3u);
  EXPECT_NEAR(by[1].first - by[0].first, by[2].first - by[1].first, 0.2);
}

TEST("a picture is well-formed, has a title and a description, and takes names as text") {
  const Plot plot{.title = "Ham & <b>eggs</b>", .x_label = "\"x\"", .y_label = "y",
                  .series = {{.name = "</svg><script>", .x = {1, 2}, .y = {3, 4}, .low = {2, 3}, .high = {4, 5}, .labels = {"<i>", "b\x01"}},
                             {.name = "other", .draw = Series::Draw::points, .x = {1}, .y = {2}}}};
  const std::string text = svg(plot);
  EXPECT_TRUE(is_well_formed(text)) << text;
  EXPECT_EQ(count(text, "<script"), 0u);
  EXPECT_NE(text.find("Ham &amp; &lt;b&gt;eggs"), std::string::npos);
  EXPECT_NE(text.find("role=\"img\""), std::string::npos);
  EXPECT_EQ(count(text, "<desc id="), 1u);
  EXPECT_EQ(text.find('\x01'), std::string::npos);
  EXPECT_NE(text.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST("error bars reach from low to high") {
  const Plot plot{.title = "t", .series = {{.name = "a", .draw = Series::Draw::points, .x = {0, 1}, .y = {5, 5}, .low = {0, 4}, .high = {10, 6}}}};
  const std::string text = svg(plot);
  std::vector<double> lengths;
  const std::regex error("<line x1=\"([^\"]*)\" y1=\"([^\"]*)\" x2=\"([^\"]*)\" y2=\"([^\"]*)\" class=\"ap-error\"");
  for (std::sregex_iterator at(text.begin(), text.end(), error), end; at != end; ++at)
    if ((*at)[1] == (*at)[3]) lengths.push_back(std::abs(std::stod((*at)[2]) - std::stod((*at)[4])));
  ASSERT_EQ(lengths.size(), 2u);
  EXPECT_NEAR(lengths[0], 5 * lengths[1], 0.5);
}

TEST("bars are as long as their values and begin at zero, standing or lying") {
  Plot plot{.title = "t", .categories = {"one", "two", "three"}, .series = {{.name = "a", .draw = Series::Draw::bars, .x = {0, 1, 2}, .y = {1, 2, 4}}}};
  for (const bool is_lying : {false, true}) {
    plot.is_lying = is_lying;
    const std::string text = svg(plot);
    std::vector<double> lengths;
    const std::regex bar("<rect x=\"[^\"]*\" y=\"[^\"]*\" width=\"([^\"]*)\" height=\"([^\"]*)\" style=\"fill:var");
    for (std::sregex_iterator at(text.begin(), text.end(), bar), end; at != end; ++at) lengths.push_back(std::stod((*at)[is_lying ? 1 : 2]));
    ASSERT_EQ(lengths.size(), 3u);
    EXPECT_NEAR(lengths[1], 2 * lengths[0], 0.5);
    EXPECT_NEAR(lengths[2], 4 * lengths[0], 0.5);
  }
}

TEST("a line is broken where a value is missing, and nothing at all says so") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Plot plot{.title = "t", .series = {{.name = "a", .x = {0, 1, 2, 3}, .y = {1, nan, 2, 3}}}};
  const std::string text = svg(plot);
  const std::size_t path = text.find(" d=\"M");
  ASSERT_NE(path, std::string::npos);
  EXPECT_EQ(count(text.substr(path, text.find("/>", path) - path), "M"), 2u);
  EXPECT_EQ(text.find("nan"), std::string::npos);
  EXPECT_NE(svg({.title = "t", .series = {}}).find("nothing to show"), std::string::npos);
  EXPECT_NE(svg({.title = "t", .log_y = true, .series = {{.name = "a", .x = {1}, .y = {0}}}}).find("nothing to show"), std::string::npos);
}

TEST("one value alone is drawn with room around it") {
  for (const double v : {0.0, 5.0, -2.0}) {
    const auto at = circles(svg({.title = "t", .series = {{.name = "a", .draw = Series::Draw::points, .x = {v}, .y = {v}}}}));
    ASSERT_EQ(at.size(), 1u);
    EXPECT_TRUE(std::isfinite(at[0].first) && std::isfinite(at[0].second));
  }
}

TEST("series of unequal lengths and unknown categories are refused") {
  EXPECT_THROW(svg({.title = "t", .series = {{.name = "a", .x = {1, 2}, .y = {1}}}}), Error);
  EXPECT_THROW(svg({.title = "t", .series = {{.name = "a", .x = {1}, .y = {1}, .low = {0}}}}), Error);
  EXPECT_THROW(svg({.title = "t", .categories = {"a"}, .series = {{.name = "a", .x = {1}, .y = {1}}}}), Error);
}

}  // namespace attune::eval
