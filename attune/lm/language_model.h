// Language models: three verbs over texts. This floor knows nothing of items.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::lm {

struct GenerateOptions {
  int max_tokens = 128;
  float temperature = 0;     // 0 = greedy
  std::string grammar;       // GBNF; empty = free
  std::uint64_t seed = 42;
  std::size_t prefix_bytes = 0;   // so much of the prompt's beginning stands in other prompts too: a local model computes it once and keeps it; 0 = none
};

// Safe to call from many threads; calls wait for each other where the back end has one context.
// A model that lacks a verb throws Error: unsupported, naming the verb and a model that has it.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  virtual std::string name() const = 0;         // "minilm", for caches: with `fingerprint` it names the vectors
  virtual std::string fingerprint() const = 0;  // changes when the weights or the reading of texts change
  virtual std::size_t dim() const = 0;          // length of embeddings
  // One row of length 1 a text, in order. An empty or blank text gives a row of zeros.
  // Texts are cut to the model's length. Progress is reported in texts.
  virtual Matrix embed(std::span<const std::string> texts, const Run& run) const = 0;
  // What the model writes after `prompt`, which goes in as it is: a chat template is the caller's.
  virtual std::string generate(const std::string& prompt, const GenerateOptions& options, const Run& run) const = 0;
  // Log-probability of each answer after the prompt, per token.
  virtual std::vector<float> score(const std::string& prompt, std::span<const std::string> answers, const Run& run) const = 0;
};

// Opens a GGUF file. A damaged or hostile file is refused with Error: bad_data (never aborts the process).
// `prefix` is put before every text ("query: " for e5).
std::unique_ptr<LanguageModel> open_gguf(const std::filesystem::path& file, const std::string& name, const std::string& prefix);

// A deterministic stand-in for tests: hashed words. Never a default.
std::unique_ptr<LanguageModel> make_tiny(std::size_t dim = 64);

// Where models live: $ATTUNE_MODELS, else $ATTUNE_HOME/models, else the user's cache folder, else beside the program.
// Throws Error: not_found saying which command fetches it.
std::filesystem::path find_model(const std::string& file_name);

}  // namespace attune::lm
