// Text index: one pass to number the words, one to weigh them; kept both ways round.
#include "attune/talk/ranking/text_index.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/error.h"
#include "attune/core/words.h"

namespace attune::talk::ranking {
namespace {

std::vector<std::string> terms_of(std::string_view text, bool pairs) {
  std::vector<std::string> terms = words_of(text);
  if (!pairs) return terms;
  const std::size_t n = terms.size();
  for (std::size_t i = 0; i + 1 < n; ++i) terms.push_back(terms[i] + " " + terms[i + 1]);
  return terms;
}

void make_length_one(std::span<float> weights) {
  double sum = 0;
  for (const float w : weights) sum += static_cast<double>(w) * w;
  if (sum <= 0) return;
  for (float& w : weights) w = static_cast<float>(w / std::sqrt(sum));
}

}  // namespace

TextIndex TextIndex::build(std::span<const std::string> texts, const TextIndexOptions& options, const Run& run) {
  TextIndex index;
  index.pairs_ = options.pairs;
  std::vector<std::map<std::string, float>> counts(texts.size());
  std::unordered_map<std::string, std::uint32_t> holders;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (t % 256 == 0) run.check();
    for (std::string& term : terms_of(texts[t], options.pairs)) counts[t][std::move(term)] += 1;
    for (const auto& [term, count] : counts[t]) ++holders[term];
  }
  const double n = static_cast<double>(texts.size());
  // Few texts have no common words: a word of two texts of three may still be the one that tells.
  const double most = std::max(options.common * n, 4.0);
  index.by_text_.rows = texts.size();
  for (const auto& row : counts) {
    std::map<std::uint32_t, float> weights;
    for (const auto& [term, count] : row) {
      const std::uint32_t have = holders[term];
      if (static_cast<int>(have) < options.least || have > most) continue;
      const auto [at, is_new] = index.numbers_.try_emplace(term, static_cast<std::uint32_t>(index.idf_.size()));
      if (is_new) index.idf_.push_back(static_cast<float>(std::log((1 + n) / (1.0 + have)) + 1));
      weights[at->second] = (1 + std::log(count)) * index.idf_[at->second];
    }
    for (const auto& [word, weight] : weights) {
      index.by_text_.indices.push_back(word);
      index.by_text_.values.push_back(weight);
    }
    make_length_one(std::span(index.by_text_.values).subspan(index.by_text_.offsets.back()));
    index.by_text_.offsets.push_back(index.by_text_.indices.size());
  }
  index.by_text_.cols = index.idf_.size();
  index.by_word_ = transpose(index.by_text_);
  return index;
}

WordRow TextIndex::read(std::string_view text) const {
  std::map<std::uint32_t, float> counts;
  for (const std::string& term : terms_of(text, pairs_)) {
    const auto at = numbers_.find(term);
    if (at != numbers_.end()) counts[at->second] += 1;
  }
  WordRow row;
  for (const auto& [word, count] : counts) {
    row.words.push_back(word);
    row.weights.push_back((1 + std::log(count)) * idf_[word]);
  }
  make_length_one(row.weights);
  return row;
}

void TextIndex::add(const WordRow& row, std::span<float> out) const {
  for (std::size_t k = 0; k < row.words.size(); ++k) {
    const auto texts = by_word_.row_indices(row.words[k]);
    const auto values = by_word_.row_values(row.words[k]);
    for (std::size_t t = 0; t < texts.size(); ++t) out[texts[t]] += row.weights[k] * values[t];
  }
}

void TextIndex::save(ByteWriter& out) const {
  out.number(static_cast<std::uint8_t>(pairs_));
  std::vector<const std::string*> terms(idf_.size());
  for (const auto& [term, number] : numbers_) terms[number] = &term;
  out.number(static_cast<std::uint64_t>(terms.size()));
  for (const std::string* term : terms) out.text(*term);
  out.array(std::span<const float>(idf_));
  out.sparse(by_text_);
}

TextIndex TextIndex::load(ByteReader& in) {
  TextIndex index;
  index.pairs_ = in.number<std::uint8_t>() != 0;
  const auto terms = in.number<std::uint64_t>();
  for (std::uint64_t t = 0; t < terms; ++t) index.numbers_[in.text()] = static_cast<std::uint32_t>(t);
  index.idf_ = in.array<float>();
  index.by_text_ = in.sparse();
  if (index.idf_.size() != index.numbers_.size() || index.by_text_.cols != index.idf_.size())
    throw Error(Code::bad_data, "a text index with " + std::to_string(index.numbers_.size()) + " words has weights for " +
                                    std::to_string(index.idf_.size()) + " and columns for " + std::to_string(index.by_text_.cols));
  index.by_word_ = transpose(index.by_text_);
  return index;
}

}  // namespace attune::talk::ranking
