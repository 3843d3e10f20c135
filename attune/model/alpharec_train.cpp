// AlphaRec's training. Linear: rows that have passed along the graph, times one matrix. Hidden layer: map, graph, loss, and all the way
// back, the whole graph every step, as published.
#include "attune/model/alpharec_train.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/tall.h"
#include "attune/model/catalogue_loss.h"
#include "attune/model/early_stop.h"
#include "attune/model/graph.h"
#include "attune/train/adam.h"
#include "attune/train/losses.h"

namespace attune::model {
namespace {

constexpr float kLeak = 0.01f;

void add_row(Matrix& m, std::span<const float> row) {
  for (std::size_t r = 0; r < m.rows() && !row.empty(); ++r) axpy(1, row, m.row(r));
}
void leak(Matrix& m) {
  for (float& x : m.all()) x = x > 0 ? x : kLeak * x;
}

Matrix random_map(std::size_t from, std::size_t to, float gain, Random& random) {
  Matrix m(from, to);
  const float sd = std::sqrt(gain / static_cast<float>(std::max<std::size_t>(from, 1)));
  for (float& x : m.all()) x = sd * static_cast<float>(random.normal());
  return m;
}

// A matrix or a row of weights with its gradient and its Adam.
struct Learned {
  Matrix weights, gradient;
  train::Adam adam;
  Learned(Matrix start, float lr) : weights(std::move(start)), gradient(weights.rows(), weights.cols()), adam(weights.rows(), weights.cols(), {.rate = lr}) {}
  void step(const Run& run) { adam.step(weights, gradient, run); }
};

void sum_rows(MatrixView m, Matrix& out) {
  std::fill_n(out.data(), out.size(), 0.0f);
  for (std::size_t r = 0; r < m.rows; ++r) axpy(1, m.row(r), out.row(0));
}

class AlphaTrainer {
 public:
  AlphaTrainer(const data::Dataset& data, MatrixView item_texts, const AlphaOptions& options, const Run& run)
      : data_(data), o_(options), run_(run), random_(run.seed), pair_weights_(train::inverse_propensity_weights(data.popularity(), options.propensity)),
        loss_(data, {.tau = options.tau, .negatives = options.negatives}, pair_weights_), graph_(make_graph(data.interactions(), data.audience())),
        rows_(node_texts(data, item_texts, run)), hidden_(random_map(o_.is_linear ? 0 : rows_.cols(), o_.is_linear ? 0 : width(), 2, random_), o_.lr),
        hidden_bias_(Matrix(1, o_.is_linear ? 0 : width()), o_.lr), last_(random_map(o_.is_linear ? rows_.cols() : width(), d(), 1, random_), o_.lr),
        last_bias_(Matrix(1, o_.is_linear ? 0 : d()), o_.lr), start_(nodes(), d()), final_(nodes(), d()), room_(nodes(), d()), gradient_(nodes(), d()) {
    if (o_.is_linear) {                                  // the graph and the map trade places: walk it once, over the texts
      Matrix passed(nodes(), rows_.cols()), room(nodes(), rows_.cols());
      propagate_mean(graph_, rows_, o_.layers, true, passed, room, run);
      rows_ = std::move(passed);
    } else {
      inner_ = Matrix(nodes(), width());
      inner_gradient_ = Matrix(nodes(), width());
    }
    for (std::size_t u = 0; u < data.user_count(); ++u)
      if (data.interactions().row_size(u) > 0) order_.push_back(static_cast<std::uint32_t>(u));
  }

  double epoch() {
    random_.shuffle(std::span(order_));
    double loss = 0, weight = 0;
    for (std::size_t first = 0; first < order_.size(); first += static_cast<std::size_t>(o_.batch)) {
      run_.check();
      forward();
      std::memset(gradient_.data(), 0, gradient_.size_bytes());
      const CatalogueLoss::Sum sum =
          loss_.gradients({order_.data() + first, std::min(order_.size() - first, static_cast<std::size_t>(o_.batch))}, final_, gradient_, random_, run_);
      check_loss("alpharec", last_.adam.steps() + 1, sum.loss);
      backward();
      loss += sum.loss;
      weight += sum.weight;
    }
    return loss / std::max(weight, 1e-30);
  }

  void forward() {
    if (o_.is_linear) return multiply(rows_, last_.weights, final_);
    multiply(rows_, hidden_.weights, inner_);
    parallel_for(0, nodes(), 1024, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) {
        const std::span<float> row = inner_.row(r);
        axpy(1, hidden_bias_.weights.row(0), row);
        for (float& x : row) x = x > 0 ? x : kLeak * x;
      }
    });
    multiply(inner_, last_.weights, start_);
    add_row(start_, last_bias_.weights.row(0));
    propagate_mean(graph_, start_, o_.layers, true, final_, room_, run_);
  }
  const Matrix& vectors() const noexcept { return final_; }

