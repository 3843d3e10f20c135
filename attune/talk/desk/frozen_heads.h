// Frozen heads: what a message wants, read from the vectors of encoders that stay as they are: a softmax of linear scores on vectors
// and words, and ridge regression on a Gaussian kernel of the vectors, their chances multiplied.
// Cost: a fit of 10,000 messages takes seconds beside reading them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/encode/ngrams.h"
#include "attune/talk/desk/intent_lessons.h"
#include "attune/talk/desk/intent_space.h"
#include "attune/talk/desk/strangeness.h"
#include "attune/train/kernel_head.h"
#include "attune/train/linear_head.h"

namespace attune::talk::desk {

struct FrozenOptions {
  float reg = 1e-5f;            // of the linear head, on vectors and words
  float whitening = 1.0f;       // eps of core/whiten.h, per encoder
  float ngram_weight = 0.5f;    // length of the words' part beside vectors of length 1
  float later_weight = 0.5f;    // length of the vectors of encoders after the first, for the kernel
  float reach = 1.0f, ridge = 0.3f;   // of the kernel head, on vectors
  double kernel_weight = 0.5;   // its share of the answer beside the linear head's
};

// Const after fit, safe from any thread; learn, set_temperatures are for the owner alone.
class FrozenHeads {
 public:
  // What the heads say of texts, before temperatures.
  struct Said {
    Matrix linear, kernel;   // [texts, classes]; no kernel where there were too many messages for one
    Matrix rows;             // [texts, dim] in the kernel's space
  };

  // vectors: of the lessons' texts, one [texts, dim] an encoder.
  static FrozenHeads fit(const std::vector<Matrix>& vectors, const Lessons& lessons, std::size_t classes, const FrozenOptions& options, const Run& run);
  Said say(const std::vector<Matrix>& vectors, std::span<const std::string> texts, const Run& run) const;
  // [texts, classes], each row a chance distribution; `signs` [texts] get their part.
  Matrix chances(Said said, std::span<Signs> signs, const Run& run) const;
  // Under which what was said of messages that did not teach is least surprising.
  void set_temperatures(const Said& said, std::span<const std::uint32_t> labels);
  void set_temperatures(const FrozenHeads& like);

  // One message taken in at once; it also counts as a known one from now on.
  void learn(const std::vector<Matrix>& vectors, const std::string& text, std::uint32_t label, const Run& run);
  // Cosine of a text to the message most like it that was learned since the training, by row; below 0 for none.
  std::vector<double> echoes(const std::vector<Matrix>& vectors) const;

  void save(ByteWriter& out) const;
  static FrozenHeads load(ByteReader& in, std::size_t classes);   // throws Error: bad_data

 private:
  Sparse words(std::span<const std::string> texts, const Run& run) const;
  double nearness(std::span<const float> row) const;

  FrozenOptions options_;
  IntentSpace linear_space_, kernel_space_;
  encode::Ngrams ngrams_;
  train::LinearHead linear_;
  train::KernelHead kernel_;       // without rows where there were too many messages for it
  Matrix known_;                   // messages seen, in the kernel's space, of length 1
  std::vector<float> later_;       // more of them, learned since
};

// scores[texts, classes]: how far the best is from all into signs[at], how little all are into signs[at + 1], times `share`.
void note_surprise(const Matrix& scores, std::size_t at, double share, std::span<Signs> signs);
// Weighted product of two tables of chances into `chances`: `share` is that of `other`.
void multiply_chances(Matrix& chances, const Matrix& other, double share, const Run& run);

}  // namespace attune::talk::desk
