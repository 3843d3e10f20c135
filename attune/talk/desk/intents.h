// Intents: what a message wants, out of those a desk knows, or none of them. Sentence encoders side by side, words and runs of
// characters, under a linear and a kernel head (frozen_heads.h); optionally encoders tuned to the intents (tuned_encoders.h). What is
// of none is told by a mixture of signs (strangeness.h), the bar set so that a chosen share of known messages stays in.
// Cost: a fit of 10,000 messages takes seconds beside reading them; tuning takes minutes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/talk/desk/frozen_heads.h"
#include "attune/talk/desk/intent_lessons.h"
#include "attune/talk/desk/tuned_encoders.h"

namespace attune::talk::desk {

struct IntentOptions {
  FrozenOptions frozen;
  TunedOptions tuned;
  double tuned_weight = -1;     // share of the tuned encoders in the answer; below 0 = what suits the messages that did not teach best
  double kept = 0.95;           // share of known messages that are to stay in
};

struct IntentReading {
  std::vector<std::pair<std::uint32_t, double>> best;   // intents by chance, best first, at most 5
  double outside = 0;        // how little the message is like any known one; no unit, above `bar` = of none
  double common = 0;         // share of known messages that are at least as strange
  bool in_scope = false;
};

class Intents {
 public:
  Intents();
  ~Intents();
  Intents(Intents&&) noexcept;
  Intents& operator=(Intents&&) noexcept;

  // `held_out` sets temperatures, shares and the bar; empty = parts of `lessons` take turns, or with tuned encoders a tenth of each
  // intent is set aside. `outside`: messages of no intent that teach how signs are mixed (not the classes); may be empty.
  // Tuned models are written into `folder`. Throws Error: bad_data with fewer than two intents or messages.
  static Intents train(const Lessons& lessons, const Lessons& held_out, std::span<const std::string> outside, std::size_t classes,
                       const IntentOptions& options, const ReadTexts& read, const std::filesystem::path& folder, const Run& run);

  std::size_t classes() const noexcept;
  double bar() const noexcept;
  // The tuned encoders' share of the answer; 0 without.
  double tuned_weight() const noexcept;
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
