// Item-kNN: items taken by the same people are neighbours; a history votes for the neighbours of its items.
// Source: Sarwar et al. 2001; tf-idf and BM25 weighting as in text search, people being the words of an item.
// Cost: O(sum over users of squared history size) to fit, O(history x neighbours) a request.
#include <algorithm>
#include <cmath>

#include "attune/core/parallel.h"
#include "attune/model/linear_model.h"

namespace attune::model {
namespace {

struct Params {
  std::string weighting = "cosine";
  float shrink = 10;
  int neighbours = 200;
  float bm25_k1 = 1.2f, bm25_b = 0.75f;
  float decay = 0.8f;
  int window = 50;
  bool latest = false;
  std::string text;
  template <class Visitor>
  void visit(Visitor& v) {
    v("weighting", weighting, "how people count: cosine, tfidf (people who take little tell more) or bm25");
    v("shrink", shrink, "added to the denominator, so that rare pairs count less; >= 0");
    v("neighbours", neighbours, "neighbours kept an item; >= 1");
    v("bm25_k1", bm25_k1, "how soon repeats stop counting (bm25); > 0");
    v("bm25_b", bm25_b, "how much the number of takers is levelled (bm25); 0..1");
    v("decay", decay, "weight of a touch per place back in the history; 0..1, 1 = order does not matter");
    v("window", window, "places of the history that count; 0 = all");
    v("latest", latest, "true: an item touched twice counts once");
    v("text", text, "encoders that place new items, NAME,NAME; empty = all there are");
  }
};

void check(const Params& p) {
  const auto refuse = [](const std::string& what) { throw Error(Code::bad_request, "item_knn." + what); };
  if (p.weighting != "cosine" && p.weighting != "tfidf" && p.weighting != "bm25")
    refuse("weighting must be cosine, tfidf or bm25, got '" + p.weighting + "'");
  if (!(p.shrink >= 0)) refuse("shrink must be 0 or more, got " + std::to_string(p.shrink));
  if (p.neighbours < 1) refuse("neighbours must be 1 or more, got " + std::to_string(p.neighbours));
  if (!(p.bm25_k1 > 0)) refuse("bm25_k1 must be above 0, got " + std::to_string(p.bm25_k1));
  if (!(p.bm25_b >= 0 && p.bm25_b <= 1)) refuse("bm25_b must be 0..1, got " + std::to_string(p.bm25_b));
  check_input(p.decay, p.window, "item_knn");
}

// Weighs X' [items, users] as if items were documents and users their words.
void weigh(const Params& params, Sparse& by_item) {
  for (float& x : by_item.values) x = std::min(x, 1.0f);
  if (params.weighting == "cosine") return;
  std::vector<double> taken(by_item.cols, 0.0), sizes(by_item.rows, 0.0);
  double total = 0;
  for (std::size_t i = 0; i < by_item.rows; ++i)
    for (std::size_t k = 0; k < by_item.row_size(i); ++k) {
      taken[by_item.row_indices(i)[k]] += 1;
      sizes[i] += by_item.row_values(i)[k];
      total += by_item.row_values(i)[k];
    }
  const double mean_size = total > 0 ? total / static_cast<double>(by_item.rows) : 1.0, items = static_cast<double>(by_item.rows);
  for (std::size_t i = 0; i < by_item.rows; ++i)
    for (std::uint64_t k = by_item.offsets[i]; k < by_item.offsets[i + 1]; ++k) {
      const double idf = std::log((1 + items) / (1 + taken[by_item.indices[k]])) + 1, x = by_item.values[k];
      double tf = x;
      if (params.weighting == "bm25")
        tf = x * (params.bm25_k1 + 1) / (x + params.bm25_k1 * (1 - params.bm25_b + params.bm25_b * sizes[i] / mean_size));
      by_item.values[k] = static_cast<float>(tf * idf);
    }
}

// The row of similarities of `item` with all others, best `kept` only, ascending by item.
std::vector<Scored> nearest_row(const Sparse& by_item, const Sparse& by_user, std::span<const double> lengths, std::size_t item,
                                const Params& params, std::vector<double>& sums) {
  std::fill(sums.begin(), sums.end(), 0.0);
  const auto users = by_item.row_indices(item);
  const auto weights = by_item.row_values(item);
  for (std::size_t n = 0; n < users.size(); ++n) {
    const auto items = by_user.row_indices(users[n]);
    const auto values = by_user.row_values(users[n]);
    for (std::size_t k = 0; k < items.size(); ++k) sums[items[k]] += static_cast<double>(weights[n]) * values[k];
  }
  std::vector<Scored> row;
  for (std::size_t j = 0; j < sums.size(); ++j)
    if (j != item && sums[j] > 0)
      row.push_back({item_at(j), static_cast<float>(sums[j] / (lengths[item] * lengths[j] + params.shrink))});
  const std::size_t kept = std::min(row.size(), static_cast<std::size_t>(params.neighbours));
  const auto nearer = [](const Scored& a, const Scored& b) { return a.score != b.score ? a.score > b.score : a.item < b.item; };
  std::partial_sort(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(kept), row.end(), nearer);
  row.resize(kept);
  std::sort(row.begin(), row.end(), [](const Scored& a, const Scored& b) { return a.item < b.item; });
  return row;
}

Sparse similarities(const data::Dataset& data, const Params& params, const Run& run) {
  Sparse by_item = data.audience();
  weigh(params, by_item);
  const Sparse by_user = transpose(by_item);
  const std::size_t n = by_item.rows;
  std::vector<double> lengths(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (const float x : by_item.row_values(i)) lengths[i] += static_cast<double>(x) * x;
    lengths[i] = std::sqrt(lengths[i]);
  }
  std::vector<std::vector<Scored>> rows(n);
  parallel_for(0, n, 32, run, [&](std::size_t first, std::size_t last) {
    std::vector<double> sums(n);
    for (std::size_t i = first; i < last; ++i) rows[i] = nearest_row(by_item, by_user, lengths, i, params, sums);
  });
  Sparse w{.rows = n, .cols = n};
  for (const auto& row : rows) {
    for (const Scored& hit : row) {
      w.indices.push_back(static_cast<std::uint32_t>(to_index(hit.item)));
      w.values.push_back(hit.score);
    }
    w.offsets.push_back(w.indices.size());
  }
  return w;
}

}  // namespace

std::unique_ptr<const Recommender> fit_item_knn(const data::Dataset& data, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  return make_linear({.name = "item_knn",
                      .settings = to_json(params),
                      .input = {.decay = params.decay, .window = params.window, .latest = params.latest},
                      .sparse = similarities(data, params, run),
                      .neighbours = neighbours_for(data, params.text, run)});
}

std::unique_ptr<const Recommender> load_item_knn(ByteReader& in) { return load_linear(in); }

std::vector<Setting> settings_item_knn() { return settings_of<Params>(); }

}  // namespace attune::model
