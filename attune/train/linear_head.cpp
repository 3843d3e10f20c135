// Linear head: weights stand feature by feature, so that a sparse entry touches one run of numbers.
#include "attune/train/linear_head.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/train/lbfgs.h"
#include "attune/train/products.h"
#include "attune/train/row_kernels.h"

namespace attune::train {
namespace {

constexpr float kCoolest = 0.05f, kHottest = 20.0f;

void add_scores(const FeatureRows& rows, const Matrix& weights, std::size_t dense, Matrix& out, const Run& run) {
  const std::size_t n = rows.count(), classes = weights.cols();
  if (dense > 0) product({.rows = n, .inner = dense, .cols = classes, .a = rows.dense.data, .b = weights.data(), .c = out.data(), .add = true}, run);
  const auto intercepts = weights.row(weights.rows() - 1);
  parallel_for(0, n, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      add(intercepts, out.row(r));
      if (rows.sparse == nullptr) continue;
      const auto columns = rows.sparse->row_indices(r);
      const auto values = rows.sparse->row_values(r);
      for (std::size_t k = 0; k < columns.size(); ++k) axpy(values[k], weights.row(dense + columns[k]), out.row(r));
    }
  });
}

// Mean cross-entropy and its slope by the weights.
class CrossEntropy {
 public:
  CrossEntropy(const FeatureRows& rows, std::span<const std::uint32_t> labels, std::vector<float> row_weights, std::size_t classes, const HeadOptions& options, const Run& run)
      : rows_(rows), labels_(labels), row_weights_(std::move(row_weights)), options_(options), run_(run), dense_(rows.dense.cols),
        errors_(rows.count(), classes), losses_(rows.count()) {
    if (rows.sparse != nullptr) turned_ = transpose(*rows.sparse);
  }

  double operator()(const Matrix& weights, Matrix& slope) {
    const std::size_t n = rows_.count(), classes = weights.cols();
    std::fill(errors_.all().begin(), errors_.all().end(), 0.0f);
    add_scores(rows_, weights, dense_, errors_, run_);
    parallel_for(0, n, 64, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) losses_[r] = errors_of(r);
    });
    if (dense_ > 0) product_left_turned({.rows = dense_, .inner = n, .cols = classes, .a = rows_.dense.data, .b = errors_.data(), .c = slope.data()}, run_);
    parallel_for(0, turned_.rows, 256, run_, [&](std::size_t first, std::size_t last) {
      for (std::size_t f = first; f < last; ++f) {
        const auto out = slope.row(dense_ + f);
        std::fill(out.begin(), out.end(), 0.0f);
        for (std::size_t k = 0; k < turned_.row_size(f); ++k) axpy(turned_.row_values(f)[k], errors_.row(turned_.row_indices(f)[k]), out);
      }
    });
    const auto intercepts = slope.row(slope.rows() - 1);
    std::fill(intercepts.begin(), intercepts.end(), 0.0f);
    for (std::size_t r = 0; r < n; ++r) add(errors_.row(r), intercepts);
    const std::size_t pulled = (weights.rows() - 1) * classes;
    axpy(options_.reg, weights.all().first(pulled), slope.all().first(pulled));
    double loss = 0.5 * static_cast<double>(options_.reg) * inner(weights.all().first(pulled), weights.all().first(pulled));
    for (const double one : losses_) loss += one;
    return loss;
  }

 private:
  // Scores become the slope of the loss by them, times the row's weight; returns the loss.
  double errors_of(std::size_t r) {
    const auto row = errors_.row(r);
    const float weight = row_weights_[r], spread = options_.smoothing / static_cast<float>(row.size());
    double wrong = 0;
    if (spread > 0) {
      double sum = 0;
      for (const float s : row) sum += static_cast<double>(s);
      wrong = static_cast<double>(options_.smoothing) * (static_cast<double>(row[labels_[r]]) - sum / static_cast<double>(row.size()));
    }
    const double loss = softmax_gradient(row, labels_[r], weight);
    if (spread > 0) {
      for (float& g : row) g -= weight * spread;
      row[labels_[r]] += weight * options_.smoothing;
    }
    return static_cast<double>(weight) * (loss + wrong);
  }

  FeatureRows rows_;
  std::span<const std::uint32_t> labels_;
  std::vector<float> row_weights_;
  HeadOptions options_;
  const Run& run_;
  std::size_t dense_;
  Matrix errors_;               // [n, classes]
  std::vector<double> losses_;  // [n]
  Sparse turned_;               // the sparse rows the other way round
};

