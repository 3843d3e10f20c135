// Intents: what a message wants, out of those a desk knows, or none of them. Sentence encoders side by side, words and runs of
// characters, under a linear and a kernel head; optionally an encoder tuned to the intents. What is of none is told by a mixture of signs, the bar
// set so that a chosen share of known messages stays in.
// Source: signs of novelty: largest chance, Hendrycks and Gimpel 2017; energy, Liu et al. 2020; nearest neighbours, Sun et al. 2022.
// Cost: a fit of 10,000 messages takes seconds beside reading them; tuning takes minutes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/encode/ngrams.h"
#include "attune/encode/tune.h"
#include "attune/train/kernel_head.h"
#include "attune/train/linear_head.h"

namespace attune::talk::desk {

// Sentence vectors of texts, one [texts, dim] an encoder, rows of length 1. Whoever calls caches.
using ReadTexts = std::function<std::vector<Matrix>(std::span<const std::string>, const Run&)>;

struct IntentOptions {
  float reg = 1e-5f;            // of the linear head, on vectors and words
  float whitening = 1.0f;       // eps of core/whiten.h, per encoder
  float ngram_weight = 0.5f;    // length of the words' part beside vectors of length 1
  float reach = 1.0f, ridge = 0.3f;   // of the kernel head, on vectors
  double kernel_weight = 0.5;   // its share of the answer beside the linear head's
  double kept = 0.95;           // share of known messages that are to stay in
  int tuned = 0;                // encoders tuned to the intents beside the frozen ones
  double tuned_weight = 0.6;    // their share of the answer, all together
  encode::TuneOptions tune;
  std::filesystem::path tune_from;   // model file that is tuned; with 0 epochs it was tuned before and is taken as it is
};

struct IntentReading {
  std::vector<std::pair<std::uint32_t, double>> best;   // intents by chance, best first, at most 5
  double outside = 0;        // how little the message is like any known one; no unit, above `bar` = of none
  double common = 0;         // share of known messages that are at least as strange
  bool in_scope = false;
};

// Messages with what they want: labels[i] in 0..classes-1.
struct Lessons {
  std::vector<std::string> texts;
  std::vector<std::uint32_t> labels;
};

class Intents {
 public:
  Intents();
  ~Intents();
  Intents(Intents&&) noexcept;
  Intents& operator=(Intents&&) noexcept;

  // `held_out` sets temperature and bar; empty = parts of `lessons` take turns. `outside`: messages of no intent that teach how signs
  // are mixed (not the classes); may be empty. Tuned models are written into `folder`.
  // Throws Error: bad_data with fewer than two intents or messages.
  static Intents train(const Lessons& lessons, const Lessons& held_out, std::span<const std::string> outside, std::size_t classes,
                       const IntentOptions& options, const ReadTexts& read, const std::filesystem::path& folder, const Run& run);

  std::size_t classes() const noexcept;
  double bar() const noexcept;
  // Share of messages that were read right by what others taught (the held-out ones, or parts that took turns).
  double held_out_accuracy() const noexcept;
  std::vector<IntentReading> read(std::span<const std::string> texts, const ReadTexts& read, const Run& run) const;
  // [texts, classes], each row a chance distribution; and how far outside each text is.
  Matrix chances(std::span<const std::string> texts, const ReadTexts& read, std::vector<double>& outside, const Run& run) const;
  // One message taken in at once (train::LinearHead::learn); it also counts as a known message from now on.
  void learn(const std::string& text, std::uint32_t label, const ReadTexts& read, const Run& run);

  // Files of the folder: intents.bin and tuned models. Throws Error: io; bad_data, not_found.
  void save(const std::filesystem::path& folder) const;
  static Intents load(const std::filesystem::path& folder);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::talk::desk
