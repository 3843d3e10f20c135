// Singular vectors: Q spans what A'A keeps large; inside that span the small problem is solved whole.
#include "attune/core/singular.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/tall.h"

namespace attune {
namespace {

// Squared lengths below this share of the largest are rounding, not directions.
constexpr float kNoWeight = 1e-6f;

// Makes the columns of y orthogonal and of length 1, the strongest first; those without weight become zeros.
void orthogonalise(Matrix& y, const Run& run) {
  Matrix e = gram(y, run);
  const std::vector<float> lengths = eigen_symmetric(e);  // ascending
  const std::size_t n = lengths.size();
  Matrix turn(n, n);
  for (std::size_t k = 0; k < n; ++k) {
    const float squared = lengths[n - 1 - k];
    if (!(squared > kNoWeight * std::max(lengths[n - 1], 0.0f))) break;
    for (std::size_t r = 0; r < n; ++r) turn(r, k) = e(r, n - 1 - k) / std::sqrt(squared);
  }
  multiply_in_place(y, turn, run);
}

}  // namespace

Matrix multiply(const Sparse& a, MatrixView b, const Run& run) {
  ATTUNE_ASSERT(a.cols == b.rows, "a product needs as many rows as columns");
  Matrix out(a.rows, b.cols);
  parallel_for(0, a.rows, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      const auto columns = a.row_indices(r);
      const auto values = a.row_values(r);
      for (std::size_t k = 0; k < columns.size(); ++k) axpy(values[k], b.row(columns[k]), out.row(r));
    }
  });
  return out;
}

SingularVectors top_singular(const Sparse& a, const SingularOptions& options, const Run& run) {
  SingularVectors found;
  const std::size_t most = std::min({options.count + options.spare, a.rows, a.cols});
  if (most == 0 || a.nnz() == 0 || options.count == 0) return found;
  const Sparse turned = transpose(a);
  Random random(run.seed);
  Matrix q(a.cols, most);
  for (float& x : q.all()) x = static_cast<float>(random.normal());
  for (int pass = 0; pass < options.passes; ++pass) {
    run.check();
    q = multiply(turned, multiply(a, q, run), run);
    orthogonalise(q, run);
  }
  // A Q = U S E', so the right vectors are Q E and the squared values the eigenvalues of (AQ)'(AQ).
  Matrix e = gram(multiply(a, q, run), run);
  const std::vector<float> squared = eigen_symmetric(e);
  const std::size_t n = squared.size();
  Matrix turn(n, n);
  while (found.values.size() < std::min(options.count, n)) {
    const std::size_t k = found.values.size();
    if (!(squared[n - 1 - k] > kNoWeight * squared[n - 1])) break;
    found.values.push_back(std::sqrt(squared[n - 1 - k]));
    for (std::size_t r = 0; r < n; ++r) turn(r, k) = e(r, n - 1 - k);
  }
  multiply_in_place(q, turn, run);
  found.right = Matrix(a.cols, found.values.size());
  for (std::size_t r = 0; r < a.cols; ++r) std::copy_n(q.row(r).begin(), found.values.size(), found.right.row(r).begin());
  return found;
}

}  // namespace attune
