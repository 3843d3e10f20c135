// Tiny: a stand-in for tests, never a default. A word's vector is drawn from its hash; a text is the sum of its words.
// Texts that share words are near each other, and nothing else is known.
#include <cctype>
#include <cmath>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/lm/language_model.h"

namespace attune::lm {
namespace {

class Tiny final : public LanguageModel {
 public:
  explicit Tiny(std::size_t dim) : dim_(dim) {
    if (dim == 0 || dim > 4096) throw Error(Code::bad_request, "the tiny model has 1 to 4096 numbers a text, got " + std::to_string(dim));
  }
  std::string name() const override { return "tiny"; }
  std::string fingerprint() const override { return "tiny-1/" + std::to_string(dim_); }
  std::size_t dim() const override { return dim_; }
  Matrix embed(std::span<const std::string> texts, const Run& run) const override {
    Matrix out(texts.size(), dim_);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      run.check();
      std::string word;
      for (const char c : texts[i] + " ") {
        if (static_cast<unsigned char>(c) > ' ') {
          word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (!word.empty()) {
          add(word, out.row(i));
          word.clear();
        }
      }
      normalise(out.row(i));
    }
    run.report("reading texts", texts.size(), texts.size());
    return out;
  }
  std::string generate(const std::string&, const GenerateOptions&, const Run&) const override { lacks("generate"); }
  std::vector<float> score(const std::string&, std::span<const std::string>, const Run&) const override { lacks("score"); }

 private:
  [[noreturn]] static void lacks(const std::string& verb) {
    throw Error(Code::unsupported, "the tiny model is for tests and cannot " + verb + "; a GGUF generator can");
  }
  // Numbers in -1..1 out of the word's hash, 8 hex digits each.
  void add(const std::string& word, std::span<float> row) const {
    std::string digits;
    for (std::size_t d = 0; d < dim_; ++d) {
      if (d % 4 == 0) digits = hash_hex(word + "/" + std::to_string(d / 4));
      const auto bits = std::stoul(digits.substr(d % 4 * 8, 8), nullptr, 16);
      row[d] += static_cast<float>(static_cast<double>(bits) / 2147483648.0 - 1.0);
    }
  }
  std::size_t dim_;
};

}  // namespace

std::unique_ptr<LanguageModel> make_tiny(std::size_t dim) { return std::make_unique<Tiny>(dim); }

}  // namespace attune::lm
