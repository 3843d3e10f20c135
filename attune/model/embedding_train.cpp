// Embedding training: forward along the graph, gradients by the final vectors, back along the graph, one step of Adam.
#include "attune/model/embedding_train.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/sorted.h"
#include "attune/core/tall.h"
#include "attune/model/catalogue_loss.h"
#include "attune/model/early_stop.h"
#include "attune/model/graph.h"
#include "attune/train/adam.h"
#include "attune/train/losses.h"
#include "attune/train/negatives.h"
#include "attune/train/rows.h"

namespace attune::model {
namespace {

void clear(Matrix& m) {
  if (m.size() > 0) std::memset(m.data(), 0, m.size_bytes());
}
void clear_rows(Matrix& m, std::span<const std::uint32_t> rows) {
  for (const std::uint32_t r : rows) std::fill_n(m.row(r).data(), m.cols(), 0.0f);
}
void add_into(Matrix& sum, float factor, MatrixView x, const Run& run) {
  parallel_for(0, sum.size(), std::size_t{1} << 16, run, [&](std::size_t first, std::size_t last) {
    axpy(factor, {x.data + first, last - first}, {sum.data() + first, last - first});
  });
}
Matrix gathered(const Matrix& m, std::span<const std::uint32_t> ids) {
  Matrix out(ids.size(), m.cols());
  for (std::size_t k = 0; k < ids.size(); ++k) std::copy_n(m.row(ids[k]).data(), m.cols(), out.row(k).data());
  return out;
}

CatalogueLossOptions loss_options(const EmbeddingOptions& o) {
  return {.is_softmax = o.loss == EmbeddingLoss::softmax, .cosine = o.cosine, .tau = o.tau, .margin = o.margin, .negative_weight = o.negative_weight,
          .negatives = o.negatives, .negative_power = o.negative_power};
}

class Trainer {
 public:
  Trainer(const data::Dataset& data, const EmbeddingOptions& options, const Run& run)
      : data_(data), o_(options), run_(run), users_(data.user_count()), items_(data.item_count()), random_(run.seed),
        negatives_(data.popularity(), options.negative_power), pair_weights_(train::inverse_propensity_weights(data.popularity(), options.propensity)),
        catalogue_loss_(data, loss_options(options), pair_weights_), weights_(users_ + items_, d()), gradient_(users_ + items_, d()), adam_(users_ + items_, d(), {.rate = options.lr}) {
    for (float& x : weights_.all()) x = o_.init * static_cast<float>(random_.normal());
    if (o_.layers > 0 || o_.late_layers > 0) graph_ = make_graph(data.interactions(), data.audience());
    if (o_.layers > 0) {
      final_ = Matrix(nodes(), d());
      room_ = Matrix(nodes(), d());
      back_ = Matrix(nodes(), d());
    }
    if (is_noisy()) {
      view_ = Matrix(nodes(), d());
      view_gradient_ = Matrix(nodes(), d());
      walk_ = Matrix(nodes(), d());
    }
    if (o_.loss == EmbeddingLoss::bpr) {
      for (std::size_t u = 0; u < users_; ++u) order_.insert(order_.end(), data.interactions().row_size(u), static_cast<std::uint32_t>(u));
      pair_items_ = data.interactions().indices;
      pairs_.resize(order_.size());
      std::iota(pairs_.begin(), pairs_.end(), 0u);
    } else {
      for (std::size_t u = 0; u < users_; ++u)
        if (data.interactions().row_size(u) > 0) order_.push_back(static_cast<std::uint32_t>(u));
    }
  }

  // One pass over all pairs or users. Returns the mean loss of a pair.
  double epoch(int number) {
    const float gone = o_.epochs > 1 ? static_cast<float>(number - 1) / static_cast<float>(o_.epochs - 1) : 0.0f;
    adam_.set_rate(o_.lr * (1 + (o_.lr_end - 1) * gone));
    const bool by_pair = o_.loss == EmbeddingLoss::bpr;
    std::vector<std::uint32_t>& order = by_pair ? pairs_ : order_;
    random_.shuffle(std::span(order));
    double loss = 0, weight = 0;
    for (std::size_t first = 0; first < order.size(); first += static_cast<std::size_t>(o_.batch)) {
      run_.check();
      const std::span<const std::uint32_t> batch(order.data() + first, std::min(order.size() - first, static_cast<std::size_t>(o_.batch)));
      forward();
      const auto [batch_loss, batch_weight] = by_pair ? pair_gradients(batch) : user_gradients(batch);
      check_loss(o_.model, adam_.steps() + 1, batch_loss);
      backward_and_step();
      loss += batch_loss;
      weight += batch_weight;
    }
    return loss / std::max(weight, 1e-30);
  }

