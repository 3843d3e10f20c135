// Learned: what this machine's guard has learned from the cases: a head on the encoder minilm as it is (made when first needed, half a minute of CPU) or, once `learn` was asked for, on a copy of the encoder
// tuned to the cases: of sentences on subjects that no case has it refuses more of the harmful and passes more of the harmless (figures: data/safety/README.md).
// Source: encode/tune.h, one class a kind. Files lie beside the encoder, named after what they were made from: guard-HASH.bin, and guard-HASH.gguf (46 MB) of a tuned one.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/encode/tune.h"
#include "attune/talk/safety/cases.h"
#include "attune/talk/safety/head.h"

namespace attune::talk::safety {

// Beneath `pass` a rule that refuses is overruled; above `refuse` the head refuses alone.
struct HeadThresholds {
  float pass, refuse;
};
// Chosen on sentences that no head learns from, data/safety/asked.en.txt, and on CLINC150's validation messages, of which 99 % are to pass (`bench_safety_asked`): those that refuse most where of the harmless
// sentences nine in ten pass, with the tuned encoder 95 %.
inline constexpr HeadThresholds kFrozenThresholds = {-0.1f, -0.05f}, kTunedThresholds = {-0.1f, -0.1f};
inline constexpr std::size_t kShortSentence = 13;   // words, its end counted: of a longer one a rule is never overruled
inline constexpr float kPlainWish = 0.4f;      // in the place of `refuse` for is_plain_wish: costs no sentence of asked.en.txt
inline constexpr int kCasesOfATemplate = 5, kTunedCasesOfATemplate = 8;

// What the head of this machine says of each text. Empty where the encoder minilm is missing or cannot be used: then the rules stand alone. Texts are read up to about 60 words. Safe from any thread.
std::vector<HeadScore> opinions(std::span<const std::string> texts);
// Of the head that `opinions` asks.
const HeadThresholds& thresholds();
bool is_tuned();

struct Learned {
  std::filesystem::path file;      // the tuned encoder
  std::size_t cases = 0;
  bool was_there = false;          // learned before from the same cases: nothing was done
};
// Tunes the encoder to the cases (four minutes of CPU) and fits the head on it. Programs that run keep what they have until they start again.
// Throws Error: not_found without minilm, unsupported where its file cannot be tuned, io, cancelled.
Learned learn(const Run& run);

// A copy of `base` tuned so that cases of one kind lie together, written to `file`. Throws Error: as `learn`, and bad_data without cases.
void tune_encoder(std::span<const SafetyCase> cases, const encode::TuneOptions& options, const std::filesystem::path& base, const std::filesystem::path& file, const Run& run);

}  // namespace attune::talk::safety
