// Text prior: d x d for sentence vectors (384: seconds), shared words by shared words for TF-IDF.
#include "attune/model/text_prior.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/whiten.h"
#include "attune/model/products.h"

namespace attune::model {
namespace {

// s and d from h and diag(Y M Y').
void finish(TextPrior& prior, const std::vector<double>& h, const std::vector<double>& own) {
  prior.scale.resize(h.size());
  prior.diagonal.resize(h.size());
  for (std::size_t j = 0; j < h.size(); ++j) {
    const double s = 1.0 / std::max(1.0 - h[j], 1e-6);
    prior.scale[j] = static_cast<float>(s);
    prior.diagonal[j] = static_cast<float>(own[j] * s);
  }
}

TextPrior dense_prior(const Matrix& features, const TextPriorOptions& options) {
  TextPrior prior;
  prior.dense = Whitening::fit(features, options.whiten_eps).apply(features);
  for (std::size_t i = 0; i < prior.dense.rows(); ++i) normalise(prior.dense.row(i));
  prior.m = multiply(prior.dense, prior.dense, {.transpose_a = true});
  for (std::size_t k = 0; k < prior.m.rows(); ++k) prior.m(k, k) += options.lf_dense;
  invert_spd(prior.m, "the text prior's matrix of dimensions");
  const Matrix xm = multiply(prior.dense, prior.m);
  std::vector<double> h(xm.rows());
  for (std::size_t j = 0; j < h.size(); ++j) h[j] = dot(xm.row(j), prior.dense.row(j));
  finish(prior, h, h);
  return prior;
}

// Shared words renumbered 0, 1, ...; those of one item only become part of E (`own_words` [items] += squared weight).
Sparse shared_words(const Sparse& f, std::vector<double>& own_words) {
  std::vector<std::uint32_t> holders(f.cols, 0), number(f.cols, 0);
  for (std::size_t k = 0; k < f.nnz(); ++k)
    if (f.values[k] != 0) ++holders[f.indices[k]];
  Sparse shared;
  shared.rows = f.rows;
  for (std::size_t w = 0; w < f.cols; ++w)
    if (holders[w] > 1) number[w] = static_cast<std::uint32_t>(shared.cols++);
  for (std::size_t i = 0; i < f.rows; ++i) {
    for (std::uint64_t k = f.offsets[i]; k < f.offsets[i + 1]; ++k) {
      const float x = f.values[k];
      if (holders[f.indices[k]] <= 1) {
        own_words[i] += static_cast<double>(x) * x;
      } else if (x != 0) {
        shared.indices.push_back(number[f.indices[k]]);
        shared.values.push_back(x);
      }
    }
    shared.offsets.push_back(shared.indices.size());
  }
  return shared;
}

// F' E^-1 F for rows of F: every item adds the products of its words.
Matrix word_gram(const Sparse& f, const std::vector<double>& e) {
  Matrix gram(f.cols, f.cols);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto words = f.row_indices(i);
    const auto values = f.row_values(i);
    for (std::size_t a = 0; a < words.size(); ++a)
      for (std::size_t b = 0; b < words.size(); ++b)
        gram(words[a], words[b]) += static_cast<float>(static_cast<double>(values[a]) * values[b] / e[i]);
  }
  return gram;
}

void words_prior(TextPrior& prior, Sparse shared, const std::vector<double>& e, double lf) {
  prior.m = word_gram(shared, e);
  for (std::size_t w = 0; w < prior.m.rows(); ++w) prior.m(w, w) += 1.0f;
  invert_spd(prior.m, "the text prior's matrix of words");
  for (float& x : prior.m.all()) x *= static_cast<float>(lf);
  std::vector<double> h(shared.rows), own(shared.rows);
  for (std::size_t j = 0; j < shared.rows; ++j) {
    for (std::uint64_t k = shared.offsets[j]; k < shared.offsets[j + 1]; ++k)
      shared.values[k] = static_cast<float>(shared.values[k] / e[j]);
    const auto words = shared.row_indices(j);
    const auto values = shared.row_values(j);
    for (std::size_t a = 0; a < words.size(); ++a)
      for (std::size_t b = 0; b < words.size(); ++b)
        own[j] += static_cast<double>(values[a]) * values[b] * prior.m(words[a], words[b]);
    h[j] = 1.0 - lf / e[j] + own[j];
  }
  prior.sparse = std::move(shared);
  finish(prior, h, own);
}

void items_prior(TextPrior& prior, const Sparse& shared, const std::vector<double>& e) {
  const Sparse holders = transpose(shared);
  Matrix b(shared.rows, shared.rows);
  for (std::size_t w = 0; w < holders.rows; ++w) {
    const auto items = holders.row_indices(w);
    const auto values = holders.row_values(w);
    for (std::size_t x = 0; x < items.size(); ++x)
      for (std::size_t y = 0; y < items.size(); ++y) b(items[x], items[y]) += values[x] * values[y];
  }
  for (std::size_t j = 0; j < b.rows(); ++j) b(j, j) += static_cast<float>(e[j]);
  invert_spd(b, "the text prior's matrix of items");
  std::vector<float> of_column(b.rows());
  for (std::size_t j = 0; j < b.rows(); ++j) of_column[j] = -1.0f / b(j, j);
  for (std::size_t i = 0; i < b.rows(); ++i)
    for (std::size_t j = 0; j < b.rows(); ++j) b(i, j) = i == j ? 0.0f : b(i, j) * of_column[j];
  prior.m = std::move(b);
  prior.by_items = true;
}

}  // namespace

