// Score parts: a lookup costs one row of R for the behaviour and one dot product a dense text.
#include "attune/model/score_parts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/model/half.h"

namespace attune::model {
namespace {

// Start of row i in a packed upper triangle of n rows.
std::size_t row_start(std::size_t i, std::size_t n) { return i * n - i * (i + 1) / 2 + i; }

}  // namespace

ScoreParts ScoreParts::of_sequences(MatrixView p, Sparse r_transposed) {
  ScoreParts parts;
  parts.pack(p);
  parts.r_transposed_ = std::move(r_transposed);
  return parts;
}

ScoreParts ScoreParts::of_sets(MatrixView p, std::vector<float> m) {
  ScoreParts parts;
  parts.pack(p);
  parts.m_ = std::move(m);
  return parts;
}

void ScoreParts::pack(MatrixView p) {
  items_ = p.rows;
  float largest = 0;  // of a positive definite matrix: on the diagonal
  for (std::size_t i = 0; i < items_; ++i) largest = std::max(largest, p(i, i));
  step_ = largest > 0 ? largest / 32768.0f : 1.0f;
  packed_.resize(items_ * (items_ + 1) / 2);
  parallel_for(0, items_, 64, Run{}, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i)
      for (std::size_t j = i; j < items_; ++j) packed_[row_start(i, items_) + (j - i)] = to_half(p(i, j) / step_);
  });
}

float ScoreParts::p(std::size_t i, std::size_t j) const {
  if (i > j) std::swap(i, j);
  return from_half(packed_[row_start(i, items_) + (j - i)]) * step_;
}

void ScoreParts::add_text(std::string feature, Matrix left, Matrix right, std::vector<float> diagonal) {
  texts_.push_back({std::move(feature), std::move(left), std::move(right), std::move(diagonal)});
}

double ScoreParts::behaviour(std::size_t i, std::size_t j) const {
  if (!m_.empty()) return (i == j ? 1.0 : 0.0) - static_cast<double>(p(i, j)) * m_[j];
  double sum = 0;
  const auto rows = r_transposed_.row_indices(j);
  const auto values = r_transposed_.row_values(j);
  for (std::size_t k = 0; k < rows.size(); ++k) sum += static_cast<double>(p(i, rows[k])) * values[k];
  return sum;
}

std::vector<Explanation> ScoreParts::split(std::size_t i, std::size_t j, float w) const {
  std::vector<Explanation> parts = {{.what = "behaviour"}};
  double rest = w;
  for (const Text& text : texts_) {
    const double share = dot(text.left.row(i), text.right.row(j)) - static_cast<double>(p(i, j)) * text.diagonal[j];
    parts.push_back({.what = "text:" + text.feature, .value = share});
    rest -= share;
  }
  if (rest_.empty()) {
    parts[0].value = rest;
    return parts;
  }
  parts[0].value = behaviour(i, j);
  parts.push_back({.what = "text:" + rest_, .value = rest - parts[0].value});
  return parts;
}

std::size_t ScoreParts::size_bytes() const noexcept {
  std::size_t bytes = packed_.size() * 2 + r_transposed_.size_bytes() + m_.size() * 4;
  for (const Text& text : texts_) bytes += text.left.size_bytes() + text.right.size_bytes() + text.diagonal.size() * 4;
  return bytes;
}

void ScoreParts::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(items_));
  out.number(step_);
  out.array(std::span<const std::uint16_t>(packed_));
  out.sparse(r_transposed_);
  out.array(std::span<const float>(m_));
  out.text(rest_);
  out.number(static_cast<std::uint64_t>(texts_.size()));
  for (const Text& text : texts_) {
    out.text(text.feature);
    out.matrix(text.left);
    out.matrix(text.right);
    out.array(std::span<const float>(text.diagonal));
  }
}

ScoreParts ScoreParts::load(ByteReader& in) {
  ScoreParts parts;
  parts.items_ = static_cast<std::size_t>(in.number<std::uint64_t>());
  parts.step_ = in.number<float>();
  parts.packed_ = in.array<std::uint16_t>();
  parts.r_transposed_ = in.sparse();
  parts.m_ = in.array<float>();
  parts.rest_ = in.text();
  const std::size_t n = parts.items_, texts = static_cast<std::size_t>(in.number<std::uint64_t>());
  bool sound = n < (std::size_t{1} << 31) && parts.packed_.size() == n * (n + 1) / 2;
  sound = sound && (parts.m_.empty() ? parts.r_transposed_.rows == n && parts.r_transposed_.cols == n : parts.m_.size() == n);
  for (std::size_t k = 0; sound && k < texts; ++k) {
    Text text{.feature = in.text(), .left = in.matrix(), .right = in.matrix(), .diagonal = in.array<float>()};
    sound = text.left.rows() == n && text.right.rows() == n && text.left.cols() == text.right.cols() && text.diagonal.size() == n;
    parts.texts_.push_back(std::move(text));
  }
  if (!sound) throw Error(Code::bad_data, "the parts of a model are damaged: sizes do not fit; fit again");
  return parts;
}

}  // namespace attune::model
