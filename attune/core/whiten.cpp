// Whitening: one covariance, one eigendecomposition [d, d].
#include "attune/core/whiten.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "attune/core/error.h"
#include "attune/core/linear_algebra.h"

namespace attune {
namespace {

Matrix less_mean(MatrixView rows, const std::vector<float>& mean) {
  Matrix centred(rows.rows, rows.cols);
  for (std::size_t r = 0; r < rows.rows; ++r)
    for (std::size_t c = 0; c < rows.cols; ++c) centred(r, c) = rows(r, c) - mean[c];
  return centred;
}

}  // namespace

Whitening Whitening::fit(MatrixView rows, float eps) {
  if (rows.rows == 0 || rows.cols == 0) throw Error(Code::bad_data, "whitening needs at least one vector, got none");
  if (!(eps > 0)) throw Error(Code::bad_request, "whitening needs eps above 0, got " + std::to_string(eps));
  Whitening w;
  std::vector<double> sums(rows.cols, 0.0);
  for (std::size_t r = 0; r < rows.rows; ++r)
    for (std::size_t c = 0; c < rows.cols; ++c) sums[c] += rows(r, c);
  for (const double s : sums) w.mean.push_back(static_cast<float>(s / static_cast<double>(rows.rows)));
  const Matrix centred = less_mean(rows, w.mean);
  const float share = 1.0f / static_cast<float>(std::max<std::size_t>(rows.rows - 1, 1));
  Matrix v = multiply(centred, centred, {.alpha = share, .transpose_a = true});
  std::vector<float> eigenvalues = eigen_symmetric(v);
  double mean_eigenvalue = 0;
  for (float& e : eigenvalues) {
    e = std::max(e, 0.0f);
    mean_eigenvalue += e / static_cast<double>(eigenvalues.size());
  }
  for (std::size_t c = 0; c < v.cols(); ++c) {
    // One vector, or all alike: no direction says anything, and the map stays a rotation.
    const double spread = mean_eigenvalue > 0 ? eigenvalues[c] + eps * mean_eigenvalue : 1.0;
    for (std::size_t r = 0; r < v.rows(); ++r) v(r, c) = static_cast<float>(v(r, c) / std::sqrt(spread));
  }
  w.map = std::move(v);
  return w;
}

Matrix Whitening::apply(MatrixView rows) const {
  if (rows.cols != mean.size())
    throw Error(Code::bad_data, "vectors have " + std::to_string(rows.cols) + " numbers, the whitening was fitted to " +
                                    std::to_string(mean.size()));
  return multiply(less_mean(rows, mean), map);
}

void Whitening::save(ByteWriter& out) const {
  out.array(std::span<const float>(mean));
  out.matrix(map);
}

Whitening Whitening::load(ByteReader& in) {
  Whitening w;
  w.mean = in.array<float>();
  w.map = in.matrix();
  if (w.map.rows() != w.mean.size() || w.map.cols() != w.mean.size())
    throw Error(Code::bad_data, "a whitening is damaged: its map does not fit its mean");
  return w;
}

}  // namespace attune
