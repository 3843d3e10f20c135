// Tuned cosine: the function, squared error and ranking losses, gradient descent and Adam. See the header.
// Cost an epoch: examples x dim for ratings, examples x (negatives + 1) x dim x 6 operations for ranking, as matrix products.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/random.h"
#include "attune/model/early_stop.h"
#include "attune/model/tuned_cosine.h"
#include "attune/train/adam.h"

namespace attune::model {
namespace {

constexpr std::size_t kBlock = 1024;   // rows made at once where no batch size rules

float inverse_length(std::span<const float> u) {
  const float length = std::sqrt(dot(u, u));
  return length > 1e-12f ? 1 / length : 0;
}

// Steps down a gradient: Adam, or plainly.
class Steps {
 public:
  Steps(std::size_t n, const TuneOptions& options) : is_adam_(options.optimizer == "adam"), rate_(options.lr), adam_(1, n, {.rate = options.lr}) {}
  void step(Matrix& x, std::span<const float> gradient, const Run& run) {
    if (is_adam_) adam_.step(x, {gradient.data(), 1, gradient.size()}, run);
    else axpy(-rate_, gradient, x.all());
  }

 private:
  bool is_adam_;
  float rate_;
  train::Adam adam_;
};

// Rows made for one batch.
struct Batch {
  Matrix users, items;
  std::vector<float> targets, weights;   // weights empty = 1
  void make(const CosineExamples& examples, std::span<const std::uint32_t> which) {
    if (users.rows() != which.size()) {
      users = Matrix(which.size(), examples.dim);
      items = Matrix(which.size(), examples.dim);
      targets.resize(which.size());
    }
    examples.fill(which, users, items, targets);
    weights.clear();
    if (examples.weight)
      for (const std::uint32_t e : which) weights.push_back(examples.weight(e));
  }
};

template <class Body>
void by_blocks(std::span<const std::uint32_t> which, std::size_t block, Body body) {
  for (std::size_t at = 0; at < which.size(); at += block) body(which.subspan(at, std::min(block, which.size() - at)));
}

// The scale that fits the plain cosine best.
float first_scale(const CosineExamples& examples, std::span<const std::uint32_t> which, const Run& run) {
  Batch batch;
  double both = 0, squares = 0;
  by_blocks(which.first(std::min<std::size_t>(which.size(), 50 * kBlock)), kBlock, [&](std::span<const std::uint32_t> some) {
    run.check();
    batch.make(examples, some);
    for (std::size_t r = 0; r < some.size(); ++r) {
      const double c = static_cast<double>(dot(batch.users.row(r), batch.items.row(r)) * inverse_length(batch.users.row(r)));
      both += c * static_cast<double>(batch.targets[r]);
      squares += c * c;
    }
  });
  return squares > 0 && both > 0 ? static_cast<float>(both / squares) : 1;
}

// Weighted sum of squared errors of some examples; adds the gradient by theta and by the scale (last entry) where one is wanted.
double squared_errors(const Batch& batch, std::span<const float> alpha, std::span<const float> theta, float scale, std::span<float> gradient) {
  double sum = 0;
  const std::size_t d = theta.size();
  std::vector<float> product(d);
  for (std::size_t r = 0; r < batch.users.rows(); ++r) {
    const auto u = batch.users.row(r), v = batch.items.row(r);
    for (std::size_t k = 0; k < d; ++k) product[k] = alpha[k] * u[k] * v[k];
    const float f = dot(u, v) * inverse_length(u) + dot(theta, product), error = scale * f - batch.targets[r];
    const float counts = batch.weights.empty() ? 1 : batch.weights[r];
    sum += static_cast<double>(counts * error) * static_cast<double>(error);
    if (gradient.empty()) continue;
    axpy(2 * counts * error * scale, product, gradient.first(d));
    gradient[d] += 2 * counts * error * f;
  }
  return sum;
}

std::vector<std::uint32_t> learned_from(std::size_t count, std::span<const std::uint32_t> watched) {
  std::vector<std::uint8_t> is_watched(count);
  for (const std::uint32_t e : watched) is_watched[e] = 1;
  std::vector<std::uint32_t> list;
  for (std::size_t e = 0; e < count; ++e)
    if (is_watched[e] == 0) list.push_back(static_cast<std::uint32_t>(e));
  return list;
}

std::size_t batch_of(const TuneOptions& options, std::size_t count) {
  return options.batch <= 0 ? std::max<std::size_t>(count, 1) : static_cast<std::size_t>(options.batch);
}

}  // namespace

float tuned_cosine(std::span<const float> u, std::span<const float> v, std::span<const float> alpha, std::span<const float> theta) {
  float tuned = 0;
  for (std::size_t k = 0; k < u.size(); ++k) tuned += alpha[k] * theta[k] * u[k] * v[k];
  return dot(u, v) * inverse_length(u) * inverse_length(v) + tuned;
}

std::vector<float> tuned_query(std::span<const float> u, std::span<const float> alpha, std::span<const float> theta) {
  const float scale = inverse_length(u);
  std::vector<float> g(u.size());
  for (std::size_t k = 0; k < u.size(); ++k) g[k] = u[k] * (scale + alpha[k] * theta[k]);
  return g;
}

TunedWeights tune_to_ratings(const CosineExamples& examples, std::span<const std::uint32_t> watched, std::span<const float> alpha,
                             const TuneOptions& options, const Run& run) {
  std::vector<std::uint32_t> order = learned_from(examples.count, watched);
  if (order.empty()) throw Error(Code::bad_data, "tuned_cosine has nothing to learn from: no rating is left");
  Random random(run.seed);
  random.shuffle(std::span(order));
  const std::size_t d = examples.dim, batch_size = batch_of(options, order.size()), block = std::min(batch_size, kBlock);
  const std::size_t used = options.samples > 0 ? std::min(options.samples, order.size()) : order.size();
  Matrix weights(1, d + 1);   // theta, scale
  const auto x = weights.all();
  std::vector<float> gradient(d + 1);
  x[d] = first_scale(examples, order, run);
  TunedWeights best{.theta = std::vector<float>(d), .scale = x[d]};
  Steps steps(d + 1, options);
  Batch batch;
  const auto error_of = [&](std::span<const std::uint32_t> which) {
    double sum = 0;
    by_blocks(which, kBlock, [&](std::span<const std::uint32_t> some) {
      run.check();
      batch.make(examples, some);
      sum += squared_errors(batch, alpha, x.first(d), x[d], {});
    });
    return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(which.size(), 1)));
  };
  double best_error = watched.empty() ? 0 : error_of(watched);
  std::size_t step = 0;
  for (int epoch = 1, since = 0; epoch <= options.epochs && (watched.empty() || options.patience <= 0 || since < options.patience); ++epoch) {
    random.shuffle(std::span(order));
    double loss = 0;
    by_blocks(std::span<const std::uint32_t>(order).first(used), batch_size, [&](std::span<const std::uint32_t> whole) {
      std::fill(gradient.begin(), gradient.end(), 0.0f);
      by_blocks(whole, block, [&](std::span<const std::uint32_t> some) {
        run.check();
        batch.make(examples, some);
        loss += squared_errors(batch, alpha, x.first(d), x[d], gradient);
      });
      const float share = 1 / static_cast<float>(whole.size());
      for (std::size_t k = 0; k <= d; ++k) gradient[k] = gradient[k] * share + (k < d ? 2 * options.reg * x[k] : 0);
      check_loss("tuned_cosine", ++step, loss);
      steps.step(weights, gradient, run);
    });
    run.record("tuned_cosine/loss", static_cast<std::size_t>(epoch), loss / static_cast<double>(used));
    run.report("tuning the cosine", static_cast<std::size_t>(epoch), static_cast<std::size_t>(options.epochs));
    const double error = watched.empty() ? 0 : error_of(watched);
    if (!watched.empty()) run.record("tuned_cosine/watched_rmse", static_cast<std::size_t>(epoch), error);
    if (!watched.empty() && !(error < best_error)) {
      ++since;
      continue;
    }
    since = 0;
    best_error = error;
    best = {.theta = {x.begin(), x.end() - 1}, .scale = x[d], .epochs = epoch};
  }
  return best;
}