std::vector<PriorWeight> parse_priors(std::string_view text) {
  std::vector<PriorWeight> priors;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::size_t equals = one.find('=');
    PriorWeight prior{.feature = std::string(one.substr(0, equals))};
    const char* end = one.data() + one.size();
    bool sound = equals != std::string_view::npos && !prior.feature.empty();
    if (sound) {
      const auto [stop, error] = std::from_chars(one.data() + equals + 1, end, prior.weight);
      sound = error == std::errc() && stop == end && prior.weight >= 0 && std::isfinite(prior.weight);
    }
    if (!sound)
      throw Error(Code::bad_request, "priors must read NAME=WEIGHT,NAME=WEIGHT with weights of 0 or more, such as "
                                     "\"tfidf=8,e5=41\"; got '" + std::string(one) + "' in '" + std::string(text) + "'");
    if (prior.weight > 0) priors.push_back(std::move(prior));
  }
  return priors;
}

std::vector<PriorWeight> chosen_priors(const data::Dataset& data, std::string_view text) {
  if (text == "none") return {};
  if (text != "auto") return parse_priors(text);
  int words = 0, vectors = 0;
  for (const auto& [name, features] : data.all_features()) ++(features->is_sparse() ? words : vectors);
  std::vector<PriorWeight> priors;
  for (const auto& [name, features] : data.all_features()) {
    const float weight = features->is_sparse() ? (vectors > 0 ? 8.0f : 16.0f) / static_cast<float>(words)
                                               : (words > 0 ? 60.0f : 80.0f) / static_cast<float>(vectors);
    priors.push_back({.feature = name, .weight = weight});
  }
  return priors;
}

std::string text_of(const std::vector<PriorWeight>& priors) {
  std::string text;
  for (const PriorWeight& prior : priors) {
    char number[32];
    std::snprintf(number, sizeof number, "%g", static_cast<double>(prior.weight));
    text += (text.empty() ? "" : ",") + prior.feature + "=" + number;
  }
  return text;
}

const data::ItemFeatures& features_named(const data::Dataset& data, std::string_view name) {
  if (const data::ItemFeatures* features = data.features(name)) return *features;
  std::string known;
  for (const auto& [other, features] : data.all_features()) known += (known.empty() ? "" : ", ") + other;
  throw Error(Code::bad_request, "no item texts were encoded by '" + std::string(name) + "'; there " +
                                     (known.empty() ? "are none: encode first" : "are: " + known));
}

