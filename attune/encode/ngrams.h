// N-grams: short texts counted by words, pairs of neighbouring words and runs of characters within words, so that a slip of spelling
// changes few columns. Weighted as TF-IDF: (1 + ln tf) (ln((1 + n) / (1 + df)) + 1), rows of length 1.
// Source: Cavnar and Trenkle 1994 (characters); Salton and Buckley 1988 (weights). Cost: one pass over the characters.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::encode {

struct NgramOptions {
  int words = 2;           // longest run of words; 0 = none
  int characters = 4;      // longest run of characters, a word's bounds counted as one; the shortest is 2; 0 = none
  int min_texts = 2;       // rarer ones are left out
  int most = 20000;        // at most so many columns: those that stand in most texts
};

// Fitted to some texts, const ever after, safe from any thread. Any bytes are allowed; scripts without spaces are counted by characters.
class Ngrams {
 public:
  Ngrams() = default;
  static Ngrams fit(std::span<const std::string> texts, const NgramOptions& options, const Run& run);

  std::size_t dim() const noexcept { return idf_.size(); }
  // [texts, dim]; a text of nothing known gives an empty row.
  Sparse encode(std::span<const std::string> texts, const Run& run) const;

  void save(ByteWriter& out) const;
  static Ngrams load(ByteReader& in);   // throws Error: bad_data

 private:
  Ngrams(NgramOptions options, std::vector<std::string> grams, std::vector<float> idf);
  NgramOptions options_;
  std::vector<std::string> grams_;    // by column, ascending
  std::vector<float> idf_;
  std::unordered_map<std::string, std::uint32_t> columns_;
};

}  // namespace attune::encode