  // The vectors as they would be used now: no noise; where cosines were learned, items of their length ^ `length`.
  void finish(Matrix& users, Matrix& items) {
    const Matrix* whole = &weights_;
    Matrix late, room;
    if (o_.layers == 0 && o_.late_layers > 0) {
      late = weights_.clone();
      std::vector<float> lengths(nodes());
      if (o_.cosine) train::normalise_rows(late, lengths, run_);        // the length of a vector says nothing where cosines rank
      room = Matrix(nodes(), d());
      Matrix passed(nodes(), d());
      propagate_mean(graph_, late, o_.late_layers, true, passed, room, run_);
      late = std::move(passed);
      whole = &late;
    }
    if (o_.layers > 0) {
      propagate_mean(graph_, weights_, o_.layers, o_.with_own, final_, room_, run_);
      whole = &final_;
    }
    users = Matrix(users_, d());
    items = Matrix(items_, d());
    std::copy_n(whole->data(), users_ * d(), users.data());
    std::copy_n(whole->data() + users_ * d(), items_ * d(), items.data());
    if (!o_.cosine || o_.length == 1) return;
    std::vector<float> lengths(items_);
    train::normalise_rows(items, lengths, run_);
    if (o_.length == 0) return;
    for (std::size_t i = 0; i < items_; ++i) train::multiply_all(items.row(i), std::pow(lengths[i], o_.length));
  }

 private:
  struct Sum {
    double loss, weight;
  };
  std::size_t d() const noexcept { return static_cast<std::size_t>(o_.factors); }
  std::size_t nodes() const noexcept { return users_ + items_; }
  bool is_noisy() const noexcept { return o_.layers > 0 && (o_.noise > 0 || o_.contrast > 0); }
  const Matrix& vectors() const noexcept { return o_.layers > 0 ? final_ : weights_; }

  void forward() {
    if (o_.layers == 0) return;
    if (!is_noisy()) return propagate_mean(graph_, weights_, o_.layers, o_.with_own, final_, room_, run_);
    const std::uint64_t seed = random_.next();
    if (o_.with_own) std::copy_n(weights_.data(), weights_.size(), final_.data());
    else clear(final_);
    for (int k = 1; k <= o_.layers; ++k) {
      propagate(graph_, k == 1 ? weights_ : walk_, room_, run_);
      std::swap(room_, walk_);
      if (o_.noise > 0) add_noise(walk_, seed + static_cast<std::uint64_t>(k));
      add_into(final_, 1, walk_, run_);
      if (k == o_.contrast_layer) std::copy_n(walk_.data(), walk_.size(), view_.data());
    }
    const float share = 1 / static_cast<float>(o_.layers + (o_.with_own ? 1 : 0));
    parallel_for(0, final_.size(), std::size_t{1} << 16, run_, [&](std::size_t first, std::size_t last) {
      train::multiply_all({final_.data() + first, last - first}, share);
    });
  }

  void add_noise(Matrix& m, std::uint64_t seed) {
    parallel_for(0, m.rows(), 1024, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) train::add_noise(m.row(r), seed * 0x9e3779b97f4a7c15u + r * 0xd1342543de82ef95u, o_.noise);
    });
  }

  // --- pairs: BPR, and InfoNCE of what stands in the batch
  Sum pair_gradients(std::span<const std::uint32_t> batch) {
    const Matrix& v = vectors();
    std::vector<std::uint32_t> others(batch.size());
    double loss = 0, weight = 0;
    for (std::size_t k = 0; k < batch.size(); ++k) {
      others[k] = negatives_.draw_unlike(data_.interactions().row_indices(order_[batch[k]]), random_);
      weight += static_cast<double>(pair_weights_[pair_items_[batch[k]]]);
    }
    const auto share = static_cast<float>(1 / weight);
    touched_.clear();
    for (std::size_t k = 0; k < batch.size(); ++k) {
      const std::size_t u = order_[batch[k]], item = pair_items_[batch[k]], i = users_ + item, j = users_ + others[k];
      const float w = pair_weights_[item];
      const train::PairLoss one = train::bpr(dot(v.row(u), v.row(i)), dot(v.row(u), v.row(j)));
      loss += static_cast<double>(w) * one.loss;
      const float slope = w * share * one.slope;
      axpy(slope, v.row(i), gradient_.row(u));
      axpy(-slope, v.row(j), gradient_.row(u));
      axpy(slope, v.row(u), gradient_.row(i));
      axpy(-slope, v.row(u), gradient_.row(j));
      for (const std::size_t node : {u, i, j}) touched_.push_back(static_cast<std::uint32_t>(node));
    }
    if (o_.contrast > 0) loss += weight * contrast(batch);
    pulled_ = touched_;                                                // once an occurrence, as published
    pull_ = o_.reg / static_cast<float>(batch.size());
    sort_unique(touched_);
    return {loss, weight};
  }

