#include "attune/model/early_stop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/contracts/world.h"

namespace attune::model {
namespace {

TEST(EarlyStop, keeps_the_best_epoch_and_is_over_after_patience) {
  data::Dataset data = *testing::checkerboard(20).train;
  auto cases = std::make_shared<std::vector<data::Case>>();
  cases->push_back({.user = user_at(0), .input = {}, .seen = {}, .targets = {item_at(5)}});
  data.with_held_out(cases);
  const attune::Run run;
  EarlyStop stop(data, {.model = "m", .patience = 2}, run);
  const auto target_at = [&](float score) {
    return [score](const data::Case&, std::span<float> out) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = -static_cast<float>(i);
      out[5] = score;
    };
  };
  EXPECT_TRUE(stop.judge(1, target_at(-2.5f), run));
  EXPECT_DOUBLE_EQ(stop.best(), 1 / std::log2(5.0));
  EXPECT_TRUE(stop.judge(2, target_at(1), run));
  EXPECT_DOUBLE_EQ(stop.best(), 1);
  EXPECT_FALSE(stop.judge(3, target_at(-1.5f), run));
  EXPECT_FALSE(stop.is_over());
  EXPECT_FALSE(stop.judge(4, target_at(-1.5f), run));
  EXPECT_TRUE(stop.is_over());
  EXPECT_EQ(stop.best_epoch(), 2);
}

TEST(EarlyStop, without_held_out_cases_runs_all_epochs) {
  const data::Dataset data = *testing::checkerboard(20).train;
  EarlyStop stop(data, {.model = "m", .patience = 1}, attune::Run{});
  for (int epoch = 1; epoch <= 5; ++epoch) EXPECT_TRUE(stop.judge(epoch, {}, attune::Run{}));
  EXPECT_FALSE(stop.is_over());
  EXPECT_EQ(stop.best_epoch(), 5);
}

TEST(EarlyStop, a_loss_that_is_no_number_names_the_step) {
  EXPECT_NO_THROW(check_loss("sasrec", 3, 1.5));
  try {
    check_loss("sasrec", 12, std::numeric_limits<double>::quiet_NaN());
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("step 12"), std::string::npos);
  }
}

}  // namespace
}  // namespace attune::model