double rank_loss(const Matrix& users, const Matrix& items, const Matrix& negatives, std::span<const float> alpha, std::span<const float> theta,
                 const RankOptions& rank, std::span<float> gradient, std::span<const float> weights) {
  const std::size_t n = users.rows(), m = negatives.rows(), d = theta.size();
  Matrix queries(n, d);
  for (std::size_t b = 0; b < n; ++b) {
    const std::vector<float> g = tuned_query(users.row(b), alpha, theta);
    std::copy(g.begin(), g.end(), queries.row(b).begin());
  }
  Matrix f = multiply(queries, negatives, {.alpha = 1 / rank.temperature, .transpose_b = true});   // becomes the loss by f, row by row
  std::vector<float> own(n);
  double loss = 0;
  for (std::size_t b = 0; b < n; ++b) {
    const auto row = f.row(b);
    const float counts = weights.empty() ? 1 : weights[b];
    const float positive = dot(queries.row(b), items.row(b)) / rank.temperature;
    if (rank.loss == "bpr") {
      for (float& x : row) {
        const float gap = positive - x;
        loss += static_cast<double>(counts * (gap > 0 ? std::log1p(std::exp(-gap)) : std::log1p(std::exp(gap)) - gap)) / static_cast<double>(m);
        x = counts / (1 + std::exp(gap)) / static_cast<float>(m);
        own[b] -= x;
      }
      continue;
    }
    float highest = positive;
    for (const float x : row) highest = std::max(highest, x);
    double sum = std::exp(static_cast<double>(positive - highest));
    for (float& x : row) sum += static_cast<double>(x = std::exp(x - highest));
    for (float& x : row) x = counts * static_cast<float>(static_cast<double>(x) / sum);
    const double chance = std::exp(static_cast<double>(positive - highest)) / sum;
    own[b] = counts * static_cast<float>(chance - 1);
    loss -= static_cast<double>(counts) * (static_cast<double>(positive - highest) - std::log(sum));
  }
  Matrix back = multiply(f, negatives);   // [n, dim]
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  for (std::size_t b = 0; b < n; ++b) {
    axpy(own[b], items.row(b), back.row(b));
    const auto u = users.row(b);
    for (std::size_t k = 0; k < d; ++k) gradient[k] += u[k] * back(b, k);
  }
  const float share = 1 / (rank.temperature * static_cast<float>(n));
  for (std::size_t k = 0; k < d; ++k) gradient[k] *= alpha[k] * share;
  return loss / static_cast<double>(n);
}

