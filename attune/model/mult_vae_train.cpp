// Mult-VAE: forward, backward, training. See the header.
#include "attune/model/mult_vae_train.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/model/early_stop.h"
#include "attune/train/adam.h"

namespace attune::model {
namespace {

void fill_normal(std::span<float> xs, double sd, Random& random) {
  for (float& x : xs) x = static_cast<float>(sd * random.normal());
}

// A copy of [n, d] with a last column of ones, so that a layer's bias is a row of its matrix.
Matrix with_ones(MatrixView a) {
  Matrix out(a.rows, a.cols + 1);
  for (std::size_t r = 0; r < a.rows; ++r) {
    std::copy_n(a.row(r).data(), a.cols, out.row(r).data());
    out(r, a.cols) = 1;
  }
  return out;
}

void tanh_all(Matrix& a, const Run& run) {
  parallel_for(0, a.rows(), 32, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r)
      for (float& x : a.row(r)) x = std::tanh(x);
  });
}

// Sum of the rows of the input layer, before tanh.
void read_row(const Matrix& in, std::span<const std::uint32_t> items, std::span<const float> values, std::span<float> out) {
  const auto bias = in.row(in.rows() - 1);
  std::copy(bias.begin(), bias.end(), out.begin());
  for (std::size_t k = 0; k < items.size(); ++k)
    if (values[k] != 0) axpy(values[k], in.row(items[k]), out);
}

// Logits become the gradient of the likelihood by them: (sum t) p - t, over `users`. Returns - sum t log p.
double likelihood_row(std::span<float> logits, std::span<const std::uint32_t> items, std::span<const float> targets, float share) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  double total = 0, sum = 0, wanted = 0;
  for (std::size_t k = 0; k < items.size(); ++k) {
    total += static_cast<double>(targets[k]);
    wanted += static_cast<double>(targets[k]) * static_cast<double>(logits[items[k]] - highest);
  }
  float part = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    part += logits[i] = std::exp(logits[i] - highest);
    if (i % 256 == 255 || i + 1 == logits.size()) sum += static_cast<double>(std::exchange(part, 0.0f));
  }
  const float scale = static_cast<float>(total / sum) * share;
  for (float& x : logits) x *= scale;
  for (std::size_t k = 0; k < items.size(); ++k) logits[items[k]] -= targets[k] * share;
  return total * std::log(sum) - wanted;
}

// d tanh: rows of `back` times 1 - h^2.
void through_tanh(MatrixView hidden, Matrix& back, std::size_t used) {
  for (std::size_t r = 0; r < back.rows(); ++r)
    for (std::size_t k = 0; k < used; ++k) back(r, k) *= 1 - hidden(r, k) * hidden(r, k);
}

Matrix without_last_column(MatrixView a) {
  Matrix out(a.rows, a.cols - 1);
  for (std::size_t r = 0; r < a.rows; ++r) std::copy_n(a.row(r).data(), out.cols(), out.row(r).data());
  return out;
}

// Gradient of the input layer: each item's row is the sum over the users who have it.
void input_gradient(const Sparse& inputs, const Matrix& back, Matrix& gradient, const Run& run) {
  const Sparse by_item = transpose(inputs);
  parallel_for(0, by_item.rows, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const auto row = gradient.row(i);
      std::fill(row.begin(), row.end(), 0.0f);
      for (std::size_t k = 0; k < by_item.row_size(i); ++k) axpy(by_item.row_values(i)[k], back.row(by_item.row_indices(i)[k]), row);
    }
  });
  const auto bias = gradient.row(gradient.rows() - 1);
  std::fill(bias.begin(), bias.end(), 0.0f);
  for (std::size_t r = 0; r < back.rows(); ++r) axpy(1, back.row(r), bias);
}

// Everything of one forward pass that the way back needs.
struct Pass {
  Matrix first;    // (h1, 1) [users, hidden + 1]
  Matrix stats;    // mu, log sigma^2 [users, 2 latent]
  Matrix z;        // (z, 1) [users, latent + 1]
  Matrix second;   // (h2, 1) [users, hidden + 1]
  Matrix logits;   // [users, items]
};

Pass forward(const VaeWeights& w, const Sparse& inputs, MatrixView noise, const Run& run) {
  Pass p;
  Matrix h(inputs.rows, w.in.cols());
  parallel_for(0, inputs.rows, 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) read_row(w.in, inputs.row_indices(r), inputs.row_values(r), h.row(r));
  });
  tanh_all(h, run);
  p.first = with_ones(h);
  p.stats = multiply(p.first, w.latent);
  const std::size_t latent = w.latent_size();
  p.z = Matrix(inputs.rows, latent + 1);
  for (std::size_t r = 0; r < inputs.rows; ++r) {
    for (std::size_t k = 0; k < latent; ++k) p.z(r, k) = p.stats(r, k) + noise(r, k) * std::exp(0.5f * p.stats(r, latent + k));
    p.z(r, latent) = 1;
  }
  h = multiply(p.z, w.back);
  tanh_all(h, run);
  p.second = with_ones(h);
  p.logits = multiply(p.second, w.out, {.transpose_b = true});
  return p;
}

