// Tall matrices: a tile of 6 rows x 4 vectors of the result stays in registers while the shared side streams past.
#include "attune/core/tall.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "attune/core/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/core/tall.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "attune/core/row_dots.inc"

HWY_BEFORE_NAMESPACE();
namespace attune::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// c[i][j] += sum_k a(k, i) b[k][j] for i < kRows, j < kVectors * lanes; a(k, i) = a[k * a_step + i * a_row].
template <int kRows, int kVectors>
HWY_INLINE void Tile(const float* HWY_RESTRICT a, std::size_t a_step, std::size_t a_row, const float* HWY_RESTRICT b, std::size_t b_step,
                     std::size_t depth, float* HWY_RESTRICT c, std::size_t c_step) {
  const D tag;
  const std::size_t lanes = hn::Lanes(tag);
  V s[kRows][kVectors];
  HWY_UNROLL(6)
  for (int i = 0; i < kRows; ++i)
    HWY_UNROLL(4)
    for (int j = 0; j < kVectors; ++j) s[i][j] = hn::LoadU(tag, c + i * c_step + j * lanes);
  for (std::size_t k = 0; k < depth; ++k) {
    V right[kVectors];
    HWY_UNROLL(4)
    for (int j = 0; j < kVectors; ++j) right[j] = hn::LoadU(tag, b + k * b_step + j * lanes);
    HWY_UNROLL(6)
    for (int i = 0; i < kRows; ++i) {
      const V left = hn::Set(tag, a[k * a_step + i * a_row]);
      HWY_UNROLL(4)
      for (int j = 0; j < kVectors; ++j) s[i][j] = hn::MulAdd(left, right[j], s[i][j]);
    }
  }
  HWY_UNROLL(6)
  for (int i = 0; i < kRows; ++i)
    HWY_UNROLL(4)
    for (int j = 0; j < kVectors; ++j) hn::StoreU(s[i][j], tag, c + i * c_step + j * lanes);
}

#if HWY_TARGET <= HWY_AVX3
constexpr int kWide = 4;   // 32 registers
#else
constexpr int kWide = 2;   // 16 registers
#endif

// c [m, n] += op(a) b, for any m, n: tiles inside, plain loops at the right edge.
HWY_INLINE void Product(const float* a, std::size_t a_step, std::size_t a_row, std::size_t m, const float* b, std::size_t b_step, std::size_t n,
                        std::size_t depth, float* c, std::size_t c_step) {
  const std::size_t lanes = hn::Lanes(D());
  for (std::size_t i = 0; i < m;) {
    const std::size_t rows = std::min<std::size_t>(6, m - i);
    const float* left = a + i * a_row;
    float* to = c + i * c_step;
    std::size_t j = 0;
    const auto run = [&](auto rows_constant) {
      constexpr int kRows = decltype(rows_constant)::value;
      for (; j + kWide * lanes <= n; j += kWide * lanes) Tile<kRows, kWide>(left, a_step, a_row, b + j, b_step, depth, to + j, c_step);
      for (; j + lanes <= n; j += lanes) Tile<kRows, 1>(left, a_step, a_row, b + j, b_step, depth, to + j, c_step);
    };
    switch (rows) {
      case 6: run(std::integral_constant<int, 6>()); break;
      case 5: run(std::integral_constant<int, 5>()); break;
      case 4: run(std::integral_constant<int, 4>()); break;
      case 3: run(std::integral_constant<int, 3>()); break;
      case 2: run(std::integral_constant<int, 2>()); break;
      default: run(std::integral_constant<int, 1>()); break;
    }
    for (; j < n; ++j)
      for (std::size_t r = 0; r < rows; ++r) {
        float sum = to[r * c_step + j];
        for (std::size_t k = 0; k < depth; ++k) sum += left[k * a_step + r * a_row] * b[k * b_step + j];
        to[r * c_step + j] = sum;
      }
    i += rows;
  }
}

// c [d, d] += rows' rows; whole tiles on and above the diagonal, what lies below is not to be read.
void Gram(const float* rows, std::size_t count, std::size_t d, float* c) {
  constexpr std::size_t kDepth = 64;   // rows handled together: 64 x 256 floats are 64 KB
  for (std::size_t first = 0; first < count; first += kDepth) {
    const std::size_t depth = std::min(kDepth, count - first);
    const float* block = rows + first * d;
    for (std::size_t i = 0; i < d; i += 6) {
      const std::size_t start = i / 16 * 16;   // aligned columns from the diagonal on
      Product(block + i, d, 1, std::min<std::size_t>(6, d - i), block + start, d, d - start, depth, c + i * d + start, d);
    }
  }
}

