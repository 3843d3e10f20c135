// Kernels of the encoder: products with packed weights, attention, normalising; compiled per instruction set with highway.
// Each runs in the calling thread and has a plain twin in tests/unit/lm/bert_kernels_test.cpp.
#pragma once
#include <cstddef>
#include <span>

#include "attune/core/matrix.h"

namespace attune::lm {

inline constexpr std::size_t kTileRows = 12;   // rows of a product come in whole tiles; callers pad their matrices
inline constexpr std::size_t kTileCols = 32;

constexpr std::size_t padded_rows(std::size_t rows) noexcept { return (rows + kTileRows - 1) / kTileRows * kTileRows; }

// A weight [out, in] laid out for the product: panels of 32 outputs, within a panel all outputs of one input side by side.
class PackedWeights {
 public:
  PackedWeights() = default;
  // weight [out, in], bias [out]. Outputs are padded with zeros to whole panels.
  PackedWeights(MatrixView weight, std::span<const float> bias);
  std::size_t in() const noexcept { return in_; }
  std::size_t out() const noexcept { return out_; }
  const float* panel(std::size_t p) const noexcept { return panels_.data() + p * in_ * kTileCols; }
  const float* bias(std::size_t p) const noexcept { return bias_.data() + p * kTileCols; }
  std::size_t panel_count() const noexcept { return panels_.rows(); }
  std::size_t size_bytes() const noexcept { return panels_.size_bytes(); }

 private:
  Matrix panels_;  // [panels, in * 32]
  Matrix bias_;    // [panels, 32]
  std::size_t in_ = 0, out_ = 0;
};

enum class Then { nothing, gelu };  // gelu: x * Phi(x), by the error function, as BERT has it

// y = then(x W' + b).   x [rows, in], y [rows, panels * 32], both with padded_rows(rows) rows that may be read and written.
void product(const float* x, std::size_t rows, const PackedWeights& w, Then then, float* y);

// Row r: x += y (y may be null), then x = (x - mean) / sqrt(variance + eps) * gain + shift, in place.
//   x, y [rows, dim], gain, shift [dim]
void add_and_normalise(float* x, const float* y, std::size_t rows, std::size_t dim, const float* gain, const float* shift, float eps);

// Softmax attention within one sequence: out = softmax(q k') v, head by head; q is scaled already.
//   qkv      [length, 3 * heads * head_dim]  query, key and value beside each other
//   out      [length, heads * head_dim]
//   scratch  at least attention_scratch(length, head_dim) floats
void attention(const float* qkv, std::size_t length, std::size_t heads, std::size_t head_dim, float* out, std::span<float> scratch);
std::size_t attention_scratch(std::size_t length, std::size_t head_dim) noexcept;

}  // namespace attune::lm
