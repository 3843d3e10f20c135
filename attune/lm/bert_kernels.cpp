// Kernels of the encoder. The product keeps a tile of 12 x 32 sums in registers where there are 32 of 64 bytes (AVX-512), and walks
// it in parts elsewhere; a panel of weights stays in the second-level cache while the rows pass.
#include "attune/lm/bert_kernels.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/lm/bert_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace attune::lm::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Sums of `Rows` rows and two vectors of columns over `depth` inputs. Rows of x are `stride` apart, rows of w kTileCols.
// Written out row by row: the compiler keeps named sums in registers, an array of them not always.
#define ATTUNE_ROWS_6(X) X(0) X(1) X(2) X(3) X(4) X(5)
#define ATTUNE_ROWS_12(X) ATTUNE_ROWS_6(X) X(6) X(7) X(8) X(9) X(10) X(11)
#define ATTUNE_DECLARE(r) auto a##r = bias0, b##r = bias1;
#define ATTUNE_STEP(r)                                   \
  {                                                      \
    const auto v = hn::Set(d, x[(r) * stride + i]);      \
    a##r = hn::MulAdd(v, w0, a##r);                      \
    b##r = hn::MulAdd(v, w1, b##r);                      \
  }
#define ATTUNE_STORE(r)                                  \
  hn::StoreU(a##r, d, y + (r) * y_stride);               \
  hn::StoreU(b##r, d, y + (r) * y_stride + lanes);
#define ATTUNE_TILE(name, rows)                                                                                           \
  HWY_INLINE void name(const float* HWY_RESTRICT x, std::size_t stride, const float* HWY_RESTRICT w, std::size_t depth,  \
                       const float* HWY_RESTRICT bias, float* HWY_RESTRICT y, std::size_t y_stride) {                    \
    const hn::CappedTag<float, 16> d;                                                                                     \
    const std::size_t lanes = hn::Lanes(d);                                                                               \
    const auto bias0 = hn::LoadU(d, bias), bias1 = hn::LoadU(d, bias + lanes);                                            \
    rows(ATTUNE_DECLARE) for (std::size_t i = 0; i < depth; ++i, w += kTileCols) {                                        \
      const auto w0 = hn::LoadU(d, w), w1 = hn::LoadU(d, w + lanes);                                                      \
      rows(ATTUNE_STEP)                                                                                                   \
    }                                                                                                                     \
    rows(ATTUNE_STORE)                                                                                                    \
  }
ATTUNE_TILE(Tile6, ATTUNE_ROWS_6)
ATTUNE_TILE(Tile12, ATTUNE_ROWS_12)

// erf by Abramowitz and Stegun 7.1.26: error under 1.5e-7, the size of a float's own.
template <class D, class V>
HWY_INLINE V Gelu(D d, V x) {
  const V z = hn::Abs(hn::Mul(x, hn::Set(d, 0.70710678f)));
  const V t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(hn::Set(d, 0.3275911f), z, hn::Set(d, 1.0f)));
  V p = hn::Set(d, 1.061405429f);
  p = hn::MulAdd(p, t, hn::Set(d, -1.453152027f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
  const V tail = hn::Mul(hn::Mul(p, t), hn::Exp(d, hn::Neg(hn::Mul(z, z))));  // 1 - erf(z)
  const V erf = hn::CopySign(hn::Sub(hn::Set(d, 1.0f), tail), x);
  const V half = hn::Mul(x, hn::Set(d, 0.5f));
  return hn::MulAdd(half, erf, half);
}

void GeluRows(float* y, std::size_t rows, std::size_t cols, std::size_t stride) {
  const hn::CappedTag<float, 16> d;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; c += hn::Lanes(d)) hn::StoreU(Gelu(d, hn::LoadU(d, y + r * stride + c)), d, y + r * stride + c);
}

void Product(const float* x, std::size_t rows, const PackedWeights& w, Then then, float* y) {
  const hn::CappedTag<float, 16> d;
  const std::size_t step = 2 * hn::Lanes(d), y_stride = w.panel_count() * kTileCols, depth = w.in();
  for (std::size_t p = 0; p < w.panel_count(); ++p) {
    for (std::size_t r = 0; r < rows; r += kTileRows) {
      float* tile = y + r * y_stride + p * kTileCols;
      const float* from = x + r * depth;
      for (std::size_t c = 0; c < kTileCols; c += step) {
        if (hn::Lanes(d) == 16) {
          Tile12(from, depth, w.panel(p) + c, depth, w.bias(p) + c, tile + c, y_stride);
        } else {
          Tile6(from, depth, w.panel(p) + c, depth, w.bias(p) + c, tile + c, y_stride);
          Tile6(from + 6 * depth, depth, w.panel(p) + c, depth, w.bias(p) + c, tile + 6 * y_stride + c, y_stride);
        }
      }
      if (then == Then::gelu) GeluRows(tile, kTileRows, kTileCols, y_stride);
    }
  }
}

void AddAndNormalise(float* x, const float* y, std::size_t rows, std::size_t dim, const float* gain, const float* shift, float eps) {
  const hn::CappedTag<float, 16> d;
  const std::size_t lanes = hn::Lanes(d), whole = dim / lanes * lanes;
  for (std::size_t r = 0; r < rows; ++r, x += dim) {
    auto sums = hn::Zero(d);
    float sum = 0;
    for (std::size_t c = 0; c < whole; c += lanes) {
      auto v = hn::LoadU(d, x + c);
      if (y != nullptr) v = hn::Add(v, hn::LoadU(d, y + r * dim + c));
      hn::StoreU(v, d, x + c);
      sums = hn::Add(sums, v);
    }
    for (std::size_t c = whole; c < dim; ++c) sum += x[c] = x[c] + (y != nullptr ? y[r * dim + c] : 0.0f);
    const float mean = (sum + hn::GetLane(hn::SumOfLanes(d, sums))) / static_cast<float>(dim);
    const auto m = hn::Set(d, mean);
    auto squares = hn::Zero(d);
    float square = 0;
    for (std::size_t c = 0; c < whole; c += lanes) {
      const auto v = hn::Sub(hn::LoadU(d, x + c), m);
      squares = hn::MulAdd(v, v, squares);
    }
    for (std::size_t c = whole; c < dim; ++c) square += (x[c] - mean) * (x[c] - mean);
    const float variance = (square + hn::GetLane(hn::SumOfLanes(d, squares))) / static_cast<float>(dim);
    const float scale = 1.0f / std::sqrt(variance + eps);
    const auto s = hn::Set(d, scale);
    for (std::size_t c = 0; c < whole; c += lanes) {
      const auto v = hn::Mul(hn::Sub(hn::LoadU(d, x + c), m), s);
      hn::StoreU(hn::MulAdd(v, hn::LoadU(d, gain + c), hn::LoadU(d, shift + c)), d, x + c);
    }
    for (std::size_t c = whole; c < dim; ++c) x[c] = (x[c] - mean) * scale * gain[c] + shift[c];
  }
}

// Row of scores to a row of shares; `padded` is a whole number of vectors, places from `length` on get 0.
void Softmax(float* row, std::size_t length, std::size_t padded) {
  const hn::CappedTag<float, 16> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t j = length; j < padded; ++j) row[j] = -1e30f;
  auto most = hn::LoadU(d, row);
  for (std::size_t j = lanes; j < padded; j += lanes) most = hn::Max(most, hn::LoadU(d, row + j));
  most = hn::MaxOfLanes(d, most);
  auto sum = hn::Zero(d);
  for (std::size_t j = 0; j < padded; j += lanes) {
    const auto e = hn::Exp(d, hn::Max(hn::Sub(hn::LoadU(d, row + j), most), hn::Set(d, -104.0f)));
    hn::StoreU(e, d, row + j);
    sum = hn::Add(sum, e);
  }
  const auto scale = hn::Div(hn::Set(d, 1.0f), hn::SumOfLanes(d, sum));
  for (std::size_t j = 0; j < padded; j += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, row + j), scale), d, row + j);
}

