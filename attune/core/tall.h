// Tall matrices: many rows, few columns (factors, vectors). Products that pass once over the rows, on parallel_for, with
// sums in one fixed order: the same bits whatever the number of threads, which BLAS does not promise.
#pragma once
#include <span>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune {

// A'A [cols, cols], whole and symmetric. O(rows cols^2 / 2).
Matrix gram(MatrixView a, const Run& run);
Matrix plain_gram(MatrixView a);

// A becomes A Q, Q [cols, cols]. In place. O(rows cols^2).
void multiply_in_place(Matrix& a, MatrixView q, const Run& run);
void plain_multiply_in_place(Matrix& a, MatrixView q);

// out[r] = row r of A . x; x [cols], out [rows]. One thread.
void row_dots(MatrixView a, std::span<const float> x, std::span<float> out);
void plain_row_dots(MatrixView a, std::span<const float> x, std::span<float> out);

}  // namespace attune