  TextMap map() const {
    TextMap m{.hidden = hidden_.weights.clone(), .last = last_.weights.clone()};
    m.hidden_bias.assign(hidden_bias_.weights.all().begin(), hidden_bias_.weights.all().end());
    m.last_bias.assign(last_bias_.weights.all().begin(), last_bias_.weights.all().end());
    return m;
  }

 private:
  std::size_t d() const noexcept { return static_cast<std::size_t>(o_.factors); }
  std::size_t width() const noexcept { return static_cast<std::size_t>(o_.hidden); }
  std::size_t nodes() const noexcept { return data_.user_count() + data_.item_count(); }

  void backward() {
    if (o_.is_linear) {
      multiply(rows_, gradient_, last_.gradient, {.transpose_a = true});
      return last_.step(run_);
    }
    propagate_mean(graph_, gradient_, o_.layers, true, start_, room_, run_);   // `start_` now holds its own gradient
    multiply(inner_, start_, last_.gradient, {.transpose_a = true});
    sum_rows(start_, last_bias_.gradient);
    multiply(start_, last_.weights, inner_gradient_, {.transpose_b = true});
    parallel_for(0, inner_.size(), std::size_t{1} << 16, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k)
        if (inner_.data()[k] <= 0) inner_gradient_.data()[k] *= kLeak;
    });
    multiply(rows_, inner_gradient_, hidden_.gradient, {.transpose_a = true});
    sum_rows(inner_gradient_, hidden_bias_.gradient);
    for (Learned* one : {&hidden_, &hidden_bias_, &last_, &last_bias_}) one->step(run_);
  }

  const data::Dataset& data_;
  const AlphaOptions& o_;
  const Run& run_;
  Random random_;
  std::vector<float> pair_weights_;
  CatalogueLoss loss_;
  Graph graph_;
  Matrix rows_;                        // texts of the nodes; linear: passed along the graph
  Learned hidden_, hidden_bias_, last_, last_bias_;
  Matrix start_, final_, room_, gradient_, inner_, inner_gradient_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

Matrix node_texts(const data::Dataset& data, MatrixView item_texts, const Run& run) {
  const std::size_t users = data.user_count(), d = item_texts.cols;
  Matrix rows(users + data.item_count(), d);
  std::copy_n(item_texts.data, item_texts.rows * d, rows.data() + users * d);
  parallel_for(0, users, 256, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t u = first; u < last; ++u) {
      const auto items = data.interactions().row_indices(u);
      const auto weights = data.interactions().row_values(u);
      double sum = 0;
      for (const float w : weights) sum += static_cast<double>(w);
      for (std::size_t k = 0; k < items.size(); ++k) axpy(static_cast<float>(static_cast<double>(weights[k]) / sum), item_texts.row(items[k]), rows.row(u));
    }
  });
  return rows;
}

Matrix apply(const TextMap& map, MatrixView rows) {
  if (map.is_linear()) return multiply(rows, map.last);
  Matrix inner = multiply(rows, map.hidden);
  add_row(inner, map.hidden_bias);
  leak(inner);
  Matrix out = multiply(inner, map.last);
  add_row(out, map.last_bias);
  return out;
}

AlphaFit train_alpharec(const data::Dataset& data, MatrixView item_texts, const AlphaOptions& options, const Run& run) {
  run.report("alpharec", 0, static_cast<std::size_t>(options.epochs));
  AlphaTrainer trainer(data, item_texts, options, run);
  EarlyStop stop(data, {.model = "alpharec", .patience = options.patience}, run);
  AlphaFit best;
  for (int epoch = 1; epoch <= options.epochs && !stop.is_over(); ++epoch) {
    run.record("alpharec/loss", static_cast<std::size_t>(epoch), trainer.epoch());
    run.report("alpharec", static_cast<std::size_t>(epoch), static_cast<std::size_t>(options.epochs));
    if (epoch != options.epochs && (!stop.has_cases() || epoch % options.judge_every != 0)) continue;
    trainer.forward();
    Matrix items(data.item_count(), trainer.vectors().cols());
    std::copy_n(trainer.vectors().row(data.user_count()).data(), items.size(), items.data());
    std::vector<float> lengths(items.rows());
    train::normalise_rows(items, lengths, run);
    const auto scores = [&](const data::Case& asked, std::span<float> out) {
      if (to_index(asked.user) < data.user_count()) row_dots(items, trainer.vectors().row(to_index(asked.user)), out);
      else std::fill(out.begin(), out.end(), 0.0f);
    };
    if (stop.judge(epoch, scores, run)) best = {.map = trainer.map(), .epochs = stop.best_epoch()};
  }
  return best;
}

}  // namespace attune::model
