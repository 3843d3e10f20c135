// Worlds: small datasets whose right answers are known, and models written plainly in double precision to hold ours against.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/random.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model::testing {

inline std::shared_ptr<const data::Catalogue> catalogue_of(std::size_t items, std::size_t users) {
  std::vector<data::CatalogueItem> rows(items);
  for (std::size_t i = 0; i < items; ++i) rows[i].name = "i" + std::to_string(i);
  std::vector<std::string> names;
  for (std::size_t u = 0; u < users; ++u) names.push_back("u" + std::to_string(u));
  return std::make_shared<const data::Catalogue>(std::move(rows), std::move(names));
}

// Histories of (item, weight), oldest first.
using Histories = std::vector<std::vector<std::pair<unsigned, float>>>;

inline data::Dataset dataset_of(std::size_t items, const Histories& histories) {
  std::vector<std::vector<data::HistoryRow>> rows;
  for (const auto& history : histories) {
    rows.emplace_back();
    std::int64_t time_ms = 0;
    for (const auto& [item, weight] : history)
      rows.back().push_back({.touch = {.item = item_at(item), .weight = weight, .time_ms = ++time_ms}});
  }
  return data::Dataset(catalogue_of(items, histories.size()), std::move(rows));
}

inline Histories random_histories(std::size_t users, std::size_t items, std::size_t longest, Random& random, bool weighted) {
  Histories histories(users);
  const float weights[] = {1, 1, 0.2f, 0, -1, 2};
  for (auto& history : histories)
    for (std::size_t n = random.below(longest) + 1; n > 0; --n)
      history.emplace_back(static_cast<unsigned>(random.below(items)), weighted ? weights[random.below(6)] : 1.0f);
  return histories;
}

inline std::vector<Touch> touches(const std::vector<std::pair<unsigned, float>>& history) {
  std::vector<Touch> list;
  for (const auto& [item, weight] : history) list.push_back({.item = item_at(item), .weight = weight});
  return list;
}

inline Matrix random_vectors(std::size_t rows, std::size_t cols, Random& random) {
  Matrix m(rows, cols);
  for (float& x : m.all()) x = static_cast<float>(random.normal());
  return m;
}

// Each item has one to four of the words; rows of length 1.
inline Sparse random_words(std::size_t items, std::size_t words, Random& random) {
  Sparse m;
  m.rows = items;
  m.cols = words;
  for (std::size_t i = 0; i < items; ++i) {
    std::vector<std::uint32_t> own;
    for (std::uint32_t w = 0; w < words; ++w)
      if (own.size() < 4 && random.below(words) < 3) own.push_back(w);
    if (own.empty()) own.push_back(static_cast<std::uint32_t>(i % words));
    for (const std::uint32_t w : own) {
      m.indices.push_back(w);
      m.values.push_back(1.0f / std::sqrt(static_cast<float>(own.size())));
    }
    m.offsets.push_back(m.indices.size());
  }
  return m;
}

// Each word is held by half of the items: with more words than items they all are shared.
inline Sparse crowded_words(std::size_t items, std::size_t words, Random& random) {
  Sparse m;
  m.rows = items;
  m.cols = words;
  for (std::size_t i = 0; i < items; ++i) {
    for (std::uint32_t w = 0; w < words; ++w)
      if ((w + i) % 2 == 0) {
        m.indices.push_back(w);
        m.values.push_back(static_cast<float>(random.uniform()));
      }
    m.offsets.push_back(m.indices.size());
  }
  return m;
}

// --- plain twins

using Plain = std::vector<std::vector<double>>;

inline Plain zeros(std::size_t rows, std::size_t cols) { return Plain(rows, std::vector<double>(cols, 0.0)); }

