// Rating error: how far off a model's ratings of held-out events are, beside what users' and items' means alone give.
//   rmse = sqrt(mean (guess - rating)^2)    mae = mean |guess - rating|      over all held-out events of all users
//   plain_rmse, plain_mae: the same of user + item bias (model/rating.h), learned from the training part
// Source: Koren, TOIS 2010. Not cut to the scale of the ratings.
#pragma once
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "attune/data/dataset.h"
#include "attune/data/split.h"
#include "attune/eval/evaluate.h"

namespace attune::eval {

// Names of what rating_figures() gives.
std::span<const std::string_view> rating_names();

//   whole  the dataset that was split: the rating of a target is the weight the user gave it there
// Intervals resample users. Throws Error: bad_data when a guess is not finite.
std::vector<Figure> rating_figures(const data::Split& split, const data::Dataset& whole, const RateFn& ratings, const EvalOptions& options, const Run& run);

}  // namespace attune::eval
