// Mult-VAE: a variational auto-encoder of whole histories. What a user took is one draw from a distribution over all items:
//   z ~ N(mu(x), sigma(x)^2),   p = softmax(W h(z)),   loss = - sum_i t_i log p_i + beta KL(z | N(0, 1))
// x: the history, of length 1, entries dropped at random in training; mu, log sigma^2 and h come from layers of tanh units.
// Source: Liang et al., WWW 2018. Gradients by hand. Cost a step: 6 batch x hidden x items operations as matrix products, 2/3 of them
// for the last layer, and one pass of Adam over all weights.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::model {

// The last row (or, of `out`, column) of a layer is its bias.
struct VaeWeights {
  Matrix in;        // [items + 1, hidden]
  Matrix latent;    // [hidden + 1, 2 latent]: mu, then log sigma^2
  Matrix back;      // [latent + 1, hidden]
  Matrix out;       // [items, hidden + 1]: a row an item, so that an index can hold them

  std::size_t items() const noexcept { return out.rows(); }
  std::size_t latent_size() const noexcept { return back.rows() - 1; }
  std::size_t size_bytes() const noexcept { return in.size_bytes() + latent.size_bytes() + back.size_bytes() + out.size_bytes(); }
  VaeWeights clone() const { return {in.clone(), latent.clone(), back.clone(), out.clone()}; }
  void save(ByteWriter& bytes) const;
  static VaeWeights load(ByteReader& bytes);   // throws Error: bad_data when the layers do not fit together
};
VaeWeights zero_vae(std::size_t items, std::size_t hidden, std::size_t latent);
VaeWeights random_vae(std::size_t items, std::size_t hidden, std::size_t latent, std::uint64_t seed);  // Xavier

// Mean loss of a batch and, where wanted, its gradient (shaped like the weights, overwritten).
//   inputs   [users, items] x as the network reads it      targets  [users, items] t >= 0
//   noise    [users, latent] standard normal draws
struct VaeLoss {
  double likelihood = 0, divergence = 0;   // - sum t log p, KL; means over users
  double total(double beta) const noexcept { return likelihood + beta * divergence; }
};
VaeLoss vae_loss(const VaeWeights& w, const Sparse& inputs, const Sparse& targets, MatrixView noise, float beta, VaeWeights* gradient, const Run& run);

// What stands before the last layer, without noise: (h, 1) [hidden + 1]; the score of item i is its inner product with out's row i.
std::vector<float> vae_hidden(const VaeWeights& w, std::span<const std::uint32_t> items, std::span<const float> values);

struct VaeOptions {
  int epochs = 100, batch = 500;
  int hidden = 600, latent = 200;
  float lr = 1e-3f, dropout = 0.5f, beta = 0.2f, decay = 0;  // decay: of the weights, share of lr a step (AdamW)
  int anneal_steps = 2000;         // beta grows to its full size over that many steps
};
struct VaeJudge {
  std::function<bool(int epoch, const VaeWeights&)> is_best = {};   // asked after each epoch: true = keep these weights
  std::function<bool()> is_over = {};
};
// inputs [users, items] rows of length 1; targets the same pairs or others. Users without targets are left out.
// Throws Error: bad_data when it diverges, cancelled. Records mult_vae/loss.
VaeWeights train_vae(const Sparse& inputs, const Sparse& targets, const VaeOptions& options, const VaeJudge& judge, const Run& run);

}  // namespace attune::model