  double contrast(std::span<const std::uint32_t> batch) {
    double loss = 0;
    std::vector<std::uint32_t> nodes[2];
    for (const std::uint32_t pair : batch) {
      nodes[0].push_back(order_[pair]);
      nodes[1].push_back(static_cast<std::uint32_t>(users_) + pair_items_[pair]);
    }
    for (std::vector<std::uint32_t>& side : nodes) {
      sort_unique(side);
      const Matrix a = gathered(final_, side), b = gathered(view_, side);
      Matrix da(side.size(), d()), db(side.size(), d());
      loss += static_cast<double>(o_.contrast) * train::info_nce(a, b, o_.contrast_tau, da, db, run_);
      for (std::size_t k = 0; k < side.size(); ++k) {
        axpy(o_.contrast, da.row(k), gradient_.row(side[k]));
        axpy(o_.contrast, db.row(k), view_gradient_.row(side[k]));
      }
    }
    return loss;
  }

  // --- users: all their items against the catalogue
  Sum user_gradients(std::span<const std::uint32_t> batch) {
    const CatalogueLoss::Sum sum = catalogue_loss_.gradients(batch, vectors(), gradient_, random_, run_);
    touched_ = catalogue_loss_.touched();
    pulled_ = touched_;
    pull_ = o_.reg / static_cast<float>(batch.size());
    return {sum.loss, sum.weight};
  }

  // --- back along the graph, and a step
  void backward_and_step() {
    Matrix* by_weights = &gradient_;
    if (o_.layers > 0) {
      if (is_noisy()) backward_noisy();
      else propagate_mean(graph_, gradient_, o_.layers, o_.with_own, back_, room_, run_);
      by_weights = &back_;
    }
    if (pull_ > 0)
      for (const std::uint32_t node : pulled_) axpy(pull_, weights_.row(node), by_weights->row(node));
    if (o_.layers > 0) {
      adam_.step(weights_, back_, run_);
      clear_rows(gradient_, touched_);
      if (is_noisy()) clear(view_gradient_);
    } else {
      adam_.step_rows(weights_, gradient_, touched_, run_);
      clear_rows(gradient_, touched_);
    }
  }

  // Noise does not depend on the weights, so the gradient is A (g_1 + A (g_2 + ...)) with g_k = what layer k gave to.
  void backward_noisy() {
    const float share = 1 / static_cast<float>(o_.layers + (o_.with_own ? 1 : 0));
    clear(back_);
    for (int k = o_.layers; k >= 1; --k) {
      add_into(back_, share, gradient_, run_);
      if (k == o_.contrast_layer) add_into(back_, 1, view_gradient_, run_);
      propagate(graph_, back_, room_, run_);
      std::swap(back_, room_);
    }
    if (o_.with_own) add_into(back_, share, gradient_, run_);
  }

  const data::Dataset& data_;
  const EmbeddingOptions& o_;
  const Run& run_;
  std::size_t users_, items_;
  Random random_;
  train::Negatives negatives_;
  std::vector<float> pair_weights_;    // [items]
  CatalogueLoss catalogue_loss_;
  Graph graph_;
  Matrix weights_, gradient_;          // [nodes, d]: what is learned; gradient by the final vectors
  Matrix final_, room_, back_, view_, view_gradient_, walk_;
  train::Adam adam_;
  std::vector<std::uint32_t> order_;   // bpr: user of every pair; else the users with items
  std::vector<std::uint32_t> pair_items_, pairs_, touched_, pulled_;
  float pull_ = 0;
};