// From the gradient by (z, 1) to that by mu and log sigma^2, the divergence's own included. Returns the divergence, summed.
double latent_gradient(const Pass& p, MatrixView noise, const Matrix& by_z, float beta, float share, Matrix& by_stats) {
  const std::size_t latent = noise.cols;
  double divergence = 0;
  for (std::size_t r = 0; r < noise.rows; ++r)
    for (std::size_t k = 0; k < latent; ++k) {
      const float mu = p.stats(r, k), log_variance = p.stats(r, latent + k), variance = std::exp(log_variance);
      divergence += 0.5 * static_cast<double>(mu * mu + variance - 1 - log_variance);
      if (by_stats.empty()) continue;
      by_stats(r, k) = by_z(r, k) + beta * share * mu;
      by_stats(r, latent + k) = by_z(r, k) * noise(r, k) * 0.5f * std::sqrt(variance) + beta * share * 0.5f * (variance - 1);
    }
  return divergence;
}

// The input as the network reads it in training: entries dropped at random, the rest scaled up. Not by thread: by user.
Sparse batch_of(const Sparse& rows, std::span<const std::uint32_t> users, float dropout, std::uint64_t draw) {
  Sparse out{.rows = users.size(), .cols = rows.cols};
  const float kept = 1 / (1 - dropout);
  for (const std::uint32_t u : users) {
    Random random(draw ^ (0x9e3779b97f4a7c15u * (u + 1)));
    for (std::size_t k = 0; k < rows.row_size(u); ++k) {
      if (dropout > 0 && random.uniform() < static_cast<double>(dropout)) continue;
      out.indices.push_back(rows.row_indices(u)[k]);
      out.values.push_back(rows.row_values(u)[k] * kept);
    }
    out.offsets.push_back(out.indices.size());
  }
  return out;
}

}  // namespace

void VaeWeights::save(ByteWriter& bytes) const {
  bytes.matrix(in);
  bytes.matrix(latent);
  bytes.matrix(back);
  bytes.matrix(out);
}

VaeWeights VaeWeights::load(ByteReader& bytes) {
  VaeWeights w;
  w.in = bytes.matrix();
  w.latent = bytes.matrix();
  w.back = bytes.matrix();
  w.out = bytes.matrix();
  const bool fits = w.out.rows() > 0 && w.in.rows() == w.out.rows() + 1 && w.out.cols() == w.in.cols() + 1 && w.latent.rows() == w.in.cols() + 1 &&
                    w.back.rows() > 1 && w.latent.cols() == 2 * (w.back.rows() - 1) && w.back.cols() == w.in.cols();
  if (!fits) throw Error(Code::bad_data, "the mult_vae model is damaged: its layers do not fit together; fit again");
  return w;
}

VaeWeights zero_vae(std::size_t items, std::size_t hidden, std::size_t latent) {
  return {Matrix(items + 1, hidden), Matrix(hidden + 1, 2 * latent), Matrix(latent + 1, hidden), Matrix(items, hidden + 1)};
}

VaeWeights random_vae(std::size_t items, std::size_t hidden, std::size_t latent, std::uint64_t seed) {
  VaeWeights w = zero_vae(items, hidden, latent);
  Random random(seed);
  const auto spread = [](std::size_t a, std::size_t b) { return std::sqrt(2.0 / static_cast<double>(a + b)); };
  fill_normal(w.in.all().first(items * hidden), spread(items, hidden), random);
  fill_normal(w.latent.all().first(hidden * 2 * latent), spread(hidden, 2 * latent), random);
  fill_normal(w.back.all().first(latent * hidden), spread(latent, hidden), random);
  for (std::size_t i = 0; i < items; ++i) fill_normal(w.out.row(i).first(hidden), spread(items, hidden), random);
  return w;
}

