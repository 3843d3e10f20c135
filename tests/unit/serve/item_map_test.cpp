// Regions of the map are named by the words that set them apart.
#include "attune/serve/item_map.h"

#include <gtest/gtest.h>

#include "attune/core/random.h"

namespace attune::serve {
namespace {

TEST(Regions, are_named_by_what_their_texts_alone_have) {
  Random random(3);
  std::vector<index::Point> points;
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    const bool is_left = i % 2 == 0;
    points.push_back({static_cast<float>((is_left ? 0.2 : 0.8) + 0.05 * random.normal()), static_cast<float>(0.5 + 0.05 * random.normal())});
    texts.push_back(std::string(is_left ? "red mug for the shop " : "warm lamp for the shop ") + std::to_string(i));
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto regions = regions_of(points, views, 7);
  ASSERT_GE(regions.size(), 2u);
  for (const Region& region : regions) {
    EXPECT_TRUE(region.label == (region.middle.x < 0.5 ? "mug" : "lamp") || region.label == (region.middle.x < 0.5 ? "red" : "warm")) << region.label;
    EXPECT_NE(region.label, "shop");
  }
}

TEST(Regions, of_texts_without_words_or_of_few_points_are_none) {
  EXPECT_TRUE(regions_of({}, {}, 1).empty());
  EXPECT_TRUE(regions_of({{0, 0}, {1, 1}}, {"a mug", "a lamp"}, 1).empty());
  const std::vector<index::Point> points(50, {0.5f, 0.5f});
  EXPECT_TRUE(regions_of(points, std::vector<std::string_view>(50, ""), 1).empty());
  EXPECT_TRUE(regions_of(points, std::vector<std::string_view>(50, "the same text"), 1).empty());   // sets nothing apart
}

}  // namespace
}  // namespace attune::serve
