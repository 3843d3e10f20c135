// Score parts: see the header.
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

// Start of row i in a packed upper triangle of n rows, less i, so that column j is at start + j.
std::size_t triangle_row(std::size_t i, std::size_t n) { return i * n - i * (i + 1) / 2; }

float largest_of(MatrixView m) {
  float largest = 0;
  for (std::size_t n = 0; n < m.rows * m.cols; ++n) largest = std::max(largest, std::abs(m.data[n]));
  return largest;
}

}  // namespace

Halves::Halves(std::size_t count, float largest) : step_(largest > 0 ? largest / 32768.0f : 1.0f), packed_(count) {}

void Halves::put(std::size_t n, float value) noexcept { packed_[n] = to_half(value / step_); }

float Halves::operator[](std::size_t n) const noexcept { return from_half(packed_[n]) * step_; }

void Halves::save(ByteWriter& out) const {
  out.number(step_);
  out.array(std::span<const std::uint16_t>(packed_));
}

Halves Halves::load(ByteReader& in) {
  Halves halves;
  halves.step_ = in.number<float>();
  halves.packed_ = in.array<std::uint16_t>();
  return halves;
}

ScoreParts::ScoreParts(MatrixView inverse) : items_(inverse.rows) {
  float largest = 0;  // of a positive definite matrix: on the diagonal
  for (std::size_t i = 0; i < items_; ++i) largest = std::max(largest, inverse(i, i));
  p_ = Halves(items_ * (items_ + 1) / 2, largest);
  parallel_for(0, items_, 64, Run{}, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i)
      for (std::size_t j = i; j < items_; ++j) p_.put(triangle_row(i, items_) + j, inverse(i, j));
  });
}

float ScoreParts::p(std::size_t i, std::size_t j) const {
  if (i > j) std::swap(i, j);
  return p_[triangle_row(i, items_) + j];
}

void ScoreParts::add_vectors(std::string feature, Matrix left, Matrix right, std::vector<float> diagonal) {
  Text text;
  text.feature = std::move(feature);
  text.left = std::move(left);
  text.right = std::move(right);
  text.diagonal = std::move(diagonal);
  texts_.push_back(std::move(text));
}

void ScoreParts::add_words(std::string feature, MatrixView left, Sparse right, std::vector<float> diagonal) {
  Text text;
  text.feature = std::move(feature);
  text.packed_left = Halves(left.rows * left.cols, largest_of(left));
  parallel_for(0, left.rows, 64, Run{}, [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first * left.cols; n < last * left.cols; ++n) text.packed_left.put(n, left.data[n]);
  });
  text.packed_cols = left.cols;
  text.words = std::move(right);
  text.diagonal = std::move(diagonal);
  texts_.push_back(std::move(text));
}

void ScoreParts::add_items(std::string feature, MatrixView left) { add_words(std::move(feature), left, {}, {}); }

double ScoreParts::share(const Text& text, std::size_t i, std::size_t j) const {
  const std::size_t row = i * text.packed_cols;
  if (text.diagonal.empty()) return text.packed_left[row + j];
  double sum = -static_cast<double>(p(i, j)) * text.diagonal[j];
  if (!text.left.empty()) return sum + dot(text.left.row(i), text.right.row(j));
  const auto words = text.words.row_indices(j);
  const auto values = text.words.row_values(j);
  for (std::size_t k = 0; k < words.size(); ++k) sum += static_cast<double>(text.packed_left[row + words[k]]) * values[k];
  return sum;
}

std::vector<Explanation> ScoreParts::split(std::size_t i, std::size_t j, float w) const {
  std::vector<Explanation> parts = {{.what = "behaviour", .value = w}};
  for (const Text& text : texts_) {
    parts.push_back({.what = "text:" + text.feature, .value = share(text, i, j)});
    parts[0].value -= parts.back().value;
  }
  return parts;
}

std::size_t ScoreParts::size_bytes() const noexcept {
  std::size_t bytes = p_.size_bytes();
  for (const Text& text : texts_)
    bytes += text.left.size_bytes() + text.right.size_bytes() + text.packed_left.size_bytes() + text.words.size_bytes() +
             text.diagonal.size() * sizeof(float);
  return bytes;
}

void ScoreParts::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(items_));
  p_.save(out);
  out.number(static_cast<std::uint64_t>(texts_.size()));
  for (const Text& text : texts_) {
    out.text(text.feature);
    out.matrix(text.left);
    out.matrix(text.right);
    out.number(text.packed_cols);
    text.packed_left.save(out);
    out.sparse(text.words);
    out.array(std::span<const float>(text.diagonal));
  }
}

// Do the sizes agree, so that no lookup can leave its array?
bool ScoreParts::fits(const Text& text) const {
  if (text.diagonal.empty()) return text.packed_cols == items_ && text.packed_left.size() == items_ * items_;
  if (text.diagonal.size() != items_) return false;
  if (!text.left.empty())
    return text.left.rows() == items_ && text.right.rows() == items_ && text.left.cols() == text.right.cols();
  return text.words.rows == items_ && text.words.cols == text.packed_cols && text.packed_left.size() == items_ * text.packed_cols;
}

ScoreParts ScoreParts::load(ByteReader& in) {
  ScoreParts parts;
  parts.items_ = static_cast<std::size_t>(in.number<std::uint64_t>());
  parts.p_ = Halves::load(in);
  const auto texts = in.number<std::uint64_t>();
  bool sound = parts.items_ < (std::size_t{1} << 31) && parts.p_.size() == parts.items_ * (parts.items_ + 1) / 2;
  for (std::uint64_t k = 0; sound && k < texts; ++k) {
    Text text;
    text.feature = in.text();
    text.left = in.matrix();
    text.right = in.matrix();
    text.packed_cols = in.number<std::uint64_t>();
    text.packed_left = Halves::load(in);
    text.words = in.sparse();
    text.diagonal = in.array<float>();
    sound = parts.fits(text);
    parts.texts_.push_back(std::move(text));
  }
  if (!sound) throw Error(Code::bad_data, "the parts of a model are damaged: sizes do not fit; fit again");
  return parts;
}

}  // namespace attune::model
