#include "attune/serve/rate.h"

#include <gtest/gtest.h>

#include "attune/core/error.h"
#include "attune/serve/slowdown.h"

namespace attune::serve {
namespace {

using namespace std::chrono_literals;
const Bucket::Clock::time_point kStart{1000s};

TEST(Rate, reads_what_it_writes) {
  for (const char* text : {"100/s", "6000/min", "50/h", ""}) EXPECT_EQ(to_text(parse_rate(text)), text);
  EXPECT_EQ(parse_rate("6000/min"), (Rate{.count = 6000, .seconds = 60}));
  EXPECT_EQ(parse_rate("none"), Rate{});
}

TEST(Rate, refuses_what_is_none) {
  for (const char* text : {"fast", "0/s", "-1/s", "10", "10/day", "1.5/s", "/s", "2000000/s", "99999999999999/s", "10 /s"}) EXPECT_THROW(parse_rate(text), Error) << text;
}

TEST(Bucket, gives_its_count_at_once_then_one_each_refill) {
  Bucket bucket({.count = 3, .seconds = 1}, kStart);
  for (int left : {2, 1, 0}) {
    const auto taken = bucket.take(kStart);
    EXPECT_TRUE(taken.is_allowed);
    EXPECT_EQ(taken.left, left);
  }
  const auto refused = bucket.take(kStart);
  EXPECT_FALSE(refused.is_allowed);
  EXPECT_EQ(refused.wait_s, 1);
  EXPECT_FALSE(bucket.take(kStart + 330ms).is_allowed);
  EXPECT_TRUE(bucket.take(kStart + 340ms).is_allowed);
  EXPECT_FALSE(bucket.take(kStart + 340ms).is_allowed);
}

TEST(Bucket, says_how_long_to_wait_and_never_holds_more_than_its_count) {
  Bucket bucket({.count = 2, .seconds = 3600}, kStart);
  EXPECT_TRUE(bucket.take(kStart + 100h).is_allowed);
  EXPECT_TRUE(bucket.take(kStart + 100h).is_allowed);
  const auto refused = bucket.take(kStart + 100h);
  EXPECT_FALSE(refused.is_allowed);
  EXPECT_EQ(refused.wait_s, 1800);
  EXPECT_EQ(refused.full_s, 3600);
}

TEST(Bucket, a_time_that_comes_late_gives_nothing_twice) {
  Bucket bucket({.count = 1, .seconds = 1}, kStart);
  EXPECT_TRUE(bucket.take(kStart + 2s).is_allowed);
  EXPECT_FALSE(bucket.take(kStart).is_allowed);
  EXPECT_FALSE(bucket.take(kStart + 2s).is_allowed);
  EXPECT_TRUE(bucket.take(kStart + 3s).is_allowed);
}

TEST(Slowdown, five_failures_are_free_then_waits_double_up_to_a_minute) {
  Slowdown slow;
  auto now = kStart;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(slow.wait_s("ana", now), 0);
    slow.failed("ana", now);
  }
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    EXPECT_EQ(slow.wait_s("ana", now), wait);
    EXPECT_EQ(slow.wait_s("ben", now), 0);
    now += std::chrono::seconds(wait);
    EXPECT_EQ(slow.wait_s("ana", now), 0);
    slow.failed("ana", now);
  }
  slow.succeeded("ana");
  EXPECT_EQ(slow.wait_s("ana", now), 0);
}

TEST(Slowdown, made_up_names_do_not_push_out_the_one_under_attack) {
  Slowdown slow;
  for (int i = 0; i < 10; ++i) slow.failed("ana", kStart);
  for (int i = 0; i < 30000; ++i) slow.failed("nobody-" + std::to_string(i), kStart);
  EXPECT_GT(slow.wait_s("ana", kStart), 0);
}

}  // namespace
}  // namespace attune::serve
