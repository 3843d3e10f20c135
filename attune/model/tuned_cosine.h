// The tuned cosine of a user's and an item's language vectors, and how its weights are learned.
//   f(u, v; theta) = cos(u, v) + sum_i alpha_i theta_i u_i v_i
// theta is learned and starts at zero: the plain cosine; alpha_i says how far dimension i may move (the standard deviation of its
// prior: a step of theta moves the weight of dimension i by alpha_i, a penalty on theta weighs it by 1 / alpha_i^2).
// Source: own, after the recommendation function of language vectors. f is linear in theta, so squared error has one minimum.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::model {

// All of one length; the cosine with a vector of zeros is 0.
float tuned_cosine(std::span<const float> u, std::span<const float> v, std::span<const float> alpha, std::span<const float> theta);
// g such that f(u, v) = g . v for every v of length 1: g_i = u_i / |u| + alpha_i theta_i u_i.
std::vector<float> tuned_query(std::span<const float> u, std::span<const float> alpha, std::span<const float> theta);

// Examples by number, made when asked for: millions of vectors would not fit.
struct CosineExamples {
  std::size_t count = 0, dim = 0;
  // Fills row r of users and items [n, dim] and targets [n] with example which[r]; items have length 1 or 0.
  std::function<void(std::span<const std::uint32_t> which, Matrix& users, Matrix& items, std::span<float> targets)> fill;
  std::function<float(std::uint32_t example)> weight = {};   // how much it counts in the loss (1 / propensity); empty = 1
};

struct TuneOptions {
  std::string optimizer = "adam";   // or "gd": plain gradient descent
  int epochs = 20, batch = 256;     // batch 0 = all examples at once
  float lr = 0.005f, reg = 0;       // reg: of mean squared theta
  int patience = 5;                 // epochs without a better watched error before it is over; 0 = all epochs
  std::size_t samples = 0;          // examples an epoch; 0 = all
};

struct TunedWeights {
  std::vector<float> theta;
  float scale = 1;                  // target = scale x f
  int epochs = 0;                   // of the best
};

// Least mean of (target - scale f)^2 + reg |theta|^2; scale is learned along, from its best value at theta = 0. `watched`: numbers of
// examples that are not learned from, whose error says when to stop; may be empty. Records tuned_cosine/loss and /watched_rmse.
// Throws Error: bad_data when it diverges, cancelled.
TunedWeights tune_to_ratings(const CosineExamples& examples, std::span<const std::uint32_t> watched, std::span<const float> alpha,
                             const TuneOptions& options, const Run& run);

struct RankOptions {
  std::string loss = "softmax";     // or "bpr"
  int negatives = 256;              // drawn for each batch, shared by it
  float temperature = 0.1f;
};
// Ranks each example's item above items drawn at random, which `draw` fills: [negatives, dim].
//   softmax  -log e^{f+/t} / (e^{f+/t} + sum e^{f-/t})       bpr  mean over negatives of -log sigmoid((f+ - f-)/t)
// `judge` (optional) is asked after each epoch: true = best so far; `is_over` says when to stop.
struct Judge {
  std::function<bool(int epoch, std::span<const float> theta)> is_best = {};
  std::function<bool()> is_over = {};
};
TunedWeights tune_to_rank(const CosineExamples& examples, const std::function<void(Matrix& negatives, std::uint64_t draw)>& draw,
                          std::span<const float> alpha, const TuneOptions& options, const RankOptions& rank, const Judge& judge, const Run& run);

// Mean loss of one batch and its gradient by theta: what tune_to_rank steps along. weights [examples]: empty = 1.
double rank_loss(const Matrix& users, const Matrix& items, const Matrix& negatives, std::span<const float> alpha,
                 std::span<const float> theta, const RankOptions& rank, std::span<float> gradient, std::span<const float> weights = {});

}  // namespace attune::model