void check_memory(const data::Dataset& data, const EmbeddingOptions& o, const Run& run) {
  const std::size_t nodes = data.user_count() + data.item_count(), d = static_cast<std::size_t>(o.factors);
  const std::size_t copies = 6 + (o.layers > 0 ? 3 : 0) + (o.noise > 0 || o.contrast > 0 ? 3 : 0);
  std::size_t needed = nodes * d * copies * sizeof(float) + data.interactions().nnz() * (o.layers > 0 ? 20 : 12);
  if (o.loss != EmbeddingLoss::bpr) needed += CatalogueLoss::kBlock * data.item_count() * sizeof(float) + 2 * data.item_count() * d * sizeof(float);
  if (needed > run.memory_bytes)
    throw Error(Code::bad_request, o.model + " needs " + std::to_string(needed >> 20) + " MB for " + std::to_string(data.user_count()) + " users and " +
                                       std::to_string(data.item_count()) + " items with " + std::to_string(d) + " factors, the budget is " +
                                       std::to_string(run.memory_bytes >> 20) + " MB; lower " + o.model + ".factors or raise [memory] budget");
}

}  // namespace

void check_embedding_options(const EmbeddingOptions& o) {
  const auto hold = [&](bool is_good, const char* name, const char* range) {
    if (!is_good) throw Error(Code::bad_request, o.model + "." + name + " must be " + range);
  };
  hold(o.factors >= 1 && o.factors <= 4096, "factors", "1..4096");
  hold(o.layers >= 0 && o.layers <= 8, "layers", "0..8");
  hold(o.epochs >= 1 && o.epochs <= 100000, "epochs", "1..100000");
  hold(o.patience >= 0, "patience", ">= 0");
  hold(o.judge_every >= 1, "judge_every", ">= 1");
  hold(o.batch >= 1, "batch", ">= 1");
  hold(o.lr > 0 && o.lr <= 10, "lr", "above 0, at most 10");
  hold(o.lr_end >= 0 && o.lr_end <= 1, "lr_end", "0..1");
  hold(o.length >= 0 && o.length <= 1, "length", "0..1");
  hold(o.late_layers >= 0 && o.late_layers <= 8, "late_layers", "0..8");
  hold(o.reg >= 0, "reg", ">= 0");
  hold(o.init > 0, "init", "above 0");
  hold(o.negatives >= 0, "negatives", ">= 0");
  hold(o.tau > 0, "tau", "above 0");
  hold(o.negative_weight >= 0, "negative_weight", ">= 0");
  hold(o.propensity.power >= 0 && o.propensity.power <= 2, "ips_power", "0..2");
  hold(o.propensity.clip > 0 && o.propensity.clip <= 1, "ips_clip", "above 0, at most 1");
  hold(o.noise >= 0, "noise", ">= 0");
  hold(o.contrast >= 0, "contrast", ">= 0");
  hold(o.contrast_tau > 0, "contrast_tau", "above 0");
  hold(o.contrast == 0 || (o.contrast_layer >= 1 && o.contrast_layer <= o.layers), "contrast_layer", "1..layers");
}

Embeddings train_embeddings(const data::Dataset& data, const EmbeddingOptions& options, const Run& run) {
  check_embedding_options(options);
  if (data.interactions().nnz() == 0) throw Error(Code::bad_data, options.model + " has nothing to learn from: no event has a positive weight");
  check_memory(data, options, run);
  run.report(options.model, 0, static_cast<std::size_t>(options.epochs));
  Trainer trainer(data, options, run);
  EarlyStop stop(data, {.model = options.model, .patience = options.patience}, run);
  Embeddings best;
  for (int epoch = 1; epoch <= options.epochs && !stop.is_over(); ++epoch) {
    run.record(options.model + "/loss", static_cast<std::size_t>(epoch), trainer.epoch(epoch));
    run.report(options.model, static_cast<std::size_t>(epoch), static_cast<std::size_t>(options.epochs));
    const bool is_last = epoch == options.epochs;
    if (!is_last && (!stop.has_cases() || epoch % options.judge_every != 0)) continue;
    Matrix users, items;
    trainer.finish(users, items);
    const auto scores = [&](const data::Case& asked, std::span<float> out) {
      if (to_index(asked.user) < users.rows()) row_dots(items, users.row(to_index(asked.user)), out);
      else std::fill(out.begin(), out.end(), 0.0f);
    };
    if (!stop.judge(epoch, scores, run)) continue;
    best.users = std::move(users);
    best.items = std::move(items);
    best.epochs = stop.best_epoch();
  }
  return best;
}

}  // namespace attune::model
