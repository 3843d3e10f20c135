// Products of a dense symmetric matrix with sparse ones, where a BLAS would multiply zeros.
#pragma once
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::model {

// P R [n, R.cols] for symmetric P [n, n] and sparse R [n, m]. O(n nnz); dense multiply above 8 % filled.
Matrix times_sparse(MatrixView symmetric, const Sparse& right, const Run& run);

// out += left right' for left [n, d] and sparse right [m, d], out [n, m]. O(n nnz).
void add_times_transposed(MatrixView left, const Sparse& right, Matrix& out, const Run& run);

// The same numbers, zeros written out.
Matrix to_dense(const Sparse& sparse);

}  // namespace attune::model
