// Singular vectors: the strongest directions of a large sparse matrix, found at random and then sharpened.
// Source: Halko, Martinsson and Tropp 2011 (randomised subspace iteration). Cost: O(passes (nnz + rows cols) k) and k^3; no BLAS inside
// the passes, so the same bits whatever the number of threads.
#pragma once
#include <cstddef>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune {

struct SingularVectors {
  std::vector<float> values;  // [k] descending
  Matrix right;               // [a.cols, k] one right singular vector a column, of length 1
};

struct SingularOptions {
  std::size_t count = 64;   // k; at most min(rows, cols) come back
  std::size_t spare = 16;   // directions carried along beside, so that the last ones wanted are right too
  int passes = 8;           // over the matrix and its transpose; more where the values fall slowly
};
// Directions without weight (values of 0 beside the largest) are left out, so fewer than `count` may come back.
SingularVectors top_singular(const Sparse& a, const SingularOptions& options, const Run& run);

// out = A b: a [rows, cols] sparse, b [cols, n] dense, out [rows, n].
Matrix multiply(const Sparse& a, MatrixView b, const Run& run);

}  // namespace attune