void check(const FeatureRows& rows, std::span<const std::uint32_t> labels, std::size_t classes, std::span<const float> weights, const HeadOptions& options) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "linear head: " + what); };
  const std::size_t n = rows.count();
  if (n == 0) throw Error(Code::bad_data, "a linear head has nothing to learn from: no rows");
  if (rows.sparse != nullptr && rows.dense.cols > 0 && rows.dense.rows != n)
    refuse("expected as many dense rows as sparse ones, got " + std::to_string(rows.dense.rows) + " and " + std::to_string(n));
  if (classes < 2) refuse("classes must be 2 or more, got " + std::to_string(classes));
  if (labels.size() != n) refuse("expected " + std::to_string(n) + " labels, got " + std::to_string(labels.size()));
  if (!weights.empty() && weights.size() != n) refuse("expected " + std::to_string(n) + " weights, got " + std::to_string(weights.size()));
  if (!(options.reg > 0)) refuse("reg must be above 0, got " + std::to_string(options.reg));
  if (!(options.smoothing >= 0 && options.smoothing <= 0.5f)) refuse("smoothing must be 0..0.5, got " + std::to_string(options.smoothing));
  for (const std::uint32_t label : labels)
    if (label >= classes) refuse("label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes));
  for (const float w : weights)
    if (!(w >= 0) || !std::isfinite(w)) refuse("weights must be 0 or more");
  for (std::size_t r = 0; r < rows.dense.rows; ++r)
    for (const float x : rows.dense.row(r))
      if (!std::isfinite(x)) throw Error(Code::bad_data, "a linear head cannot learn from row " + std::to_string(r) + ": it holds numbers that are none");
}

// Shares that sum to 1.
std::vector<float> shares_of(std::span<const std::uint32_t> labels, std::size_t classes, std::span<const float> weights, bool balanced) {
  std::vector<double> shares(labels.size(), 1.0), by_class(classes);
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (!weights.empty()) shares[r] = static_cast<double>(weights[r]);
    by_class[labels[r]] += shares[r];
  }
  double sum = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (balanced && by_class[labels[r]] > 0) shares[r] /= by_class[labels[r]];
    sum += shares[r];
  }
  if (!(sum > 0)) throw Error(Code::bad_data, "a linear head has nothing to learn from: all rows count nothing");
  std::vector<float> made;
  for (const double share : shares) made.push_back(static_cast<float>(share / sum));
  return made;
}

double surprise(MatrixView scores, std::span<const std::uint32_t> labels, double temperature) {
  double sum = 0;
  for (std::size_t r = 0; r < scores.rows; ++r) {
    const auto row = scores.row(r);
    const double top = static_cast<double>(*std::max_element(row.begin(), row.end()));
    double all = 0;
    for (const float s : row) all += std::exp((static_cast<double>(s) - top) / temperature);
    sum += std::log(all) - (static_cast<double>(row[labels[r]]) - top) / temperature;
  }
  return sum;
}

}  // namespace

LinearHead LinearHead::fit(const FeatureRows& rows, std::span<const std::uint32_t> labels, std::size_t classes, std::span<const float> weights,
                           const HeadOptions& options, const Run& run) {
  check(rows, labels, classes, weights, options);
  LinearHead head;
  head.dense_ = rows.dense.cols;
  head.weights_ = Matrix(head.dense_ + (rows.sparse != nullptr ? rows.sparse->cols : 0) + 1, classes);
  CrossEntropy loss(rows, labels, shares_of(labels, classes, weights, options.balanced), classes, options, run);
  minimise(std::ref(loss), head.weights_, options.steps, "fitting the head", run);
  return head;
}

void LinearHead::check_width(const FeatureRows& rows) const {
  const std::size_t sparse = rows.sparse != nullptr ? rows.sparse->cols : 0;
  if (weights_.empty()) throw Error(Code::bad_request, "a linear head that was never fitted cannot score");
  if (rows.dense.cols != dense_ || sparse != sparse_dim())
    throw Error(Code::bad_request, "a linear head expects " + std::to_string(dense_) + " dense and " + std::to_string(sparse_dim()) + " sparse features, got " +
                                       std::to_string(rows.dense.cols) + " and " + std::to_string(sparse));
}

Matrix LinearHead::scores(const FeatureRows& rows, const Run& run) const {
  check_width(rows);
  Matrix out(rows.count(), classes());
  add_scores(rows, weights_, dense_, out, run);
  return out;
}

