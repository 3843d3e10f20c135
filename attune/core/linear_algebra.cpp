// Linear algebra: row-major matrices are their transposes in the column-major world of LAPACK, which a symmetric
// matrix does not notice: our upper triangle is LAPACK's lower one.
#include "attune/core/linear_algebra.h"

#include <cblas.h>

#include <algorithm>
#include <string>

#include "attune/core/error.h"
#include "attune/core/parallel.h"

extern "C" {
void spotrf_(const char* uplo, const int* n, float* a, const int* lda, int* info);
void spotri_(const char* uplo, const int* n, float* a, const int* lda, int* info);
void ssyevd_(const char* jobz, const char* uplo, const int* n, float* a, const int* lda, float* w, float* work,
             const int* lwork, int* iwork, const int* liwork, int* info);
}

namespace attune {
namespace {

int as_int(std::size_t n) {
  ATTUNE_ASSERT(n <= 46340, "this BLAS counts matrix entries in 32 bits");
  return static_cast<int>(n);
}

[[noreturn]] void not_definite(const std::string& what, int info) {
  throw Error(Code::bad_data, what + " is not positive definite (row " + std::to_string(info) +
                                  "); raise the regularisation, or look for infinite values in the input");
}

// Copies the upper triangle below the diagonal, in tiles that fit the cache.
void mirror_upper(Matrix& a) {
  constexpr std::size_t kTile = 64;
  const std::size_t n = a.rows(), tiles = (n + kTile - 1) / kTile;
  parallel_for(0, tiles, 1, Run{}, [&](std::size_t first, std::size_t last) {
    for (std::size_t t = first; t < last; ++t)
      for (std::size_t s = 0; s <= t; ++s)
        for (std::size_t r = t * kTile; r < std::min(n, (t + 1) * kTile); ++r)
          for (std::size_t c = s * kTile; c < std::min(r, (s + 1) * kTile); ++c) a(r, c) = a(c, r);
  });
}

}  // namespace

void multiply(MatrixView a, MatrixView b, Matrix& c, Gemm how) {
  const std::size_t m = how.transpose_a ? a.cols : a.rows, k = how.transpose_a ? a.rows : a.cols;
  const std::size_t k_of_b = how.transpose_b ? b.cols : b.rows, n = how.transpose_b ? b.rows : b.cols;
  ATTUNE_ASSERT(k == k_of_b && c.rows() == m && c.cols() == n, "the shapes of a product must agree");
  if (m == 0 || n == 0) return;
  cblas_sgemm(CblasRowMajor, how.transpose_a ? CblasTrans : CblasNoTrans, how.transpose_b ? CblasTrans : CblasNoTrans,
              static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), how.alpha, a.data,
              static_cast<int>(std::max<std::size_t>(a.cols, 1)), b.data, static_cast<int>(std::max<std::size_t>(b.cols, 1)),
              how.beta, c.data(), static_cast<int>(n));
}

Matrix multiply(MatrixView a, MatrixView b, Gemm how) {
  Matrix c(how.transpose_a ? a.cols : a.rows, how.transpose_b ? b.rows : b.cols);
  multiply(a, b, c, how);
  return c;
}

void invert_spd(Matrix& a, const std::string& what) {
  ATTUNE_ASSERT(a.rows() == a.cols(), "only a square matrix has an inverse");
  const int n = as_int(a.rows());
  if (n == 0) return;
  int info = 0;
  spotrf_("L", &n, a.data(), &n, &info);
  if (info != 0) not_definite(what, info);
  spotri_("L", &n, a.data(), &n, &info);
  if (info != 0) not_definite(what, info);
  mirror_upper(a);
}

void solve_spd(Matrix& a, Matrix& b, const std::string& what) {
  ATTUNE_ASSERT(a.rows() == a.cols() && a.rows() == b.rows(), "the shapes of a system must agree");
  const int n = as_int(a.rows());
  if (n == 0 || b.cols() == 0) return;
  int info = 0;
  spotrf_("L", &n, a.data(), &n, &info);
  if (info != 0) not_definite(what, info);
  // b is row-major [n, m]: solve L L' X = B by two triangular solves that understand row-major.
  const int m = static_cast<int>(b.cols());
  cblas_strsm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, n, m, 1.0f, a.data(), n, b.data(), m);
  cblas_strsm(CblasRowMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, n, m, 1.0f, a.data(), n, b.data(), m);
}

std::vector<float> eigen_symmetric(Matrix& a) {
  ATTUNE_ASSERT(a.rows() == a.cols(), "only a square matrix has eigenvalues");
  const int n = as_int(a.rows());
  std::vector<float> values(a.rows());
  if (n == 0) return values;
  int info = 0, work_size = -1, int_work_size = -1, int_work_wanted = 0;
  float work_wanted = 0;
  ssyevd_("V", "L", &n, a.data(), &n, values.data(), &work_wanted, &work_size, &int_work_wanted, &int_work_size, &info);
  work_size = static_cast<int>(work_wanted) + 1;
  int_work_size = int_work_wanted;
  std::vector<float> work(static_cast<std::size_t>(work_size));
  std::vector<int> int_work(static_cast<std::size_t>(int_work_size));
  ssyevd_("V", "L", &n, a.data(), &n, values.data(), work.data(), &work_size, int_work.data(), &int_work_size, &info);
  if (info != 0) throw Error(Code::bad_data, "no eigenvalues found: the matrix holds numbers that are not finite");
  Matrix columns(a.rows(), a.cols());  // LAPACK's columns are our rows: turn them
  for (std::size_t r = 0; r < a.rows(); ++r)
    for (std::size_t c = 0; c < a.cols(); ++c) columns(c, r) = a(r, c);
  a = std::move(columns);
  return values;
}

std::string blas_name() {
  std::string config = openblas_get_config();
  const std::size_t second_space = config.find(' ', config.find(' ') + 1);
  return config.substr(0, second_space) + " " + openblas_get_corename() + ", " + std::to_string(blas_threads()) + " threads";
}
int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int threads) { openblas_set_num_threads(threads > 0 ? threads : core_count()); }

}  // namespace attune
