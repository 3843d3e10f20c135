// Head: what a sentence as a whole asks, by a frozen encoder: kernel ridge regression on the project's own cases. English.
// Source: textbook (Gaussian kernel). Cost: a fit of 2,000 cases about 4 s, once a machine, then kept in a file of 3 MB; a judgement one embedding.
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

namespace attune::talk::safety {

struct HeadScore {
  float refuse = 0;                // towards 1: must be refused; towards -1: passes
  Kind kind = Kind::none;          // of the cases that speak loudest for refusing
};

class Head {
 public:
  // vectors [cases, dim] of length 1
  static Head fit(Matrix vectors, std::vector<Kind> kinds);
  HeadScore score(std::span<const float> vector) const;
  void save(const std::filesystem::path& file) const;                             // throws Error: io
  static Head load(const std::filesystem::path& file);                            // throws Error: bad_data, io

 private:
  Matrix vectors_;
  std::vector<Kind> kinds_;
  std::vector<float> weights_;
};

// Beneath `pass` a rule that refuses is overruled; above `refuse` the head refuses alone. Chosen so that each overrules a tenth of the
// other's own cases in cross-validation over templates (`bench_safety thresholds`).
struct HeadThresholds {
  float pass, refuse;
};
inline constexpr HeadThresholds kThresholds = {-0.28f, 0.07f};
inline constexpr int kCasesOfATemplate = 6;

// What the head of this machine says: from its file beside the encoder, else fitted and written there at the first call. nullopt for a text without
// English words, and where the encoder minilm is missing or cannot be used: then the rules stand alone. Safe from any thread.
std::optional<HeadScore> opinion(std::string_view message);

}  // namespace attune::talk::safety
