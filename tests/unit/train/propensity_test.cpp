#include "attune/train/propensity.h"

#include <gtest/gtest.h>

namespace attune::train {
namespace {

const std::vector<std::uint32_t> counts = {100, 25, 1, 0};

TEST(Propensity, is_the_share_of_the_most_popular_to_a_power) {
  const auto p = propensities(counts, {.power = 0.5f, .clip = 0.2f});
  EXPECT_FLOAT_EQ(p[0], 1);
  EXPECT_FLOAT_EQ(p[1], 0.5f);
  EXPECT_FLOAT_EQ(p[2], 0.2f);   // 0.1, clipped
  EXPECT_FLOAT_EQ(p[3], 0.2f);
}

TEST(Propensity, without_a_power_nothing_is_weighed) {
  for (const float w : inverse_propensity_weights(counts, {})) EXPECT_FLOAT_EQ(w, 1);
}

TEST(Propensity, weights_have_mean_one_over_the_pairs_and_favour_rare_items) {
  const auto w = inverse_propensity_weights(counts, {.power = 0.5f, .clip = 0.1f});
  EXPECT_NEAR((100 * w[0] + 25 * w[1] + 1 * w[2]) / 126, 1, 1e-5);
  EXPECT_NEAR(w[1] / w[0], 2, 1e-5);
  EXPECT_NEAR(w[2] / w[0], 10, 1e-4);
}

}  // namespace
}  // namespace attune::train
