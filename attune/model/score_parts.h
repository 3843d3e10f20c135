// Score parts: what behaviour and what each text put into one weight W(i, j) of a linear model, told apart on demand.
//   W = behaviour + sum_k l_k P C_k,  C_k = S_k - diag: text EASE of feature k (text_prior.h), P the common inverse.
// Kept: the upper triangle of P in half precision (a quarter of W's memory), and for dense features the factor P X M [items, d].
// Behaviour and dense texts are looked up; one sparse text is what remains, so the parts always add up to W(i, j) exactly.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/explanation.h"
#include "attune/core/matrix.h"
#include "attune/core/sparse.h"

namespace attune::model {

class ScoreParts {
 public:
  // Behaviour of a sequence model, P R: give R' (row j = column j of R).
  static ScoreParts of_sequences(MatrixView p, Sparse r_transposed);
  // Behaviour of a set model, I - P diag(m); m may come later.
  static ScoreParts of_sets(MatrixView p, std::vector<float> m);
  void set_diagonal_terms(std::vector<float> m) { m_ = std::move(m); }

  // l P C of a dense feature: left [items, d] . right [items, d] - P(i, j) diagonal[j], the weight l already in all of them.
  void add_text(std::string feature, Matrix left, Matrix right, std::vector<float> diagonal);
  // Names what is not told apart otherwise ("tfidf", or "tfidf+tags" for several).
  void name_rest(std::string feature) { rest_ = std::move(feature); }

  // Parts of w = W(i, j): "behaviour", "text:FEATURE"...; they sum to w.
  std::vector<Explanation> split(std::size_t i, std::size_t j, float w) const;

  std::size_t item_count() const noexcept { return items_; }
  std::size_t size_bytes() const noexcept;
  void save(ByteWriter& out) const;
  static ScoreParts load(ByteReader& in);

 private:
  struct Text {
    std::string feature;
    Matrix left, right;
    std::vector<float> diagonal;
  };
  void pack(MatrixView p);
  float p(std::size_t i, std::size_t j) const;
  double behaviour(std::size_t i, std::size_t j) const;

  std::size_t items_ = 0;
  float step_ = 1;                     // what 1 in `packed_` stands for
  std::vector<std::uint16_t> packed_;  // upper triangle of P, row after row
  Sparse r_transposed_;                // sequences; empty for sets
  std::vector<float> m_;               // sets; empty for sequences
  std::vector<Text> texts_;
  std::string rest_;
};

}  // namespace attune::model
