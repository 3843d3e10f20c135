// Text-kNN: each item of the history is a search, its words the query; what other items' texts answer to it is what it votes for.
// Reads the catalogue's texts itself and counts whole words, so it needs no encoder.
// Source: BM25, Robertson and Zaragoza 2009.
//   W_ij = sum over words of both of idf x tf_j (k1 + 1) / (tf_j + k1 (1 - b + b length_j / mean length)), idf = ln(1 + (n - df + .5) / (df + .5)),
//   over W_ii where texts are levelled: 1 = answers the query as well as the query's own text
// Cost: O(sum over words of squared df) to fit (words of more than `common` of the items are not read), O(history x neighbours) a request.
#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/words.h"
#include "attune/model/linear_model.h"
#include "attune/model/neighbour_rows.h"

namespace attune::model {
namespace {

struct Params {
  float k1 = 1.2f, b = 0.75f;
  int neighbours = 200;
  float common = 0.5f;
  bool level = true;
  float decay = 0.8f;
  int window = 50;
  bool latest = false;
  std::string text;
  template <class Visitor>
  void visit(Visitor& v) {
    v("k1", k1, "how soon repeats of a word stop counting; > 0");
    v("b", b, "how much the length of a text is levelled; 0..1");
    v("neighbours", neighbours, "neighbours kept an item; >= 1");
    v("common", common, "words that more than this share of the items have are not read; above 0, at most 1");
    v("level", level, "true: an item with a long text has no louder vote than one with a short text");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
    v("text", text, "encoders that place new items, NAME,NAME; empty = all there are");
  }
};

void check(const Params& p) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "text_knn." + what); };
  if (!(p.k1 > 0 && p.k1 < 1000)) refuse("k1 must be above 0, got " + std::to_string(p.k1));
  if (!(p.b >= 0 && p.b <= 1)) refuse("b must be 0..1, got " + std::to_string(p.b));
  if (p.neighbours < 1) refuse("neighbours must be 1 or more, got " + std::to_string(p.neighbours));
  if (!(p.common > 0 && p.common <= 1)) refuse("common must be above 0 and at most 1, got " + std::to_string(p.common));
  check_input(p.decay, p.window, "text_knn");
}

// Words of every item with how often they stand there: [items, words].
Sparse counted_words(const data::Catalogue& catalogue, const Run& run) {
  std::map<std::string, std::uint32_t, std::less<>> numbers;
  Sparse counts;
  counts.rows = catalogue.item_count();
  for (std::size_t i = 0; i < counts.rows; ++i) {
    if (i % 256 == 0) run.check();
    std::map<std::uint32_t, float> row;
    for (std::string& word : words_of(catalogue.items()[i].text)) {
      const auto number = static_cast<std::uint32_t>(numbers.size());
      row[numbers.try_emplace(std::move(word), number).first->second] += 1;
    }
    for (const auto& [word, count] : row) {
      counts.indices.push_back(word);
      counts.values.push_back(count);
    }
    counts.offsets.push_back(counts.indices.size());
  }
  counts.cols = numbers.size();
  return counts;
}

// What a word of a query adds to an item that has it; words that are too common add nothing.
void weigh(Sparse& words, const Params& params) {
  std::vector<double> holders(words.cols, 0.0), lengths(words.rows, 0.0);
  double total = 0;
  for (std::size_t i = 0; i < words.rows; ++i)
    for (std::size_t k = 0; k < words.row_size(i); ++k) {
      holders[words.row_indices(i)[k]] += 1;
      lengths[i] += words.row_values(i)[k];
      total += words.row_values(i)[k];
    }
  const double n = static_cast<double>(words.rows), mean = total / n;
  for (std::size_t i = 0; i < words.rows; ++i)
    for (std::uint64_t k = words.offsets[i]; k < words.offsets[i + 1]; ++k) {
      const double df = holders[words.indices[k]], tf = words.values[k], k1 = params.k1, b = params.b;
      const double idf = df > static_cast<double>(params.common) * n && df > 1 ? 0 : std::log(1 + (n - df + 0.5) / (df + 0.5));
      words.values[k] = static_cast<float>(idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * lengths[i] / mean)));
    }
}

}  // namespace

std::unique_ptr<const Recommender> fit_text_knn(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  run.check();
  Sparse by_item = counted_words(data.catalogue(), run);
  if (by_item.nnz() == 0) throw Error(Code::bad_request, "text_knn has no texts to compare: no item of the catalogue has a text; leave it out");
  weigh(by_item, params);
  const Sparse by_word = transpose(by_item);
  const auto fill = [&](std::size_t i, std::span<float> row) {
    for (const std::uint32_t word : by_item.row_indices(i)) {
      const auto items = by_word.row_indices(word);
      const auto values = by_word.row_values(word);
      if (values[0] == 0) continue;
      for (std::size_t k = 0; k < items.size(); ++k) row[items[k]] += values[k];
    }
    if (!params.level || row[i] <= 0) return;
    const float whole = row[i];
    for (float& x : row) x /= whole;
  };
  return make_linear({.name = "text_knn",
                      .settings = to_json(params),
                      .input = {.decay = params.decay, .window = params.window, .latest = params.latest},
                      .sparse = neighbour_rows(by_item.rows, static_cast<std::size_t>(params.neighbours), fill, run),
                      .neighbours = neighbours_for(data, params.text, run)});
}

std::unique_ptr<const Recommender> load_text_knn(ByteReader& in) { return load_linear(in); }

std::vector<Setting> settings_text_knn() { return settings_of<Params>(); }

}  // namespace attune::model
