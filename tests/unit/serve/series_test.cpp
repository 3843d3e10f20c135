// Series: slots, quantiles, what lies beyond the ring.
#include "attune/serve/series.h"

#include <gtest/gtest.h>

namespace attune::serve {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'500;

std::int64_t at(const Json& series, const char* name, std::size_t slot) { return series.at(name).as_array().at(slot).as_integer(); }

TEST(Series, a_second_counts_what_was_answered_in_it_and_the_running_one_is_left_out) {
  Series series;
  series.answered(kNow, 200, 2, true);
  series.answered(kNow + 100, 404, 1, true);
  series.answered(kNow + 200, 503, 1, false);
  series.taken(kNow, 7);
  series.answered(kNow + 1000, 200, 1, false);
  const Json json = series.read(kNow + 1000, 1);
  ASSERT_EQ(json.at("requests").size(), 60u);
  EXPECT_EQ(at(json, "requests", 59), 3);
  EXPECT_EQ(at(json, "refused", 59), 1);
  EXPECT_EQ(at(json, "errors", 59), 1);
  EXPECT_EQ(at(json, "lists", 59), 1);
  EXPECT_EQ(at(json, "events", 59), 7);
  EXPECT_EQ(at(json, "requests", 58), 0);
  EXPECT_TRUE(json.at("p99_ms").as_array().at(58).is_null());
}

TEST(Series, half_and_99_of_100_answers_lie_within_a_step_of_what_is_told) {
  Series series;
  for (int i = 1; i <= 1000; ++i) series.answered(kNow, 200, i * 0.01, true);   // 0.01 .. 10 ms
  const Json json = series.read(kNow + 1000, 1);
  EXPECT_NEAR(json.at("p50_ms").as_array().at(59).as_number(), 5, 5 * 0.25);
  EXPECT_NEAR(json.at("p99_ms").as_array().at(59).as_number(), 9.9, 9.9 * 0.25);
}

TEST(Series, more_than_ten_minutes_are_told_by_the_minute_and_what_is_older_than_the_ring_is_gone) {
  Series series;
  series.answered(kNow, 200, 1, false);
  EXPECT_EQ(series.read(kNow, 11).at("step_s").as_integer(), 60);
  const Json hour = series.read(kNow + 60000, 60);
  EXPECT_EQ(at(hour, "requests", 59), 1);
  EXPECT_EQ(hour.at("requests").size(), 60u);
  const std::int64_t later = kNow + std::int64_t{86400000} * 2;
  series.answered(later, 200, 1, false);
  const Json day = series.read(later + 60000, 1440);
  std::int64_t sum = 0;
  for (const Json& n : day.at("requests").as_array()) sum += n.as_integer();
  EXPECT_EQ(sum, 1);
}

TEST(Series, a_clock_that_goes_back_and_times_that_are_none_do_no_harm) {
  Series series;
  series.answered(kNow, 200, 1, false);
  series.answered(kNow - 5000, 200, -1, false);
  series.answered(kNow, 200, 1e12, false);
  EXPECT_EQ(at(series.read(kNow + 1000, 1), "requests", 59), 3);
}

}  // namespace
}  // namespace attune::serve
