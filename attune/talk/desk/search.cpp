// Search: all signs of all entries that share a word or have vectors; answers keep their best entry.
#include "attune/talk/desk/search.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/words.h"
#include "attune/train/logistic.h"

namespace attune::talk::desk {
namespace {

constexpr double kK1 = 1.2, kB = 0.5;          // texts are short: their length says less than in pages
constexpr std::size_t kMostQueryWords = 200;
constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::size_t kLeastLessons = 20;

// Learned on 72 Chinese questions of a shop (24 answers, three wordings each; tests/worlds/desk/questions_zh.jsonl) asked for by each
// other, half of the answers left out in turn, and by 20 strange messages. Runs of characters add nothing to the cosine there.
constexpr SearchWeights kOtherLetters = {.signs = {0, 0, 58.9}, .even = -67.1, .steep = 1.25, .lead = 0.93};

// Mostly in letters other than Latin, by UTF-8's first bytes: from Greek on, without the signs of U+2000 to U+2FFF.
bool is_in_other_letters(std::string_view text) noexcept {
  std::size_t other = 0, latin = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    other += byte >= 0xce && byte != 0xe2;
    latin += (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  }
  return other > latin / 3;   // a character says about as much as three letters
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

std::map<std::string, std::uint32_t> counted(std::string_view text) {
  std::vector<std::string> words = words_of(text);
  if (words.size() > kMostQueryWords) words.resize(kMostQueryWords);
  std::map<std::string, std::uint32_t> counts;
  for (std::string& word : words) ++counts[std::move(word)];
  return counts;
}

// Logistic regression on few columns; weights and, last, the intercept.
std::vector<double> fitted(const std::vector<std::vector<double>>& rows, std::span<const float> labels, const Run& run) {
  Sparse m{.rows = rows.size(), .cols = rows.front().size()};
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) m.indices.push_back(static_cast<std::uint32_t>(c)), m.values.push_back(static_cast<float>(row[c]));
    m.offsets.push_back(m.indices.size());
  }
  const train::Logistic model = train::Logistic::fit(m, labels, 0.1f, run);
  return {model.weights().begin(), model.weights().end()};
}

}  // namespace

Json SearchWeights::to_json() const {
  Json json = Json::object();
  json["words"] = signs[0], json["first"] = signs[1], json["second"] = signs[2], json["even"] = even, json["steep"] = steep, json["lead"] = lead;
  return json;
}
SearchWeights SearchWeights::from_json(const Json& json) {
  SearchWeights w;
  w.signs = {json.at("words").as_number(), json.at("first").as_number(), json.at("second").as_number()};
  w.even = json.at("even").as_number(), w.steep = json.at("steep").as_number(), w.lead = json.at("lead").as_number();
  return w;
}

Search::Search(std::span<const Entry> entries, std::vector<Matrix> vectors, SearchWeights weights) : weights_(weights) {
  ATTUNE_ASSERT(vectors.size() <= 2, "a search has at most two encoders");
  for (const Matrix& m : vectors) {
    ATTUNE_ASSERT(m.rows() == entries.size(), "every entry has its vectors");
    dims_.push_back(m.cols());
    vectors_.emplace_back(m.all().begin(), m.all().end());
  }
  for (const Entry& entry : entries) {
    entries_.push_back(entry);
    post(static_cast<std::uint32_t>(entries_.size() - 1));
  }
}

void Search::post(std::uint32_t e) {
  double length = 0;
  for (const auto& [word, count] : counted(entries_[e].text)) {
    postings_[word].emplace_back(e, count);
    length += count;
  }
  lengths_.push_back(length);
  total_length_ += length;
}

void Search::add(const Entry& entry, std::span<const std::span<const float>> vectors) {
  if (entries_.empty() && dims_.empty())
    for (const auto v : vectors) dims_.push_back(v.size()), vectors_.emplace_back();
  ATTUNE_ASSERT(vectors.size() == dims_.size(), "an entry has a vector of every encoder");
  entries_.push_back(entry);
  for (std::size_t v = 0; v < vectors.size(); ++v) vectors_[v].insert(vectors_[v].end(), vectors[v].begin(), vectors[v].end());
  post(static_cast<std::uint32_t>(entries_.size() - 1));
}

const SearchWeights& Search::weights_for(std::string_view query) const noexcept { return is_in_other_letters(query) && dims_.size() == 2 ? kOtherLetters : weights_; }

