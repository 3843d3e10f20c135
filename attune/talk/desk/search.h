// Search: which of a desk's questions and passages a message is about: words (BM25) and sentence vectors, added by learned weights.
// Source: BM25, Robertson and Zaragoza 2009. Cost of a query: its words' entries, and one product with the vectors.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/json.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::talk::desk {

// How much each sign counts: share of the query's words found (0..1), cosine by the first and by the second encoder.
// The defaults were learned on CLINC150's training messages (CC BY 3.0): two wordings for each of 100 intents, asked for by others of
// them, by messages of the other 50 and by strange ones.
// `even` and `lead` make a chance that the best hit answers: logistic(even + steep x score + lead x (score - next other answer's)).
// Texts that are mostly in letters other than Latin are read by the second encoder alone (MiniLM, the first, reads English): their
// weights are fixed (search.cpp).
struct SearchWeights {
  std::array<double, 3> signs = {2.5, 10.3, 16.2};
  double even = -12.8, steep = 0.575, lead = 1.25;
  Json to_json() const;
  static SearchWeights from_json(const Json& json);   // throws Error: bad_data
};

// One thing to be found. Entries of one `answer` say the same in other words: only the best of them counts.
struct Entry {
  std::string text;
  std::uint32_t answer = 0;
};

struct Hit {
  std::uint32_t entry = 0, answer = 0;
  double score = 0;
  std::array<double, 3> signs = {};
};

// Const but for add(); safe from any thread while nobody adds.
class Search {
 public:
  Search() = default;
  // vectors: one [entries, dim] an encoder, at most two; rows of length 1.
  Search(std::span<const Entry> entries, std::vector<Matrix> vectors, SearchWeights weights);

  std::size_t size() const noexcept { return entries_.size(); }
  const Entry& entry(std::uint32_t e) const { return entries_.at(e); }
  const SearchWeights& weights() const noexcept { return weights_; }
  void set_weights(const SearchWeights& weights) noexcept { weights_ = weights; }

  // The best `k` answers, best first; `vectors` [dim] an encoder, of the query. A query of nothing known has no hits.
  std::vector<Hit> find(std::string_view query, std::span<const std::span<const float>> vectors, std::size_t k) const;
  // The chance that the first of `hits` answers the query; 0 for no hits.
  double confidence(std::string_view query, std::span<const Hit> hits) const;
  // One more entry, to be found from now on.
  void add(const Entry& entry, std::span<const std::span<const float>> vectors);

 private:
  const SearchWeights& weights_for(std::string_view query) const noexcept;
  void post(std::uint32_t e);
  std::vector<Entry> entries_;
  std::vector<std::vector<float>> vectors_;   // an encoder: [entries x dim]
  std::vector<std::size_t> dims_;
  SearchWeights weights_;
  std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> postings_;   // word -> entry, count
  std::vector<double> lengths_;
  double total_length_ = 0;
};

// Queries whose answer is known (`right` [n], UINT32_MAX = none of the entries answers) teach the weights: first which signs tell the
// right entry from the others, then how sure to be. With fewer than 20 in Latin letters that have an answer, `start` comes back as it is.
SearchWeights learn_weights(const Search& search, std::span<const std::string> queries, std::span<const Matrix> vectors, std::span<const std::uint32_t> right,
                            const SearchWeights& start, const Run& run);

}  // namespace attune::talk::desk
