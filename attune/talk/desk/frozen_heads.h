// Frozen heads: what a message wants, read from the vectors of encoders that stay as they are: a softmax of linear scores on vectors
// and words, and ridge regression on a Gaussian kernel of the same, their chances multiplied.
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

// Below 0 = by the number of messages, as validation parts chose (docs/desk.md): few, many.
struct FrozenOptions {
  float reg = 1e-5f;            // of the linear head, on vectors and words
  float whitening = 1.0f;       // eps of core/whiten.h, per encoder
  float ngram_weight = 0.5f;    // length of the words' part beside vectors of length 1, for the linear head
  float kernel_words = -1;      // the same for the kernel head: 0; 0 or 0.6, whichever suits messages that did not teach
  float later_weight = -1;      // length of the vectors of encoders after the first, for the kernel: 0.5, 0.8
  float reach = 1.0f;           // of the kernel head
  float ridge = -1;             // of the kernel head: 0.3, 0.05
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
  const FrozenOptions& options() const noexcept { return options_; }   // as they were chosen
  Said say(const std::vector<Matrix>& vectors, std::span<const std::string> texts, const Run& run) const;
  // [texts, classes], each row a chance distribution; `signs` [texts] get their part.
  Matrix chances(Said said, std::span<Signs> signs, const Run& run) const;
  // Under which what was said of messages that did not teach is least surprising.
  void set_temperatures(const Said& said, std::span<const std::uint32_t> labels);
  void set_temperatures(const FrozenHeads& like);

  // Lengths of the words' part that are worth trying for the kernel head; the first is the one that fit takes.
  static std::vector<float> kernel_words_to_try(const FrozenOptions& options, std::size_t messages);
  // Fits the kernel head anew with another of them to the lessons that all else was fitted to; all else stays.
  void refit_kernel(const std::vector<Matrix>& vectors, const Lessons& lessons, float kernel_words, const Run& run);

  // One message taken in at once; it also counts as a known one from now on.
  void learn(const std::vector<Matrix>& vectors, const std::string& text, std::uint32_t label, const Run& run);
  // Cosine of a text to the message most like it that was learned since the training, by row; below 0 for none.
  std::vector<double> echoes(const std::vector<Matrix>& vectors) const;

  void save(ByteWriter& out) const;
  static FrozenHeads load(ByteReader& in, std::size_t classes);   // throws Error: bad_data

 private:
  double nearness(std::span<const float> row) const;
  void fit_kernel(const Matrix& rows, const Sparse& words, std::span<const std::uint32_t> labels, const Run& run);

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