// out[4 rows] [width] = weights [4 rows, depth] times rows [depth, width]. Four rows at once hide the latency of the sums.
HWY_INLINE void FourRows(const float* HWY_RESTRICT weights, std::size_t w_stride, const float* HWY_RESTRICT rows, std::size_t stride,
                         std::size_t depth, std::size_t width, float* HWY_RESTRICT out, std::size_t out_stride) {
  const hn::CappedTag<float, 16> d;
  for (std::size_t c = 0; c < width; c += hn::Lanes(d)) {
    auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
    for (std::size_t i = 0; i < depth; ++i) {
      const auto v = hn::LoadU(d, rows + i * stride + c);
      s0 = hn::MulAdd(hn::Set(d, weights[i]), v, s0);
      s1 = hn::MulAdd(hn::Set(d, weights[w_stride + i]), v, s1);
      s2 = hn::MulAdd(hn::Set(d, weights[2 * w_stride + i]), v, s2);
      s3 = hn::MulAdd(hn::Set(d, weights[3 * w_stride + i]), v, s3);
    }
    hn::StoreU(s0, d, out + c);
    hn::StoreU(s1, d, out + out_stride + c);
    hn::StoreU(s2, d, out + 2 * out_stride + c);
    hn::StoreU(s3, d, out + 3 * out_stride + c);
  }
}

