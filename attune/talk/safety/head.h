// Head: what a sentence as a whole asks, by a frozen encoder and by what the rules saw in it: kernel ridge regression on the project's own cases. English.
// Source: textbook (product of two Gaussian kernels: of the sentence's vector, and of the lists its words are in). Alone the vector tells a sentence with unseen words, asked in an unseen way, right in 76 % of
// each sort, both together in 85 % (cross-validation over templates and their fillings). Cost: a fit of 4,000 cases about 15 s of CPU, once a machine, then kept in a file of 8 MB; a judgement one embedding.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/lm/language_model.h"
#include "attune/talk/safety/cases.h"
#include "attune/talk/safety/reading.h"

namespace attune::talk::safety {

struct HeadScore {
  float refuse = 0;                // towards 1: must be refused; towards -1: passes
  Kind kind = Kind::none;          // of the cases that speak loudest for refusing
};

// What the rules see in a text: the lists its words are in, and the rule that spoke. Length 1 or less.
inline constexpr std::size_t kTraits = kMostLists + 6;
void traits_of(std::string_view text, std::span<float> out);      // [kTraits]

class Head {
 public:
  // vectors [cases, dim] of length 1; traits [cases, kTraits]
  static Head fit(Matrix vectors, Matrix traits, std::vector<Kind> kinds);
  HeadScore score(std::span<const float> vector, std::span<const float> traits) const;
  void save(const std::filesystem::path& file) const;                             // throws Error: io
  static Head load(const std::filesystem::path& file);                            // throws Error: bad_data, io

 private:
  Matrix vectors_, traits_;
  std::vector<Kind> kinds_;
  std::vector<float> weights_, squares_;   // squares_: of the traits, to themselves
};

// Beneath `pass` a rule that refuses is overruled; above `refuse` the head refuses alone. Chosen by cross-validation on the own cases (`bench_safety thresholds`): of the harmless ones,
// which are written to look harmful, 95 % pass.
struct HeadThresholds {
  float pass, refuse;
};
inline constexpr HeadThresholds kThresholds = {0.1f, 0.0f};
inline constexpr int kCasesOfATemplate = 5;

// What the head of this machine says of each text: from its file beside the encoder, else fitted and written there at the first call. Empty where the encoder minilm is missing or cannot be used: then the
// rules stand alone. Texts are read up to about 60 words. Safe from any thread.
std::vector<HeadScore> opinions(std::span<const std::string> texts);
// Is it written in Latin letters, mostly: the encoder reads English.
bool is_latin(std::string_view text) noexcept;

}  // namespace attune::talk::safety
