// TF-IDF: texts as weighted words, rows of length 1.
//   value = count * (ln((1 + texts) / (1 + texts with the word)) + 1)
// Source: Sparck Jones, 1972; smoothed as in methods most people use. Cost: one pass over the texts.
#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/encode/encoder.h"
#include "attune/encode/tokens.h"

namespace attune::encode {
namespace {

struct Params {
  int min_texts = 1;
  template <class Visitor>
  void visit(Visitor& v) {
    v("min_texts", min_texts, "words that stand in fewer texts are left out; >= 1");
  }
};

class Tfidf final : public Encoder {
 public:
  Tfidf(std::vector<std::string> words, std::vector<float> idf) : words_(std::move(words)), idf_(std::move(idf)) {
    std::string all;
    for (std::size_t i = 0; i < words_.size(); ++i) all += words_[i] + "\n" + std::to_string(idf_[i]) + "\n";
    fingerprint_ = "tfidf-1-" + hash_hex(all);
  }
  std::string name() const override { return "tfidf"; }
  std::string fingerprint() const override { return fingerprint_; }
  bool is_sparse() const override { return true; }
  std::size_t dim() const override { return words_.size(); }

  data::ItemFeatures encode(std::span<const std::string> texts, const Run& run) const override {
    data::ItemFeatures features;
    Sparse& rows = features.sparse;
    rows.rows = texts.size();
    rows.cols = words_.size();
    for (const std::string& text : texts) {
      run.check();
      std::map<std::uint32_t, float> counts;
      for (const std::string& word : tokens(text)) {
        const auto at = std::lower_bound(words_.begin(), words_.end(), word);
        if (at != words_.end() && *at == word) counts[static_cast<std::uint32_t>(at - words_.begin())] += 1;
      }
      double squares = 0;
      for (auto& [word, value] : counts) {
        value *= idf_[word];
        squares += static_cast<double>(value) * value;
      }
      const auto length = static_cast<float>(std::sqrt(squares));
      for (const auto& [word, value] : counts) {
        rows.indices.push_back(word);
        rows.values.push_back(value / length);
      }
      rows.offsets.push_back(rows.indices.size());
    }
    return features;
  }

  void save(ByteWriter& out) const override {
    out.number(static_cast<std::uint64_t>(words_.size()));
    for (const std::string& word : words_) out.text(word);
    out.array(std::span<const float>(idf_));
  }

 private:
  std::vector<std::string> words_;   // ascending
  std::vector<float> idf_;
  std::string fingerprint_;
};

}  // namespace

std::unique_ptr<const Encoder> make_tfidf(std::span<const std::string> texts, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  if (params.min_texts < 1) throw Error(Code::bad_request, "tfidf.min_texts must be 1 or more");
  std::map<std::string, int> texts_with;
  for (const std::string& text : texts) {
    run.check();
    std::vector<std::string> words = tokens(text);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (std::string& word : words) ++texts_with[std::move(word)];
  }
  std::vector<std::string> words;
  std::vector<float> idf;
  for (const auto& [word, n] : texts_with) {
    if (n < params.min_texts) continue;
    words.push_back(word);
    idf.push_back(static_cast<float>(std::log((1.0 + static_cast<double>(texts.size())) / (1.0 + n)) + 1));
  }
  return std::make_unique<const Tfidf>(std::move(words), std::move(idf));
}

std::unique_ptr<const Encoder> load_tfidf(ByteReader& in) {
  std::vector<std::string> words;
  const auto n = in.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < n; ++i) words.push_back(in.text());
  std::vector<float> idf = in.array<float>();
  if (idf.size() != words.size() || !std::is_sorted(words.begin(), words.end()))
    throw Error(Code::bad_data, "the vocabulary of tfidf is damaged; fit again");
  return std::make_unique<const Tfidf>(std::move(words), std::move(idf));
}

std::vector<Setting> settings_tfidf() { return settings_of<Params>(); }

}  // namespace attune::encode
