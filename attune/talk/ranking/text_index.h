// Text index: stored texts asked for those most like a text: cosine of TF-IDF over whole words (and pairs of words).
// Source: Sparck Jones 1972; logarithmic counts. Cost: O(words) to build, O(sum over the question's words of their holders) to ask.
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

namespace attune::talk::ranking {

struct TextIndexOptions {
  bool pairs = false;        // neighbouring words count as a word too
  int least = 2;             // words that fewer texts have are not read
  double common = 0.25;      // words that more than this share of the texts have are not read
};

// A text as the index sees it: words known to it with their weights, length 1.
struct WordRow {
  std::vector<std::uint32_t> words;   // ascending
  std::vector<float> weights;
};

// Const after it is built, safe from any thread.
class TextIndex {
 public:
  TextIndex() = default;
  static TextIndex build(std::span<const std::string> texts, const TextIndexOptions& options, const Run& run);

  std::size_t count() const noexcept { return by_word_.cols; }
  std::size_t word_count() const noexcept { return idf_.size(); }
  // Words it knows of the text; empty = none.
  WordRow read(std::string_view text) const;
  // out [count()] += cosine.
  void add(const WordRow& row, std::span<float> out) const;
  // The stored rows: [count, words].
  const Sparse& rows() const noexcept { return by_text_; }

  void save(ByteWriter& out) const;
  static TextIndex load(ByteReader& in);   // throws Error: bad_data

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<float> idf_;
  bool pairs_ = false;
  Sparse by_text_, by_word_;
};

}  // namespace attune::talk::ranking
