// Products: four rows by four vectors of columns stay in registers; what they are multiplied with lies in the cache.
#include "attune/train/block_products.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "attune/core/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/train/block_products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace attune::train::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;

// acc[r][v] += sum over k of left(r, k) * right[k][v]: rows r < kRows, vectors v < 4. left(r, k) = left[r * row_step + k * k_step].
template <std::size_t kRows>
void Tile(const float* left, std::size_t row_step, std::size_t k_step, const float* right, std::size_t right_step, std::size_t n, float* out,
          std::size_t out_step, bool adds) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<Tag> acc[kRows][4];
  for (std::size_t r = 0; r < kRows; ++r)
    for (std::size_t v = 0; v < 4; ++v) acc[r][v] = adds ? hn::LoadU(d, out + r * out_step + v * lanes) : hn::Zero(d);
  for (std::size_t k = 0; k < n; ++k) {
    const float* row = right + k * right_step;
    const auto x0 = hn::LoadU(d, row), x1 = hn::LoadU(d, row + lanes), x2 = hn::LoadU(d, row + 2 * lanes), x3 = hn::LoadU(d, row + 3 * lanes);
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto w = hn::Set(d, left[r * row_step + k * k_step]);
      acc[r][0] = hn::MulAdd(w, x0, acc[r][0]);
      acc[r][1] = hn::MulAdd(w, x1, acc[r][1]);
      acc[r][2] = hn::MulAdd(w, x2, acc[r][2]);
      acc[r][3] = hn::MulAdd(w, x3, acc[r][3]);
    }
  }
  for (std::size_t r = 0; r < kRows; ++r)
    for (std::size_t v = 0; v < 4; ++v) hn::StoreU(acc[r][v], d, out + r * out_step + v * lanes);
}

// out (+)= left right over n: rows x cols, left as above, right [n, cols], out rows are out_step apart.
void Panel(const float* left, std::size_t row_step, std::size_t k_step, const float* right, std::size_t right_step, std::size_t n, float* out,
           std::size_t out_step, std::size_t rows, std::size_t cols, bool adds) {
  const std::size_t wide = 4 * hn::Lanes(Tag());
  std::size_t c = 0;
  for (; c + wide <= cols; c += wide) {
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) Tile<4>(left + r * row_step, row_step, k_step, right + c, right_step, n, out + r * out_step + c, out_step, adds);
    for (; r < rows; ++r) Tile<1>(left + r * row_step, row_step, k_step, right + c, right_step, n, out + r * out_step + c, out_step, adds);
  }
  for (std::size_t r = 0; c < cols && r < rows; ++r)
    for (std::size_t x = c; x < cols; ++x) {
      float sum = adds ? out[r * out_step + x] : 0.0f;
      for (std::size_t k = 0; k < n; ++k) sum += left[r * row_step + k * k_step] * right[k * right_step + x];
      out[r * out_step + x] = sum;
    }
}

}  // namespace attune::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::train {
namespace {

HWY_EXPORT(Panel);
constexpr std::size_t kItems = 128;   // of a panel: with 64 factors 32 KiB

void check_shapes(bool agree) { ATTUNE_ASSERT(agree, "the shapes of a product must agree"); }

}  // namespace

void scores_of(MatrixView users, MatrixView items, Matrix& out, const Run& run) {
  check_shapes(users.cols == items.cols && out.rows() == users.rows && out.cols() == items.rows);
  const std::size_t d = users.cols;
  parallel_for(0, items.rows, 4 * kItems, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> turned(d * kItems);               // a panel of items the other way round: [d, n]
    for (std::size_t from = first; from < last; from += kItems) {
      const std::size_t n = std::min(kItems, last - from);
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t c = 0; c < d; ++c) turned[c * kItems + j] = items(from + j, c);
      HWY_DYNAMIC_DISPATCH(Panel)(users.data, d, 1, turned.data(), kItems, d, out.data() + from, out.cols(), users.rows, n, false);
    }
  });
}

void sum_by_row(MatrixView weights, MatrixView items, Matrix& out, const Run& run) {
  check_shapes(weights.cols == items.rows && out.rows() == weights.rows && out.cols() == items.cols);
  const std::size_t d = items.cols;
  const std::size_t grain = std::max<std::size_t>(4, (weights.rows + 7) / 8 / 4 * 4);
  parallel_for(0, weights.rows, grain, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t from = 0; from < items.rows; from += kItems)
      HWY_DYNAMIC_DISPATCH(Panel)(weights.data + first * weights.cols + from, weights.cols, 1, items.data + from * d, d, std::min(kItems, items.rows - from),
                                  out.data() + first * d, d, last - first, d, from > 0);
    if (items.rows == 0) std::fill_n(out.data() + first * d, (last - first) * d, 0.0f);
  });
}

void sum_by_column(MatrixView weights, MatrixView users, Matrix& out, const Run& run) {
  check_shapes(weights.rows == users.rows && out.rows() == weights.cols && out.cols() == users.cols);
  const std::size_t d = users.cols;
  parallel_for(0, weights.cols, 1024, run, [&](std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(Panel)(weights.data + first, 1, weights.cols, users.data, d, users.rows, out.data() + first * d, d, last - first, d, true);
  });
}

void plain_scores_of(MatrixView users, MatrixView items, Matrix& out) {
  for (std::size_t b = 0; b < users.rows; ++b)
    for (std::size_t j = 0; j < items.rows; ++j) {
      float sum = 0;
      for (std::size_t c = 0; c < users.cols; ++c) sum += users(b, c) * items(j, c);
      out(b, j) = sum;
    }
}
void plain_sum_by_row(MatrixView weights, MatrixView items, Matrix& out) {
  for (std::size_t b = 0; b < weights.rows; ++b)
    for (std::size_t c = 0; c < items.cols; ++c) {
      float sum = 0;
      for (std::size_t j = 0; j < items.rows; ++j) sum += weights(b, j) * items(j, c);
      out(b, c) = sum;
    }
}
void plain_sum_by_column(MatrixView weights, MatrixView users, Matrix& out) {
  for (std::size_t j = 0; j < weights.cols; ++j)
    for (std::size_t c = 0; c < users.cols; ++c) {
      float sum = out(j, c);
      for (std::size_t b = 0; b < weights.rows; ++b) sum += weights(b, j) * users(b, c);
      out(j, c) = sum;
    }
}

}  // namespace attune::train
#endif