inline Plain product(const Plain& a, const Plain& b) {
  Plain c = zeros(a.size(), b[0].size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
  return c;
}

inline Plain turned(const Plain& a) {
  Plain t = zeros(a[0].size(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  return t;
}

inline Plain inverse(Plain a) {  // Gauss and Jordan, with pivots
  const std::size_t n = a.size();
  Plain b = zeros(n, n);
  for (std::size_t i = 0; i < n; ++i) b[i][i] = 1;
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t best = c;
    for (std::size_t r = c; r < n; ++r)
      if (std::abs(a[r][c]) > std::abs(a[best][c])) best = r;
    std::swap(a[c], a[best]);
    std::swap(b[c], b[best]);
    const double pivot = a[c][c];
    for (std::size_t j = 0; j < n; ++j) a[c][j] /= pivot, b[c][j] /= pivot;
    for (std::size_t r = 0; r < n; ++r) {
      const double factor = r == c ? 0 : a[r][c];
      for (std::size_t j = 0; j < n; ++j) a[r][j] -= factor * a[c][j], b[r][j] -= factor * b[c][j];
    }
  }
  return b;
}

inline Plain plain(const Matrix& m) {
  Plain p = zeros(m.rows(), m.cols());
  for (std::size_t i = 0; i < m.rows(); ++i)
    for (std::size_t j = 0; j < m.cols(); ++j) p[i][j] = m(i, j);
  return p;
}

inline Plain plain(const Sparse& m) {
  Plain p = zeros(m.rows, m.cols);
  for (std::size_t i = 0; i < m.rows; ++i)
    for (std::size_t k = 0; k < m.row_size(i); ++k) p[i][m.row_indices(i)[k]] = m.row_values(i)[k];
  return p;
}

// EASE from texts alone, the long way: through the items' own inverse.
inline Plain plain_text_ease(const Plain& features, double lf) {
  Plain k = product(features, turned(features));
  for (std::size_t i = 0; i < k.size(); ++i) k[i][i] += lf;
  const Plain p = inverse(k);
  Plain c = zeros(k.size(), k.size());
  for (std::size_t i = 0; i < k.size(); ++i)
    for (std::size_t j = 0; j < k.size(); ++j) c[i][j] = i == j ? 0 : -p[i][j] / p[j][j];
  return c;
}

// X of the contract of set_gram.
inline Plain plain_sets(std::size_t items, const Histories& histories) {
  Plain x = zeros(histories.size(), items);
  for (std::size_t u = 0; u < histories.size(); ++u) {
    for (const auto& [item, weight] : histories[u]) x[u][item] += weight;
    for (double& v : x[u]) v = std::min(std::max(v, 0.0), 1.0);
  }
  return x;
}

// alpha X'X + S'S and alpha X'X + S'T, prefix by prefix.
inline std::pair<Plain, Plain> plain_sequence_gram(std::size_t items, const Histories& histories, double alpha, double decay,
                                                   std::size_t window) {
  const Plain x = plain_sets(items, histories);
  Plain a = product(turned(x), x);
  for (auto& row : a)
    for (double& v : row) v *= alpha;
  Plain r = a;
  for (const auto& history : histories)
    for (std::size_t t = 1; t < history.size(); ++t) {
      const double counts = std::max(history[t].second, 0.0f);
      std::vector<double> s(items, 0.0);
      for (std::size_t age = 0; age < t && (window == 0 || age < window); ++age)
        s[history[t - 1 - age].first] += std::pow(decay, static_cast<double>(age)) * history[t - 1 - age].second;
      for (std::size_t i = 0; i < items; ++i) {
        for (std::size_t j = 0; j < items; ++j) a[i][j] += counts * s[i] * s[j];
        r[i][history[t].first] += counts * s[i];
      }
    }
  return {a, r};
}

// Even users take even items, odd users odd ones; each user has not met two of the own kind.
inline Histories checkerboard(unsigned users = 40, unsigned items = 20) {
  Histories histories(users);
  for (unsigned u = 0; u < users; ++u)
    for (unsigned i = u % 2; i < items; i += 2)
      if ((i / 2 + u / 2) % 5 != 0) histories[u].emplace_back(i, 1.0f);
  return histories;
}

// W row by row, as the model itself gives it: what one touch of item i adds to every item.
inline Plain weights_of(const Recommender& model) {
  Plain w = zeros(model.item_count(), model.item_count());
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::vector<Touch> one = {{.item = item_at(i)}};
    std::vector<float> row(w.size());
    model.score_all({.history = one}, row);
    w[i].assign(row.begin(), row.end());
  }
  return w;
}

inline double largest_gap(const Plain& a, const Plain& b) {
  double gap = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) gap = std::max(gap, std::abs(a[i][j] - b[i][j]));
  return gap;
}

// A file that is gone at the end of the test.
struct Scratch {
  std::filesystem::path path;
  explicit Scratch(const std::string& name) : path(std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()))) {}
  ~Scratch() { std::filesystem::remove(path); }
};

inline void write_model(const Recommender& model, const std::filesystem::path& path) {
  ByteWriter out(path);
  model.save(out);
  out.close();
}

}  // namespace attune::model::testing
