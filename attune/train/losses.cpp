// Losses: sums in double, scores in float; softmax is taken from the largest score, so nothing overflows.
#include "attune/train/losses.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/train/block_products.h"
#include "attune/train/rows.h"

namespace attune::train {
namespace {

float weight_of(const RowScores& row, std::size_t p) { return row.weights.empty() ? 1.0f : row.weights[p]; }

}  // namespace

PairLoss bpr(float positive, float negative) {
  const double gap = static_cast<double>(positive) - static_cast<double>(negative);
  const double wrong = 1 / (1 + std::exp(gap));                       // sigma(-gap)
  const double loss = gap > 0 ? std::log1p(std::exp(-gap)) : -gap + std::log1p(std::exp(gap));
  return {.loss = loss, .slope = static_cast<float>(-wrong)};
}

double softmax_loss(RowScores row, float tau, float each) {
  const float top = std::max(largest(row.negatives), largest(row.positives));
  if (!std::isfinite(top)) {                                          // no score at all, or one that diverged
    std::fill(row.slopes.begin(), row.slopes.end(), 0.0f);
    std::fill(row.negatives.begin(), row.negatives.end(), 0.0f);
    return row.positives.empty() ? 0 : static_cast<double>(top);
  }
  const double others = static_cast<double>(each) * exp_all(row.negatives, top, 1 / tau);
  double loss = 0, share = 0;
  for (std::size_t p = 0; p < row.positives.size(); ++p) {
    const double x = static_cast<double>(row.positives[p] - top) / static_cast<double>(tau), e = std::exp(x);
    const auto w = static_cast<double>(weight_of(row, p));
    loss += w * (std::log(e + others) - x);
    share += w / (e + others);
    row.slopes[p] = static_cast<float>(-w * others / (e + others) / static_cast<double>(tau));
  }
  multiply_all(row.negatives, static_cast<float>(share * static_cast<double>(each) / static_cast<double>(tau)));
  return loss;
}

double contrastive_loss(RowScores row, float margin, float weight) {
  double total = 0, loss = 0, above = 0;
  for (std::size_t p = 0; p < row.positives.size(); ++p) {
    const float w = weight_of(row, p);
    total += static_cast<double>(w);
    loss += static_cast<double>(w) * (1 - static_cast<double>(row.positives[p]));
    row.slopes[p] = -w;
  }
  std::size_t counted = 0;
  for (const float s : row.negatives) counted += s > -std::numeric_limits<float>::infinity() ? 1 : 0;
  const double each = counted == 0 ? 0 : total * static_cast<double>(weight) / static_cast<double>(counted);
  for (float& s : row.negatives) {
    const bool is_above = s > margin;
    if (is_above) above += static_cast<double>(s - margin);
    s = is_above ? static_cast<float>(each) : 0.0f;
  }
  return loss + each * above;
}

void normalise_rows(Matrix& m, std::span<float> lengths, const Run& run) {
  parallel_for(0, m.rows(), 1024, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) lengths[r] = normalise(m.row(r));
  });
}

void backward_normalise(std::span<const float> unit, float length, std::span<float> gradient) {
  if (length == 0) {                                                  // no direction: nothing can be said
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    return;
  }
  axpy(-dot(unit, gradient), unit, gradient);
  multiply_all(gradient, 1 / length);
}

double info_nce(MatrixView a, MatrixView b, float tau, Matrix& da, Matrix& db, const Run& run) {
  constexpr std::size_t kBlock = 256;
  const std::size_t n = a.rows, d = a.cols;
  if (n == 0) return 0;
  Matrix ua(n, d), ub(n, d);
  std::copy_n(a.data, n * d, ua.data());
  std::copy_n(b.data, n * d, ub.data());
  std::vector<float> la(n), lb(n);
  normalise_rows(ua, la, run);
  normalise_rows(ub, lb, run);
  std::fill_n(db.data(), db.size(), 0.0f);
  std::vector<double> losses(n);
  const float share = 1 / (tau * static_cast<float>(n));
  Matrix scores, part;
  for (std::size_t from = 0; from < n; from += kBlock) {
    const std::size_t rows = std::min(kBlock, n - from);
    const MatrixView asked{ua.row(from).data(), rows, d};
    if (scores.rows() != rows) scores = Matrix(rows, n), part = Matrix(rows, d);
    scores_of(asked, ub, scores, run);
    parallel_for(0, rows, 16, run, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) {
        const std::span<float> row = scores.row(r);
        const std::size_t i = from + r;
        const float own = row[i], top = largest(row);
        const double sum = exp_all(row, top, 1 / tau);
        losses[i] = std::log(sum) - static_cast<double>((own - top) / tau);
        multiply_all(row, static_cast<float>(static_cast<double>(share) / sum));
        row[i] -= share;
      }
    });
    sum_by_row(scores, ub, part, run);
    sum_by_column(scores, asked, db, run);
    std::copy_n(part.data(), rows * d, da.row(from).data());
  }
  parallel_for(0, n, 256, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      backward_normalise(ua.row(i), la[i], da.row(i));
      backward_normalise(ub.row(i), lb[i], db.row(i));
    }
  });
  double loss = 0;
  for (const double one : losses) loss += one;
  return loss / static_cast<double>(n);
}

}  // namespace attune::train
