// Score parts: what behaviour and what each text put into one weight W(i, j) of a linear model, told apart on demand.
//   W = behaviour + sum_k l_k P C_k,   P C_k = left_k right_k' - P diag(d_k)        (text_prior.h; P the common inverse)
// Kept: the upper triangle of P and the left factors of words in half precision (10 bits of fraction: a text's share is right to
// a thousandth), the left factors of sentence vectors as they are. Behaviour is what the texts leave, so the parts always add up.
// A lookup costs one entry of P and one dot product a text: some 100 ns.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/explanation.h"
#include "attune/core/matrix.h"
#include "attune/core/sparse.h"

namespace attune::model {

// Numbers in half precision, scaled so that the largest is 2^15.
class Halves {
 public:
  Halves() = default;
  Halves(std::size_t count, float largest);
  void put(std::size_t n, float value) noexcept;  // different n: from many threads
  float operator[](std::size_t n) const noexcept;
  std::size_t size() const noexcept { return packed_.size(); }
  std::size_t size_bytes() const noexcept { return packed_.size() * sizeof(std::uint16_t); }
  void save(ByteWriter& out) const;
  static Halves load(ByteReader& in);

 private:
  float step_ = 1;
  std::vector<std::uint16_t> packed_;
};

class ScoreParts {
 public:
  ScoreParts() = default;
  explicit ScoreParts(MatrixView inverse);

  // Each adds one text; the prior's weight is already in `left` and `diagonal`.
  void add_vectors(std::string feature, Matrix left, Matrix right, std::vector<float> diagonal);    // [items, d] both
  void add_words(std::string feature, MatrixView left, Sparse right, std::vector<float> diagonal);  // [items, words] both
  void add_items(std::string feature, MatrixView left);                                             // [items, items], P C itself

  // Parts of w = W(i, j): "behaviour", then "text:FEATURE" in the order added; they sum to w.
  std::vector<Explanation> split(std::size_t i, std::size_t j, float w) const;

  std::size_t item_count() const noexcept { return items_; }
  std::size_t size_bytes() const noexcept;
  void save(ByteWriter& out) const;
  static ScoreParts load(ByteReader& in);

 private:
  struct Text {
    std::string feature;
    Matrix left, right;           // vectors
    Halves packed_left;           // words, items: [items, packed_cols]
    std::uint64_t packed_cols = 0;
    Sparse words;                 // words: right; empty for items
    std::vector<float> diagonal;  // empty for items
  };
  float p(std::size_t i, std::size_t j) const;
  double share(const Text& text, std::size_t i, std::size_t j) const;
  bool fits(const Text& text) const;

  std::size_t items_ = 0;
  Halves p_;  // upper triangle, row after row
  std::vector<Text> texts_;
};

}  // namespace attune::model
