// Rating error: by hand, and no such figures for models that foretell none.
#include "attune/eval/rating_error.h"

#include <cmath>

#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

const Run kRun{.seed = 3};

// Users rate item i with i + 1 stars; user 0 is asked of items 2 and 3, user 1 of item 0.
data::Dataset rated() {
  std::vector<std::vector<data::HistoryRow>> rows(2);
  for (const unsigned i : {0u, 2u, 3u}) rows[0].push_back({.touch = {.item = ItemId{i}, .weight = static_cast<float>(i + 1), .time_ms = i}});
  for (const unsigned i : {0u, 1u}) rows[1].push_back({.touch = {.item = ItemId{i}, .weight = static_cast<float>(i + 1), .time_ms = i}});
  return data::Dataset(catalogue_of(4, 2), std::move(rows));
}

Answerer always(float stars) {
  return {.scores = [](const data::Case&, std::span<float> out) { std::fill(out.begin(), out.end(), 0.0f); },
          .ratings = [stars](const data::Case&, std::span<const ItemId>, std::span<float> out) { std::fill(out.begin(), out.end(), stars); }};
}

}  // namespace

TEST("errors are over all events: the root of the mean square, and the mean distance") {
  const data::Dataset whole = rated();
  const auto split = split_of(4, {{{0}, {0}, {2, 3}}, {{1}, {1}, {0}}});
  const auto evaluation = evaluate(split, always(3), {.ks = {1}, .bootstrap = 0, .rated = &whole}, kRun);
  EXPECT_NEAR(evaluation.at("rmse"), std::sqrt((0 + 1 + 4) / 3.0), 1e-9);   // 3, 4 and 1 stars
  EXPECT_NEAR(evaluation.at("mae"), 1.0, 1e-9);
  // The training events all weigh 1: the plain guess is 1 star.
  EXPECT_NEAR(evaluation.at("plain_rmse"), std::sqrt((4 + 9 + 0) / 3.0), 1e-6);
  EXPECT_NEAR(evaluation.at("plain_mae"), 5 / 3.0, 1e-6);
}

TEST("a model that foretells no ratings has no such figures, nor has one that was not asked") {
  const data::Dataset whole = rated();
  const auto split = split_of(4, {{{0}, {0}, {2, 3}}, {{1}, {1}, {0}}});
  Answerer silent = always(3);
  silent.ratings = {};
  EXPECT_EQ(evaluate(split, silent, {.ks = {1}, .bootstrap = 0, .rated = &whole}, kRun).find("rmse"), nullptr);
  EXPECT_EQ(evaluate(split, always(3), {.ks = {1}, .bootstrap = 0}, kRun).find("rmse"), nullptr);
}

TEST("a rating that is not a number is refused") {
  const data::Dataset whole = rated();
  const auto split = split_of(4, {{{0}, {0}, {2, 3}}});
  EXPECT_THROW(evaluate(split, always(std::nanf("")), {.ks = {1}, .bootstrap = 0, .rated = &whole}, kRun), Error);
}

}  // namespace attune::eval