TunedWeights tune_to_rank(const CosineExamples& examples, const std::function<void(Matrix& negatives, std::uint64_t draw)>& draw,
                          std::span<const float> alpha, const TuneOptions& options, const RankOptions& rank, const Judge& judge, const Run& run) {
  std::vector<std::uint32_t> order(examples.count);
  std::iota(order.begin(), order.end(), 0u);
  Random random(run.seed);
  const std::size_t d = examples.dim, used = options.samples > 0 ? std::min(options.samples, order.size()) : order.size();
  Matrix weights(1, d);
  const auto theta = weights.all();
  std::vector<float> gradient(d);
  TunedWeights best{.theta = std::vector<float>(d)};
  if (judge.is_best) judge.is_best(0, theta);   // the plain cosine is the first to beat
  Steps steps(d, options);
  Batch batch;
  Matrix negatives(static_cast<std::size_t>(rank.negatives), d);
  std::size_t step = 0;
  for (int epoch = 1; epoch <= options.epochs && !(judge.is_over && judge.is_over()); ++epoch) {
    random.shuffle(std::span(order));
    double loss = 0;
    by_blocks(std::span<const std::uint32_t>(order).first(used), std::min(batch_of(options, used), kBlock), [&](std::span<const std::uint32_t> some) {
      run.check();
      batch.make(examples, some);
      draw(negatives, random.next());
      const double mean = rank_loss(batch.users, batch.items, negatives, alpha, theta, rank, gradient, batch.weights);
      check_loss("tuned_cosine", ++step, mean);
      loss += mean * static_cast<double>(some.size());
      axpy(2 * options.reg, theta, gradient);
      steps.step(weights, gradient, run);
    });
    run.record("tuned_cosine/loss", static_cast<std::size_t>(epoch), loss / static_cast<double>(std::max<std::size_t>(used, 1)));
    run.report("tuning the cosine", static_cast<std::size_t>(epoch), static_cast<std::size_t>(options.epochs));
    if (!judge.is_best || judge.is_best(epoch, theta)) best = {.theta = {theta.begin(), theta.end()}, .epochs = epoch};
  }
  return best;
}

}  // namespace attune::model