VaeLoss vae_loss(const VaeWeights& w, const Sparse& inputs, const Sparse& targets, MatrixView noise, float beta, VaeWeights* gradient, const Run& run) {
  Pass p = forward(w, inputs, noise, run);
  const std::size_t users = inputs.rows;
  const float share = 1 / static_cast<float>(users);
  std::vector<double> losses(users);
  parallel_for(0, users, 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) losses[r] = likelihood_row(p.logits.row(r), targets.row_indices(r), targets.row_values(r), share);
  });
  VaeLoss loss{.likelihood = std::accumulate(losses.begin(), losses.end(), 0.0) * static_cast<double>(share)};
  Matrix by_stats;
  if (gradient == nullptr) {
    loss.divergence = latent_gradient(p, noise, {}, beta, share, by_stats) * static_cast<double>(share);
    return loss;
  }
  multiply(p.logits, p.second, gradient->out, {.transpose_a = true});
  Matrix by_second = without_last_column(multiply(p.logits, w.out));
  through_tanh(p.second, by_second, by_second.cols());
  multiply(p.z, by_second, gradient->back, {.transpose_a = true});
  const Matrix by_z = multiply(by_second, w.back, {.transpose_b = true});
  by_stats = Matrix(users, p.stats.cols());
  loss.divergence = latent_gradient(p, noise, by_z, beta, share, by_stats) * static_cast<double>(share);
  multiply(p.first, by_stats, gradient->latent, {.transpose_a = true});
  Matrix by_first = without_last_column(multiply(by_stats, w.latent, {.transpose_b = true}));
  through_tanh(p.first, by_first, by_first.cols());
  input_gradient(inputs, by_first, gradient->in, run);
  return loss;
}

std::vector<float> vae_hidden(const VaeWeights& w, std::span<const std::uint32_t> items, std::span<const float> values) {
  std::vector<float> first(w.in.cols()), mu(w.latent_size()), hidden(w.in.cols());
  read_row(w.in, items, values, first);
  const auto mu_bias = w.latent.row(w.latent.rows() - 1).first(mu.size()), bias = w.back.row(w.back.rows() - 1);
  std::copy(mu_bias.begin(), mu_bias.end(), mu.begin());
  for (std::size_t k = 0; k < first.size(); ++k) axpy(std::tanh(first[k]), w.latent.row(k).first(mu.size()), mu);
  std::copy(bias.begin(), bias.end(), hidden.begin());
  for (std::size_t k = 0; k < mu.size(); ++k) axpy(mu[k], w.back.row(k), hidden);
  for (float& x : hidden) x = std::tanh(x);
  hidden.push_back(1);
  return hidden;
}

VaeWeights train_vae(const Sparse& inputs, const Sparse& targets, const VaeOptions& options, const VaeJudge& judge, const Run& run) {
  std::vector<std::uint32_t> users;
  for (std::size_t u = 0; u < targets.rows; ++u)
    if (targets.row_size(u) > 0) users.push_back(static_cast<std::uint32_t>(u));
  const std::size_t items = inputs.cols, batch_size = std::min(users.size(), static_cast<std::size_t>(options.batch));
  const auto hidden = static_cast<std::size_t>(options.hidden), latent = static_cast<std::size_t>(options.latent);
  VaeWeights w = random_vae(items, hidden, latent, run.seed), gradient = zero_vae(items, hidden, latent), best;
  const std::pair<Matrix*, const Matrix*> layers[] = {{&w.in, &gradient.in}, {&w.latent, &gradient.latent}, {&w.back, &gradient.back}, {&w.out, &gradient.out}};
  std::vector<train::Adam> adam;
  for (const auto& [layer, slopes] : layers) adam.emplace_back(layer->rows(), layer->cols(), train::AdamOptions{.rate = options.lr});
  Random random(run.seed + 1);
  std::size_t step = 0;
  for (int epoch = 1; epoch <= options.epochs && !(judge.is_over && judge.is_over()); ++epoch) {
    random.shuffle(std::span(users));
    double sum = 0;
    for (std::size_t at = 0; at < users.size(); at += batch_size) {
      run.check();
      const auto some = std::span<const std::uint32_t>(users).subspan(at, std::min(batch_size, users.size() - at));
      Matrix noise(some.size(), latent);
      fill_normal(noise.all(), 1, random);
      const float beta = options.beta * static_cast<float>(std::min(1.0, static_cast<double>(step) / std::max(options.anneal_steps, 1)));
      const VaeLoss loss = vae_loss(w, batch_of(inputs, some, options.dropout, random.next()), batch_of(targets, some, 0, 0), noise, beta, &gradient, run);
      check_loss("mult_vae", ++step, loss.total(static_cast<double>(beta)));
      sum += loss.total(static_cast<double>(beta)) * static_cast<double>(some.size());
      for (std::size_t l = 0; l < adam.size(); ++l) {
        if (options.decay > 0)
          for (float& x : layers[l].first->all()) x *= 1 - options.lr * options.decay;
        adam[l].step(*layers[l].first, *layers[l].second, run);
      }
    }
    run.record("mult_vae/loss", static_cast<std::size_t>(epoch), sum / static_cast<double>(users.size()));
    run.report("training mult_vae", static_cast<std::size_t>(epoch), static_cast<std::size_t>(options.epochs));
    if (judge.is_best && judge.is_best(epoch, w)) best = w.clone();
  }
  return best.out.empty() ? std::move(w) : std::move(best);
}

}  // namespace attune::model