Matrix LinearHead::chances(const FeatureRows& rows, const Run& run) const {
  Matrix out = scores(rows, run);
  softmax_rows(out, temperature_, run);
  return out;
}

void LinearHead::calibrate(const FeatureRows& held_out, std::span<const std::uint32_t> labels, const Run& run) {
  if (labels.size() != held_out.count())
    throw Error(Code::bad_request, "calibration: expected " + std::to_string(held_out.count()) + " labels, got " + std::to_string(labels.size()));
  temperature_ = best_temperature(scores(held_out, run), labels);
}

void LinearHead::set_temperature(float temperature) {
  if (!(temperature > 0)) throw Error(Code::bad_request, "linear head: the temperature must be above 0, got " + std::to_string(temperature));
  temperature_ = temperature;
}

bool LinearHead::learn(const FeatureRows& rows, std::size_t r, std::uint32_t label, float margin, float most) {
  check_width(rows);
  if (label >= classes()) throw Error(Code::bad_request, "linear head: label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes()));
  std::vector<float> score(weights_.row(weights_.rows() - 1).begin(), weights_.row(weights_.rows() - 1).end());
  double length = 1;   // the intercept's feature
  const auto each = [&](const auto& touch) {
    for (std::size_t d = 0; d < dense_; ++d) touch(d, rows.dense(r, d));
    if (rows.sparse != nullptr)
      for (std::size_t k = 0; k < rows.sparse->row_size(r); ++k) touch(dense_ + rows.sparse->row_indices(r)[k], rows.sparse->row_values(r)[k]);
  };
  each([&](std::size_t f, float x) {
    axpy(x, weights_.row(f), std::span(score));
    length += static_cast<double>(x) * static_cast<double>(x);
  });
  // Every rival too near is pushed away and the label pulled up as often; a few rounds settle who still leads.
  std::vector<float> moves(classes());
  bool has_changed = false;
  for (int round = 0; round < 50; ++round) {
    std::size_t rival = label == 0 ? 1 : 0;
    for (std::size_t c = 0; c < score.size(); ++c)
      if (c != label && score[c] > score[rival]) rival = c;
    const float lack = margin - (score[label] - score[rival]);
    if (!(lack > 1e-4f)) break;
    const float move = std::min(most, lack / static_cast<float>(2 * length));
    moves[label] += move, moves[rival] -= move;
    score[label] += move * static_cast<float>(length), score[rival] -= move * static_cast<float>(length);
    has_changed = true;
  }
  if (!has_changed) return false;
  each([&](std::size_t f, float x) { axpy(x, moves, weights_.row(f)); });
  add(moves, weights_.row(weights_.rows() - 1));
  return true;
}

void LinearHead::save(ByteWriter& out) const {
  out.text("linear head 1");
  out.number(static_cast<std::uint64_t>(dense_));
  out.number(temperature_);
  out.matrix(weights_);
}

LinearHead LinearHead::load(ByteReader& in) {
  LinearHead head;
  if (in.text() != "linear head 1") throw Error(Code::bad_data, "a saved linear head is damaged or of another version; train again");
  head.dense_ = in.number<std::uint64_t>();
  head.temperature_ = in.number<float>();
  head.weights_ = in.matrix();
  if (head.weights_.rows() < head.dense_ + 1 || !(head.temperature_ > 0)) throw Error(Code::bad_data, "a saved linear head is damaged: its parts do not fit together; train again");
  return head;
}

void softmax_rows(Matrix& scores, float temperature, const Run& run) {
  parallel_for(0, scores.rows(), 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      const auto row = scores.row(r);
      const float top = *std::max_element(row.begin(), row.end());
      double sum = 0;
      for (float& s : row) {
        s = std::exp((s - top) / temperature);
        sum += static_cast<double>(s);
      }
      for (float& s : row) s = static_cast<float>(static_cast<double>(s) / sum);
    }
  });
}

float best_temperature(MatrixView scores, std::span<const std::uint32_t> labels) {
  if (scores.rows == 0) return 1;
  // Golden section over the logarithm: the surprise has one valley there.
  double low = std::log(static_cast<double>(kCoolest)), high = std::log(static_cast<double>(kHottest));
  for (int step = 0; step < 40; ++step) {
    const double a = high - 0.618034 * (high - low), b = low + 0.618034 * (high - low);
    if (surprise(scores, labels, std::exp(a)) < surprise(scores, labels, std::exp(b))) high = b;
    else low = a;
  }
  return static_cast<float>(std::exp((low + high) / 2));
}

}  // namespace attune::train
