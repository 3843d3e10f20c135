// N-grams: a gram's text tells what it is: words are joined by a space, runs of characters begin with '#'.
#include "attune/encode/ngrams.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/words.h"

namespace attune::encode {
namespace {

constexpr std::size_t kMostWords = 512;   // of a text: what follows says little about what it is for

// Where each character of well-formed UTF-8 begins, and its end.
std::vector<std::size_t> characters_of(std::string_view word) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((static_cast<unsigned char>(word[i]) & 0xc0u) != 0x80u) starts.push_back(i);
  starts.push_back(word.size());
  return starts;
}

template <class Take>
void grams_of(std::string_view text, const NgramOptions& options, const Take& take) {
  std::vector<std::string> words = words_of(text);
  if (words.size() > kMostWords) words.resize(kMostWords);
  for (std::size_t w = 0; w < words.size(); ++w) {
    std::string run;
    for (int n = 1; n <= options.words && w + static_cast<std::size_t>(n) <= words.size(); ++n) {
      run += (n > 1 ? " " : "") + words[w + static_cast<std::size_t>(n) - 1];
      take(run);
    }
    if (options.characters < 2) continue;
    const std::string bounded = "_" + words[w] + "_";
    const std::vector<std::size_t> starts = characters_of(bounded);
    for (std::size_t c = 0; c + 1 < starts.size(); ++c)
      for (int n = 2; n <= options.characters && c + static_cast<std::size_t>(n) < starts.size(); ++n)
        take("#" + bounded.substr(starts[c], starts[c + static_cast<std::size_t>(n)] - starts[c]));
  }
}

}  // namespace

Ngrams::Ngrams(NgramOptions options, std::vector<std::string> grams, std::vector<float> idf)
    : options_(options), grams_(std::move(grams)), idf_(std::move(idf)) {
  columns_.reserve(grams_.size());
  for (std::size_t g = 0; g < grams_.size(); ++g) columns_.emplace(grams_[g], static_cast<std::uint32_t>(g));
}

Ngrams Ngrams::fit(std::span<const std::string> texts, const NgramOptions& options, const Run& run) {
  if (options.words < 0 || options.words > 5 || options.characters < 0 || options.characters > 8 || options.min_texts < 1 || options.most < 1)
    throw Error(Code::bad_request, "n-grams: words must be 0..5, characters 0..8, min_texts and most 1 or more");
  std::unordered_map<std::string, std::pair<std::uint32_t, std::uint32_t>> seen;   // texts it stands in, the last of them + 1
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (t % 1024 == 0) run.report("counting words", t, texts.size());
    grams_of(texts[t], options, [&](const std::string& gram) {
      auto& [count, last] = seen[gram];
      if (last != t + 1) ++count, last = static_cast<std::uint32_t>(t + 1);
    });
  }
  std::vector<std::pair<std::uint32_t, std::string>> kept;
  for (const auto& [gram, counted] : seen)
    if (counted.first >= static_cast<std::uint32_t>(options.min_texts)) kept.emplace_back(counted.first, gram);
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  if (kept.size() > static_cast<std::size_t>(options.most)) kept.resize(static_cast<std::size_t>(options.most));
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<std::string> grams;
  std::vector<float> idf;
  for (auto& [count, gram] : kept) {
    idf.push_back(static_cast<float>(std::log((1.0 + static_cast<double>(texts.size())) / (1.0 + count)) + 1.0));
    grams.push_back(std::move(gram));
  }
  return Ngrams(options, std::move(grams), std::move(idf));
}

Sparse Ngrams::encode(std::span<const std::string> texts, const Run& run) const {
  std::vector<std::map<std::uint32_t, double>> rows(texts.size());
  parallel_for(0, texts.size(), 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t t = first; t < last; ++t) {
      grams_of(texts[t], options_, [&](const std::string& gram) {
        if (const auto found = columns_.find(gram); found != columns_.end()) ++rows[t][found->second];
      });
      double squares = 0;
      for (auto& [column, value] : rows[t]) {
        value = (1 + std::log(value)) * static_cast<double>(idf_[column]);
        squares += value * value;
      }
      for (auto& [column, value] : rows[t]) value /= std::sqrt(squares);
    }
  });
  Sparse m{.rows = texts.size(), .cols = dim()};
  for (const auto& row : rows) {
    for (const auto& [column, value] : row) {
      m.indices.push_back(column);
      m.values.push_back(static_cast<float>(value));
    }
    m.offsets.push_back(m.indices.size());
  }
  return m;
}

void Ngrams::save(ByteWriter& out) const {
  out.text("ngrams 1");
  out.number(static_cast<std::int32_t>(options_.words));
  out.number(static_cast<std::int32_t>(options_.characters));
  out.number(static_cast<std::uint64_t>(grams_.size()));
  for (const std::string& gram : grams_) out.text(gram);
  out.array(std::span<const float>(idf_));
}

Ngrams Ngrams::load(ByteReader& in) {
  if (in.text() != "ngrams 1") throw Error(Code::bad_data, "saved n-grams are damaged or of another version; train again");
  NgramOptions options;
  options.words = in.number<std::int32_t>(), options.characters = in.number<std::int32_t>();
  const auto n = in.number<std::uint64_t>();
  std::vector<std::string> grams;
  for (std::uint64_t g = 0; g < n; ++g) grams.push_back(in.text());
  std::vector<float> idf = in.array<float>();
  if (idf.size() != grams.size()) throw Error(Code::bad_data, "saved n-grams are damaged: they have not one weight each; train again");
  return Ngrams(options, std::move(grams), std::move(idf));
}

}  // namespace attune::encode
