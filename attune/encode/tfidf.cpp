// TF-IDF: words counted in each text, rare words more: tf (ln((1 + n) / (1 + df)) + 1), rows of length 1.
// Source: Sparck Jones 1972; Salton and Buckley 1988 (smooth variant). Cost: one pass over the words; no model file.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/encode/encoder.h"
#include "attune/core/words.h"

namespace attune::encode {
namespace {

struct Params {
  int min_texts = 1;
  template <class Visitor>
  void visit(Visitor& v) {
    v("min_texts", min_texts, "words that stand in fewer texts are left out; 1..1000000");
  }
};

class Tfidf final : public Encoder {
 public:
  // words ascending, idf of each
  Tfidf(std::vector<std::string> words, std::vector<float> idf) : words_(std::move(words)), idf_(std::move(idf)) {
    std::string all;
    columns_.reserve(words_.size());
    for (std::size_t w = 0; w < words_.size(); ++w) {
      columns_.emplace(words_[w], static_cast<std::uint32_t>(w));
      all += words_[w] + "\n" + std::to_string(idf_[w]) + "\n";
    }
    fingerprint_ = "tfidf-1/" + hash_hex(all);
  }

  std::string name() const override { return "tfidf"; }
  std::string fingerprint() const override { return fingerprint_; }
  bool is_sparse() const override { return true; }
  std::size_t dim() const override { return words_.size(); }

  data::ItemFeatures encode(std::span<const std::string> texts, const Run& run) const override {
    data::ItemFeatures features;
    Sparse& m = features.sparse;
    m.rows = texts.size(), m.cols = words_.size();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i % 1024 == 0) run.report("counting words", i, texts.size());
      std::map<std::uint32_t, double> counts;
      for (const std::string& word : words_of(texts[i]))
        if (const auto found = columns_.find(word); found != columns_.end()) ++counts[found->second];
      double squares = 0;
      for (auto& [column, value] : counts) {
        value *= idf_[column];
        squares += value * value;
      }
      for (const auto& [column, value] : counts) {
        m.indices.push_back(column);
        m.values.push_back(static_cast<float>(value / std::sqrt(squares)));
      }
      m.offsets.push_back(m.indices.size());
    }
    run.report("counting words", texts.size(), texts.size());
    return features;
  }

  void save(ByteWriter& out) const override {
    out.text("tfidf");
    out.number(static_cast<std::uint64_t>(words_.size()));
    for (const std::string& word : words_) out.text(word);
    out.array(std::span<const float>(idf_));
  }

 private:
  std::vector<std::string> words_;
  std::vector<float> idf_;
  std::unordered_map<std::string, std::uint32_t> columns_;
  std::string fingerprint_;
};

}  // namespace

std::unique_ptr<const Encoder> make_tfidf(std::span<const std::string> texts, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  if (params.min_texts < 1 || params.min_texts > 1'000'000)
    throw Error(Code::bad_request, "tfidf.min_texts is 1 to 1000000, got " + std::to_string(params.min_texts));
  std::map<std::string, std::uint32_t> items_by_word;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i % 1024 == 0) run.check();
    std::vector<std::string> words = words_of(texts[i]);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (std::string& word : words) ++items_by_word[std::move(word)];
  }
  std::vector<std::string> words;
  std::vector<float> idf;
  for (const auto& [word, items] : items_by_word) {
    if (items < static_cast<std::uint32_t>(params.min_texts)) continue;
    words.push_back(word);
    idf.push_back(static_cast<float>(std::log((1.0 + static_cast<double>(texts.size())) / (1.0 + items)) + 1.0));
  }
  return std::make_unique<const Tfidf>(std::move(words), std::move(idf));
}

std::unique_ptr<const Encoder> load_tfidf(ByteReader& in) {
  if (in.text() != "tfidf") throw Error(Code::bad_data, "a saved encoder is not the 'tfidf' its manifest says");
  const auto n = in.number<std::uint64_t>();
  std::vector<std::string> words;
  for (std::uint64_t w = 0; w < n; ++w) words.push_back(in.text());  // a wrong n runs into the file's end
  auto idf = in.array<float>();
  if (idf.size() != words.size()) throw Error(Code::bad_data, "a saved TF-IDF is damaged: it has not one weight a word");
  return std::make_unique<const Tfidf>(std::move(words), std::move(idf));
}

std::vector<Setting> settings_tfidf() { return settings_of<Params>(); }

}  // namespace attune::encode
