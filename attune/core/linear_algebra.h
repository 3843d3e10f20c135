// Linear algebra: dense float work handed to OpenBLAS and LAPACK, row-major in and out.
// These calls use the BLAS library's own threads: do not call them inside parallel_for.
#pragma once
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/sparse.h"

namespace attune {

// C = alpha * op(A) op(B) + beta * C, op = transpose where asked. C must have the shape of the product.
struct Gemm {
  float alpha = 1, beta = 0;
  bool transpose_a = false, transpose_b = false;
};
void multiply(MatrixView a, MatrixView b, Matrix& c, Gemm how = {});
Matrix multiply(MatrixView a, MatrixView b, Gemm how = {});

// Replaces a symmetric positive definite matrix [n, n] by its inverse, whole and symmetric (Cholesky; spotrf, spotri).
// Only the upper triangle of the input is read. O(n^3). Throws Error: bad_data when it is not positive definite,
// saying `what`.
void invert_spd(Matrix& a, const std::string& what);

// Solves A X = B for symmetric positive definite A [n, n]; b [n, m] becomes X, a is overwritten.
void solve_spd(Matrix& a, Matrix& b, const std::string& what);

// Eigenvalues (ascending) and eigenvectors (one a column) of a symmetric matrix [n, n], which becomes the vectors.
std::vector<float> eigen_symmetric(Matrix& a);

// The BLAS in use with its kernel and thread count: "OpenBLAS 0.3.21 Haswell, 2 threads".
std::string blas_name();
int blas_threads();
// 0 = all cores. Process-wide.
void set_blas_threads(int threads);

}  // namespace attune