std::vector<Hit> Search::find(std::string_view query, std::span<const std::span<const float>> vectors, std::size_t k) const {
  const std::size_t n = entries_.size();
  if (n == 0) return {};
  const SearchWeights& weights = weights_for(query);
  std::vector<double> found(n);
  double possible = 0;
  const double mean_length = std::max(1.0, total_length_ / static_cast<double>(n));
  for (const auto& [word, count] : counted(query)) {
    const auto posting = postings_.find(word);
    const double df = posting == postings_.end() ? 0 : static_cast<double>(posting->second.size());
    const double idf = std::log(1 + (static_cast<double>(n) - df + 0.5) / (df + 0.5));
    possible += idf;
    if (posting == postings_.end()) continue;
    for (const auto& [e, times] : posting->second) {
      const double tf = static_cast<double>(times);
      found[e] += idf * std::min(1.0, tf * (kK1 + 1) / (tf + kK1 * (1 - kB + kB * lengths_[e] / mean_length)));
    }
  }
  bool says_something = false;
  std::vector<Hit> best;
  std::unordered_map<std::uint32_t, std::size_t> places;
  for (std::size_t v = 0; v < vectors.size(); ++v) says_something = says_something || std::any_of(vectors[v].begin(), vectors[v].end(), [](float x) { return x != 0; });
  for (std::uint32_t e = 0; e < n; ++e) {
    Hit hit{.entry = e, .answer = entries_[e].answer};
    hit.signs[0] = possible > 0 ? found[e] / possible : 0;
    for (std::size_t v = 0; v < std::min(vectors.size(), dims_.size()); ++v)
      hit.signs[v + 1] = static_cast<double>(dot(vectors[v], std::span(vectors_[v]).subspan(e * dims_[v], dims_[v])));
    if (hit.signs[0] == 0 && !says_something) continue;
    for (std::size_t s = 0; s < 3; ++s) hit.score += weights.signs[s] * hit.signs[s];
    const auto [place, is_new] = places.try_emplace(hit.answer, best.size());
    if (is_new) best.push_back(hit);
    else if (hit.score > best[place->second].score) best[place->second] = hit;
  }
  std::stable_sort(best.begin(), best.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
  if (best.size() > k) best.resize(k);
  return best;
}

double Search::confidence(std::string_view query, std::span<const Hit> hits) const {
  if (hits.empty()) return 0;
  const SearchWeights& weights = weights_for(query);
  const double lead = hits.size() > 1 ? hits[0].score - hits[1].score : 1;
  return logistic(weights.even + weights.steep * hits[0].score + weights.lead * std::min(lead, 1.0));
}

SearchWeights learn_weights(const Search& search, std::span<const std::string> queries, std::span<const Matrix> vectors, std::span<const std::uint32_t> right,
                            const SearchWeights& start, const Run& run) {
  std::vector<std::size_t> asked;   // whose weights are learned
  std::size_t lessons = 0;
  for (std::size_t q = 0; q < queries.size(); ++q)
    if (!is_in_other_letters(queries[q])) asked.push_back(q), lessons += right[q] != kNone;
  if (lessons < kLeastLessons) return start;
  Search trial = search;
  trial.set_weights(start);
  const auto hits_of = [&](std::size_t q, std::size_t k) {
    std::vector<std::span<const float>> row;
    for (const Matrix& m : vectors) row.push_back(m.row(q));
    return trial.find(queries[q], row, k);
  };
  // Which signs: the right answer's less those of the strongest others, told from the reverse.
  SearchWeights made = start;
  for (int round = 0; round < 2; ++round) {
    std::vector<std::vector<double>> rows;
    std::vector<float> labels;
    for (const std::size_t q : asked) {
      run.check();
      if (right[q] == kNone) continue;
      const std::vector<Hit> hits = hits_of(q, search.size());
      const auto own = std::find_if(hits.begin(), hits.end(), [&](const Hit& h) { return h.answer == right[q]; });
      if (own == hits.end()) continue;
      std::size_t others = 0;
      for (const Hit& other : hits) {
        if (other.answer == right[q] || ++others > 5) continue;
        std::vector<double> up, down;
        for (std::size_t s = 0; s < 3; ++s) up.push_back(own->signs[s] - other.signs[s]), down.push_back(-up.back());
        rows.push_back(up), labels.push_back(1);
        rows.push_back(down), labels.push_back(0);
      }
    }
    if (rows.empty()) return start;
    const std::vector<double> w = fitted(rows, labels, run);
    for (std::size_t s = 0; s < 3; ++s) made.signs[s] = std::max(0.0, w[s]);
    trial.set_weights(made);
  }
  // How sure: is the first hit right, from its score and its lead.
  std::vector<std::vector<double>> rows;
  std::vector<float> labels;
  for (const std::size_t q : asked) {
    const std::vector<Hit> hits = hits_of(q, 2);
    if (hits.empty()) continue;
    rows.push_back({hits[0].score, hits.size() > 1 ? std::min(1.0, hits[0].score - hits[1].score) : 1.0});
    labels.push_back(right[q] != kNone && hits[0].answer == right[q] ? 1.0f : 0.0f);
  }
  const std::vector<double> w = fitted(rows, labels, run);
  made.steep = w[0], made.lead = w[1], made.even = w[2];
  return made;
}

}  // namespace attune::talk::desk
