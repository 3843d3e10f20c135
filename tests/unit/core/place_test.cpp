// Places: what stands above a target, what stands beside it.
#include "attune/core/place.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune {
namespace {

std::vector<Place> places(std::vector<float> scores, const std::vector<ItemId>& seen, const std::vector<ItemId>& targets) {
  return places_of(scores, seen, targets);
}

}  // namespace

TEST("a place counts what is above and what is equal") {
  EXPECT_EQ(places({5, 4, 4, 3, 9}, {}, {ItemId{1}, ItemId{4}}), (std::vector<Place>{{2, 2}, {0, 1}}));
  EXPECT_DOUBLE_EQ((Place{2, 2}.mean()), 3.5);
}

TEST("what was seen is not above anything, and is nowhere itself") {
  EXPECT_EQ(places({5, 4, 3}, {ItemId{0}, ItemId{0}, ItemId{99}}, {ItemId{2}}), (std::vector<Place>{{1, 1}}));
  EXPECT_FALSE(places({5, 4, 3}, {ItemId{0}}, {ItemId{0}})[0].is_found());
}

TEST("a score that is not finite is refused wherever it stands") {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    for (std::size_t at = 0; at < 40; ++at) {
      std::vector<float> scores(40, 1.0f);
      scores[at] = bad;
      EXPECT_THROW(places_of(scores, {}, std::vector<ItemId>{ItemId{3}}), Error);
    }
}

TEST("expected places are the mean over all orders of the equals") {
  // Scores 9 5 5 5 5 1; targets are two of the four fives and the nine. Try every order of the fives.
  const auto expected = expected_places(places({9, 5, 5, 5, 5, 1}, {}, {ItemId{1}, ItemId{0}, ItemId{3}}));
  std::vector<int> order = {1, 2, 3, 4};
  double first = 0, second = 0, orders = 0;
  do {
    std::vector<double> at;
    for (std::size_t r = 0; r < 4; ++r)
      if (order[r] == 1 || order[r] == 3) at.push_back(2.0 + static_cast<double>(r));
    first += at[0];
    second += at[1];
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  ASSERT_EQ(expected.size(), 3u);
  EXPECT_DOUBLE_EQ(expected[0], 1);
  EXPECT_DOUBLE_EQ(expected[1], first / orders);
  EXPECT_DOUBLE_EQ(expected[2], second / orders);
}

TEST("without ties places are those of sorting") {
  Random random(8);
  std::vector<float> scores(500);
  for (float& s : scores) s = static_cast<float>(random.normal());
  std::vector<std::size_t> order(500);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t r = 0; r < order.size(); r += 37)
    EXPECT_DOUBLE_EQ(places(scores, {}, {item_at(order[r])})[0].mean(), static_cast<double>(r + 1));
}

}  // namespace attune
