// Catalogue loss: scores by product, losses row by row, gradients by product.
#include "attune/model/catalogue_loss.h"

#include <algorithm>
#include <limits>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/sorted.h"
#include "attune/train/losses.h"
#include "attune/train/block_products.h"
#include "attune/train/rows.h"

namespace attune::model {
namespace {

constexpr float kLeftOut = -std::numeric_limits<float>::infinity();

}  // namespace

CatalogueLoss::Sum CatalogueLoss::gradients(std::span<const std::uint32_t> batch, const Matrix& vectors, Matrix& gradient, Random& random, const Run& run) {
  const std::size_t items = data_.item_count(), users = data_.user_count();
  const bool is_whole = o_.negatives == 0 || static_cast<std::size_t>(o_.negatives) >= items;
  against_.items = negatives_.draw_distinct(is_whole ? items : static_cast<std::size_t>(o_.negatives), random);
  own_.items.clear();
  double weight = 0;
  for (const std::uint32_t u : batch) {
    const auto taken = data_.interactions().row_indices(u);
    for (const std::uint32_t item : taken) weight += static_cast<double>(pair_weights_[item]);
    if (!is_whole) own_.items.insert(own_.items.end(), taken.begin(), taken.end());
  }
  sort_unique(own_.items);
  fill(against_, vectors, run);
  fill(own_, vectors, run);
  double loss = 0;
  for (std::size_t first = 0; first < batch.size(); first += kBlock)
    loss += block(batch.subspan(first, std::min(kBlock, batch.size() - first)), vectors, gradient, is_whole, static_cast<float>(1 / weight), run);
  put_back(against_, gradient, run);
  put_back(own_, gradient, run);
  touched_.assign(batch.begin(), batch.end());
  for (const std::vector<std::uint32_t>* ids : {&against_.items, &own_.items})
    for (const std::uint32_t item : *ids) touched_.push_back(static_cast<std::uint32_t>(users) + item);
  sort_unique(touched_);
  return {loss, weight};
}

std::size_t CatalogueLoss::Side::place(std::uint32_t item) const {
  return static_cast<std::size_t>(std::lower_bound(items.begin(), items.end(), item) - items.begin());
}

void CatalogueLoss::fill(Side& side, const Matrix& vectors, const Run& run) const {
  const std::size_t n = side.items.size(), d = vectors.cols();
  if (side.vectors.rows() != n || side.vectors.cols() != d) {          // kept from batch to batch: fresh pages cost more than the copy
    side.vectors = Matrix(n, d);
    side.gradient = Matrix(n, d);
  }
  side.lengths.assign(n, 1.0f);
  parallel_for(0, n, 1024, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      std::copy_n(vectors.row(data_.user_count() + side.items[k]).data(), d, side.vectors.row(k).data());
      std::fill_n(side.gradient.row(k).data(), d, 0.0f);
      if (o_.cosine) side.lengths[k] = normalise(side.vectors.row(k));
    }
  });
}

void CatalogueLoss::put_back(Side& side, Matrix& gradient, const Run& run) const {
  parallel_for(0, side.items.size(), 1024, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      const std::span<float> g = side.gradient.row(k);
      if (o_.cosine) train::backward_normalise(side.vectors.row(k), side.lengths[k], g);
      axpy(1, g, gradient.row(data_.user_count() + side.items[k]));
    }
  });
}

double CatalogueLoss::block(std::span<const std::uint32_t> users, const Matrix& vectors, Matrix& gradient, bool is_whole, float share, const Run& run) {
  const std::size_t n = users.size(), d = vectors.cols();
  Matrix u(n, d), du(n, d);
  std::vector<float> lengths(n, 1.0f);
  for (std::size_t b = 0; b < n; ++b) std::copy_n(vectors.row(users[b]).data(), d, u.row(b).data());
  if (o_.cosine) train::normalise_rows(u, lengths, run);
  if (scores_.rows() != n || scores_.cols() != against_.items.size()) scores_ = Matrix(n, against_.items.size());
  train::scores_of(u, against_.vectors, scores_, run);
  std::vector<std::vector<float>> slopes(n);
  std::vector<double> losses(n);
  parallel_for(0, n, 4, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b) losses[b] = row(users[b], u.row(b), scores_.row(b), is_whole, share, slopes[b]);
  });
  train::sum_by_row(scores_, against_.vectors, du, run);
  train::sum_by_column(scores_, u, against_.gradient, run);
  double loss = 0;
  for (std::size_t b = 0; b < n; ++b) {
    loss += losses[b];
    const auto taken = data_.interactions().row_indices(users[b]);
    for (std::size_t p = 0; !is_whole && p < taken.size(); ++p) {
      const std::size_t at = own_.place(taken[p]);
      axpy(slopes[b][p], own_.vectors.row(at), du.row(b));
      axpy(slopes[b][p], u.row(b), own_.gradient.row(at));
    }
    if (o_.cosine) train::backward_normalise(u.row(b), lengths[b], du.row(b));
    axpy(1, du.row(b), gradient.row(users[b]));
  }
  return loss;
}

// Scores of one user in, gradients by them out. Where the whole catalogue is scored the user's own items are in the row, else their
// scores are worked out here.
double CatalogueLoss::row(std::uint32_t user, std::span<const float> u, std::span<float> scores, bool is_whole, float share, std::vector<float>& slopes) const {
  const auto taken = data_.interactions().row_indices(user);
  std::vector<float> positives(taken.size()), weights(taken.size());
  slopes.resize(taken.size());
  for (std::size_t p = 0; p < taken.size(); ++p) {
    positives[p] = is_whole ? scores[taken[p]] : dot(u, own_.vectors.row(own_.place(taken[p])));
    weights[p] = pair_weights_[taken[p]];
    if (is_whole) scores[taken[p]] = kLeftOut;
  }
  if (!is_whole) leave_out(taken, scores);
  const train::RowScores sides{.positives = positives, .weights = weights, .slopes = slopes, .negatives = scores};
  // drawn alike, each negative stands for so many; drawn by popularity they are meant to weigh more than their share
  const float each = is_whole || o_.negative_power != 0 ? 1.0f : static_cast<float>(data_.item_count()) / static_cast<float>(scores.size());
  const double loss = o_.is_softmax ? train::softmax_loss(sides, o_.tau, each) : train::contrastive_loss(sides, o_.margin, o_.negative_weight);
  train::multiply_all(scores, share);
  for (std::size_t p = 0; p < taken.size(); ++p) {
    slopes[p] *= share;
    if (is_whole) scores[taken[p]] = slopes[p];
  }
  return loss;
}

void CatalogueLoss::leave_out(std::span<const std::uint32_t> taken, std::span<float> scores) const {
  for (const std::uint32_t item : taken) {
    const std::size_t at = against_.place(item);
    if (at < against_.items.size() && against_.items[at] == item) scores[at] = kLeftOut;
  }
}

}  // namespace attune::model