TextPrior text_prior(std::string feature, const data::ItemFeatures& features, const TextPriorOptions& options, const Run& run) {
  run.check();
  if (!features.is_sparse()) {
    TextPrior prior = dense_prior(features.dense, options);
    prior.feature = std::move(feature);
    return prior;
  }
  TextPrior prior{.feature = std::move(feature)};
  std::vector<double> e(features.sparse.rows, options.lf_sparse);
  Sparse shared = shared_words(features.sparse, e);
  if (shared.cols <= shared.rows) words_prior(prior, std::move(shared), e, options.lf_sparse);
  else items_prior(prior, shared, e);
  return prior;
}

namespace {

std::vector<float> scaled(std::vector<float> xs, float by) {
  for (float& x : xs) x *= by;
  return xs;
}

// left of P C = left right' - P diag(d), weight in it; right with s in it.
void add_words(MatrixView p, const TextPrior& prior, float weight, Matrix& out, ScoreParts* parts, const Run& run) {
  Sparse right = prior.sparse;
  for (std::size_t j = 0; j < right.rows; ++j)
    for (std::uint64_t k = right.offsets[j]; k < right.offsets[j + 1]; ++k) right.values[k] *= prior.scale[j];
  const Matrix words = times_sparse(p, prior.sparse, run);
  run.check();
  Matrix left(words.rows(), words.cols());
  multiply(words, prior.m, left, {.alpha = weight});
  run.check();
  add_times_transposed(left, right, out, run);
  if (parts != nullptr) parts->add_words(prior.feature, left, std::move(right), scaled(prior.diagonal, weight));
}

void add_vectors(MatrixView p, const TextPrior& prior, float weight, Matrix& out, ScoreParts* parts) {
  const Matrix xm = multiply(prior.dense, prior.m);
  Matrix left(xm.rows(), xm.cols()), right = prior.dense.clone();
  multiply(p, xm, left, {.alpha = weight});
  for (std::size_t j = 0; j < right.rows(); ++j)
    for (float& x : right.row(j)) x *= prior.scale[j];
  multiply(left, right, out, {.beta = 1, .transpose_b = true});
  if (parts != nullptr) parts->add_vectors(prior.feature, std::move(left), std::move(right), scaled(prior.diagonal, weight));
}

void add_items(MatrixView p, const TextPrior& prior, float weight, Matrix& out, ScoreParts* parts) {
  if (parts == nullptr) return multiply(p, prior.m, out, {.alpha = weight, .beta = 1});
  const Matrix whole = multiply(p, prior.m, {.alpha = weight});
  axpy(1, whole.all(), out.all());
  parts->add_items(prior.feature, whole);
}

}  // namespace

void add_prior(MatrixView p, const TextPrior& prior, float weight, Matrix& out, ScoreParts* parts, const Run& run) {
  run.check();
  if (prior.by_items) return add_items(p, prior, weight, out, parts);
  if (prior.dense.empty()) add_words(p, prior, weight, out, parts, run);
  else add_vectors(p, prior, weight, out, parts);
  parallel_for(0, p.rows, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i)
      for (std::size_t j = 0; j < p.rows; ++j) out(i, j) -= weight * p(i, j) * prior.diagonal[j];
  });
}

void add_priors(MatrixView p, const data::Dataset& data, const std::vector<PriorWeight>& priors, const TextPriorOptions& options,
                Matrix& out, ScoreParts* parts, const Run& run) {
  for (const PriorWeight& prior : priors)
    add_prior(p, text_prior(prior.feature, features_named(data, prior.feature), options, run), prior.weight, out, parts, run);
}

std::size_t prior_bytes(const data::ItemFeatures& features) {
  if (!features.is_sparse()) return features.dense.size_bytes() * 4;
  std::vector<std::uint8_t> holders(features.sparse.cols, 0);
  for (const std::uint32_t word : features.sparse.indices) holders[word] = std::min<std::uint8_t>(holders[word] + 1, 2);
  const auto shared = static_cast<std::size_t>(std::count(holders.begin(), holders.end(), 2));
  const std::size_t n = features.sparse.rows, words = std::min(shared, n);
  return (2 * n * words + words * words) * sizeof(float);
}

}  // namespace attune::model