// rows [count, d] become rows q; q [d, d]; spare [kDepth, d].
void MultiplyInPlace(float* rows, std::size_t count, std::size_t d, const float* q, float* spare) {
  constexpr std::size_t kRows = 24, kPanel = 64;   // a panel of q is 64 columns
  for (std::size_t first = 0; first < count; first += kRows) {
    const std::size_t m = std::min(kRows, count - first);
    std::memset(spare, 0, m * d * sizeof(float));
    for (std::size_t j = 0; j < d; j += kPanel)
      Product(rows + first * d, 1, d, m, q + j * d, std::min(kPanel, d - j), std::min(kPanel, d - j), d, spare + j, d);
    std::memcpy(rows + first * d, spare, m * d * sizeof(float));
  }
}

void RowDots(const float* rows, std::size_t count, std::size_t d, const float* x, float* out) { Dots(rows, count, d, x, out); }

}  // namespace attune::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune {

HWY_EXPORT(Gram);
HWY_EXPORT(MultiplyInPlace);
HWY_EXPORT(RowDots);

Matrix gram(MatrixView a, const Run& run) {
  const std::size_t d = a.cols;
  constexpr std::size_t kParts = 32, kLeast = 1024;   // sums of so many rows at least, added up in order
  const std::size_t part = std::max(kLeast, (a.rows + kParts - 1) / kParts), parts = (a.rows + part - 1) / part;
  Matrix sums(parts * d, d);
  parallel_for(0, parts, 1, run, [&](std::size_t from, std::size_t to) {
    for (std::size_t p = from; p < to; ++p)
      HWY_DYNAMIC_DISPATCH(Gram)(a.data + p * part * d, std::min(part, a.rows - p * part), d, sums.data() + p * d * d);
  });
  Matrix g(d, d);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = i; j < d; ++j) {
      double sum = 0;
      for (std::size_t p = 0; p < parts; ++p) sum += static_cast<double>(sums(p * d + i, j));
      g(i, j) = g(j, i) = static_cast<float>(sum);
    }
  return g;
}

Matrix plain_gram(MatrixView a) {
  Matrix g(a.cols, a.cols);
  for (std::size_t i = 0; i < a.cols; ++i)
    for (std::size_t j = 0; j < a.cols; ++j) {
      double sum = 0;
      for (std::size_t r = 0; r < a.rows; ++r) sum += static_cast<double>(a(r, i)) * static_cast<double>(a(r, j));
      g(i, j) = static_cast<float>(sum);
    }
  return g;
}

void multiply_in_place(Matrix& a, MatrixView q, const Run& run) {
  const std::size_t d = a.cols();
  ATTUNE_ASSERT(q.rows == d && q.cols == d, "only a square matrix leaves the shape as it is");
  constexpr std::size_t kPanel = 64;
  std::vector<float> panels(d * d);   // q in panels of 64 columns, each contiguous
  for (std::size_t j = 0; j < d; j += kPanel)
    for (std::size_t k = 0; k < d; ++k)
      std::copy_n(q.data + k * d + j, std::min(kPanel, d - j), panels.data() + j * d + k * std::min(kPanel, d - j));
  parallel_for(0, a.rows(), 1536, run, [&](std::size_t from, std::size_t to) {
    std::vector<float> spare(24 * d);
    HWY_DYNAMIC_DISPATCH(MultiplyInPlace)(a.data() + from * d, to - from, d, panels.data(), spare.data());
  });
}

void plain_multiply_in_place(Matrix& a, MatrixView q) {
  std::vector<double> row(a.cols());
  for (std::size_t r = 0; r < a.rows(); ++r) {
    for (std::size_t j = 0; j < q.cols; ++j) {
      row[j] = 0;
      for (std::size_t k = 0; k < q.rows; ++k) row[j] += static_cast<double>(a(r, k)) * static_cast<double>(q(k, j));
    }
    for (std::size_t j = 0; j < q.cols; ++j) a(r, j) = static_cast<float>(row[j]);
  }
}

void row_dots(MatrixView a, std::span<const float> x, std::span<float> out) {
  ATTUNE_ASSERT(x.size() == a.cols && out.size() == a.rows, "a matrix times a vector needs matching lengths");
  HWY_DYNAMIC_DISPATCH(RowDots)(a.data, a.rows, a.cols, x.data(), out.data());
}
void plain_row_dots(MatrixView a, std::span<const float> x, std::span<float> out) {
  for (std::size_t r = 0; r < a.rows; ++r) {
    double sum = 0;
    for (std::size_t i = 0; i < a.cols; ++i) sum += static_cast<double>(a(r, i)) * static_cast<double>(x[i]);
    out[r] = static_cast<float>(sum);
  }
}

}  // namespace attune
#endif