// The last queries of a sequence are done as a whole four that overlaps the one before; fewer than four borrow copies (queries).
void Attention(const float* qkv, std::size_t length, std::size_t heads, std::size_t head_dim, float* out, float* scratch) {
  const std::size_t dim = heads * head_dim, stride = 3 * dim, padded = (length + 15) / 16 * 16;
  const std::size_t rows = (length + 3) / 4 * 4, wide = (head_dim + 15) / 16 * 16;
  float* keys = scratch;                     // [head_dim, padded], the head's keys turned
  float* values = keys + head_dim * padded;  // [length, wide]
  float* queries = values + rows * wide;     // [rows, head_dim]
  float* scores = queries + rows * head_dim;  // [4, padded]
  float* sums = scores + 4 * padded;         // [4, wide]
  std::fill(scratch, sums + 4 * wide, 0.0f);
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t j = 0; j < length; ++j) {
      const float* row = qkv + j * stride + h * head_dim;
      std::copy(row, row + head_dim, queries + j * head_dim);
      for (std::size_t c = 0; c < head_dim; ++c) keys[c * padded + j] = row[dim + c];
      std::copy(row + 2 * dim, row + 2 * dim + head_dim, values + j * wide);
    }
    for (std::size_t q = 0; q < rows; q += 4) {
      FourRows(queries + q * head_dim, head_dim, keys, padded, head_dim, padded, scores, padded);
      for (std::size_t r = 0; r < 4; ++r) Softmax(scores + r * padded, length, padded);
      FourRows(scores, padded, values, wide, length, wide, sums, wide);
      for (std::size_t r = 0; r < 4 && q + r < length; ++r)
        std::copy(sums + r * wide, sums + r * wide + head_dim, out + (q + r) * dim + h * head_dim);
    }
  }
}

}  // namespace attune::lm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::lm {

HWY_EXPORT(Product);
HWY_EXPORT(AddAndNormalise);
HWY_EXPORT(Attention);

PackedWeights::PackedWeights(MatrixView weight, std::span<const float> bias) : in_(weight.cols), out_(weight.rows) {
  ATTUNE_ASSERT(bias.size() == weight.rows, "a weight has one bias an output");
  const std::size_t panels = (out_ + kTileCols - 1) / kTileCols;
  panels_ = Matrix(panels, in_ * kTileCols);
  bias_ = Matrix(panels, kTileCols);
  for (std::size_t o = 0; o < out_; ++o) {
    float* to = panels_.row(o / kTileCols).data() + o % kTileCols;
    for (std::size_t i = 0; i < in_; ++i) to[i * kTileCols] = weight(o, i);
    bias_(o / kTileCols, o % kTileCols) = bias[o];
  }
}

void product(const float* x, std::size_t rows, const PackedWeights& w, Then then, float* y) {
  HWY_DYNAMIC_DISPATCH(Product)(x, rows, w, then, y);
}
void add_and_normalise(float* x, const float* y, std::size_t rows, std::size_t dim, const float* gain, const float* shift, float eps) {
  HWY_DYNAMIC_DISPATCH(AddAndNormalise)(x, y, rows, dim, gain, shift, eps);
}
void attention(const float* qkv, std::size_t length, std::size_t heads, std::size_t head_dim, float* out, std::span<float> scratch) {
  ATTUNE_ASSERT(scratch.size() >= attention_scratch(length, head_dim), "attention needs its scratch");
  HWY_DYNAMIC_DISPATCH(Attention)(qkv, length, heads, head_dim, out, scratch.data());
}
std::size_t attention_scratch(std::size_t length, std::size_t head_dim) noexcept {
  const std::size_t padded = (length + 15) / 16 * 16, rows = (length + 3) / 4 * 4, wide = (head_dim + 15) / 16 * 16;
  return head_dim * padded + rows * wide + rows * head_dim + 4 * padded + 4 * wide;
}

}  // namespace attune::lm
#endif
