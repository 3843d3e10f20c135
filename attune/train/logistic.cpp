// Logistic regression by Newton steps, halved while the loss does not fall.
#include "attune/train/logistic.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "attune/core/error.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/matrix.h"

namespace attune::train {
namespace {

constexpr int kMostSteps = 50;
constexpr double kSmallRidge = 1e-6;   // of the intercept: keeps the system definite when all labels are the same

double chance_of(double x) { return x > 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }

double margin(const Sparse& rows, std::size_t r, const std::vector<double>& w) {
  double x = w.back();
  for (std::size_t k = 0; k < rows.row_size(r); ++k) x += w[rows.row_indices(r)[k]] * static_cast<double>(rows.row_values(r)[k]);
  return x;
}

double pull_of(std::size_t k, std::size_t d, double reg) { return k + 1 == d ? kSmallRidge : reg; }

double loss_of(const Sparse& rows, std::span<const float> labels, double reg, const std::vector<double>& w) {
  double loss = 0;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const double x = margin(rows, r, w);
    loss += std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))) - static_cast<double>(labels[r]) * x;
  }
  for (std::size_t k = 0; k < w.size(); ++k) loss += 0.5 * pull_of(k, w.size(), reg) * w[k] * w[k];
  return loss;
}

// The step of Newton's method: the Hessian's inverse times the gradient.
std::vector<double> newton_step(const Sparse& rows, std::span<const float> labels, double reg, const std::vector<double>& w) {
  const std::size_t d = w.size();
  std::vector<double> hessian(d * d), gradient(d);
  std::vector<std::pair<std::size_t, double>> row;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    row.clear();
    for (std::size_t k = 0; k < rows.row_size(r); ++k) row.emplace_back(rows.row_indices(r)[k], static_cast<double>(rows.row_values(r)[k]));
    row.emplace_back(d - 1, 1.0);
    const double p = chance_of(margin(rows, r, w)), curve = std::max(p * (1 - p), 1e-12);
    for (const auto& [a, x] : row) {
      gradient[a] += (p - static_cast<double>(labels[r])) * x;
      for (const auto& [b, y] : row) hessian[a * d + b] += curve * x * y;
    }
  }
  Matrix h(d, d), g(d, 1);
  for (std::size_t k = 0; k < d; ++k) {
    hessian[k * d + k] += pull_of(k, d, reg);
    gradient[k] += pull_of(k, d, reg) * w[k];
    g(k, 0) = static_cast<float>(gradient[k]);
  }
  for (std::size_t k = 0; k < d * d; ++k) h.data()[k] = static_cast<float>(hessian[k]);
  solve_spd(h, g, "logistic regression");
  return {g.data(), g.data() + d};
}

}  // namespace

Logistic Logistic::fit(const Sparse& rows, std::span<const float> labels, float reg, const Run& run) {
  if (rows.rows == 0) throw Error(Code::bad_data, "logistic regression has nothing to learn from: no rows");
  if (labels.size() != rows.rows)
    throw Error(Code::bad_request, "logistic regression: expected " + std::to_string(rows.rows) + " labels, got " + std::to_string(labels.size()));
  if (!(reg > 0)) throw Error(Code::bad_request, "logistic regression: reg must be above 0, got " + std::to_string(reg));
  for (const float y : labels)
    if (!(y >= 0 && y <= 1)) throw Error(Code::bad_request, "logistic regression: labels must be 0..1, got " + std::to_string(y));
  Logistic model;
  model.weights_.resize(rows.cols + 1);
  std::vector<double>& w = model.weights_;
  double loss = loss_of(rows, labels, static_cast<double>(reg), w);
  for (int step = 0; step < kMostSteps; ++step) {
    run.check();
    const std::vector<double> move = newton_step(rows, labels, static_cast<double>(reg), w);
    double length = 1, next = 0;
    std::vector<double> tried(w.size());
    for (; length > 1e-6; length /= 2) {
      for (std::size_t k = 0; k < w.size(); ++k) tried[k] = w[k] - length * move[k];
      next = loss_of(rows, labels, static_cast<double>(reg), tried);
      if (next < loss) break;
    }
    if (!(next < loss)) break;
    const bool is_done = loss - next < 1e-9 * (1 + std::abs(loss));
    w = tried;
    loss = next;
    if (is_done) break;
  }
  return model;
}

double Logistic::chance(std::span<const std::uint32_t> columns, std::span<const float> values) const {
  double x = weights_.back();
  for (std::size_t k = 0; k < columns.size(); ++k) x += weights_[columns[k]] * static_cast<double>(values[k]);
  return chance_of(x);
}

}  // namespace attune::train
