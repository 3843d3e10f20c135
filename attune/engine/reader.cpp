// Reader: cosine between a new text and the fitted items, encoder by encoder.
#include "attune/engine/reader.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/top_k.h"

namespace attune::engine {
namespace {

bool says_nothing(const model::NewItem::Row& row) {
  const auto zero = [](float x) { return x == 0; };
  return std::all_of(row.dense.begin(), row.dense.end(), zero) && std::all_of(row.values.begin(), row.values.end(), zero);
}

// out[i] += share * cosine of the row with item i; rows have length 1.
void add_cosines(const data::ItemFeatures& features, const model::NewItem::Row& row, float share, std::span<float> out) {
  if (!features.is_sparse()) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += share * dot(features.dense.row(i), row.dense);
    return;
  }
  std::vector<float> query(features.sparse.cols, 0.0f);
  for (std::size_t k = 0; k < row.indices.size(); ++k) query[row.indices[k]] = row.values[k];
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto words = features.sparse.row_indices(i);
    const auto values = features.sparse.row_values(i);
    float sum = 0;
    for (std::size_t k = 0; k < words.size(); ++k) sum += values[k] * query[words[k]];
    out[i] += share * sum;
  }
}

model::NewItem::Row row_of(const data::ItemFeatures& features, std::size_t at) {
  model::NewItem::Row row;
  if (features.is_sparse()) {
    const auto words = features.sparse.row_indices(at);
    const auto values = features.sparse.row_values(at);
    row.indices.assign(words.begin(), words.end());
    row.values.assign(values.begin(), values.end());
  } else {
    const auto values = features.dense.row(at);
    row.dense.assign(values.begin(), values.end());
  }
  return row;
}

}  // namespace

Reader::Reader(std::vector<Reading> readings) : readings_(std::move(readings)) {}

model::NewItem Reader::read(const std::string& text, const Run& run) const {
  model::NewItem item;
  for (const Reading& reading : readings_) {
    const data::ItemFeatures features = reading.encoder->encode(std::span(&text, 1), run);
    model::NewItem::Row row = row_of(features, 0);
    if (!says_nothing(row)) item.features[reading.encoder->name()] = std::move(row);
  }
  return item;
}

void Reader::similarity(const model::NewItem& item, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0f);
  std::vector<const Reading*> used;
  for (const bool sparse : {false, true}) {
    for (const Reading& reading : readings_)
      if (reading.features->is_sparse() == sparse && item.features.contains(reading.encoder->name())) used.push_back(&reading);
    if (!used.empty()) break;
  }
  for (const Reading* reading : used)
    add_cosines(*reading->features, item.features.find(reading->encoder->name())->second, 1.0f / static_cast<float>(used.size()), out);
}

float Reader::similarity(const model::NewItem& a, const model::NewItem& b) const {
  float dense = 0, words = 0;
  std::size_t dense_count = 0;
  for (const auto& [name, row] : a.features) {
    const auto other = b.features.find(name);
    if (other == b.features.end()) continue;
    if (!row.dense.empty() && row.dense.size() == other->second.dense.size()) {
      dense += dot(row.dense, other->second.dense);
      ++dense_count;
    }
    for (std::size_t k = 0, m = 0; k < row.indices.size() && m < other->second.indices.size();) {
      if (row.indices[k] == other->second.indices[m]) words += row.values[k++] * other->second.values[m++];
      else if (row.indices[k] < other->second.indices[m]) ++k;
      else ++m;
    }
  }
  return dense_count > 0 ? dense / static_cast<float>(dense_count) : words;
}

std::vector<Touch> nearest_of(std::span<const float> similar, std::size_t n, double temperature) {
  std::vector<Touch> near;
  double total = 0;
  const std::vector<Scored> best = top_k(similar, n);
  for (const Scored& hit : best) {
    const double weight = std::exp((static_cast<double>(hit.score) - best.front().score) / temperature);
    near.push_back({.item = hit.item, .weight = static_cast<float>(weight)});
    total += weight;
  }
  for (Touch& touch : near) touch.weight = static_cast<float>(touch.weight / total);
  return near;
}

std::vector<Touch> Reader::nearest(const model::NewItem& item, std::size_t n, double temperature) const {
  if (readings_.empty() || item.features.empty()) return {};
  const data::ItemFeatures& first = *readings_.front().features;
  std::vector<float> similar(first.is_sparse() ? first.sparse.rows : first.dense.rows());
  similarity(item, similar);
  return nearest_of(similar, n, temperature);
}

model::NewItem Reader::row(ItemId item) const {
  model::NewItem row;
  for (const Reading& reading : readings_) {
    model::NewItem::Row r = row_of(*reading.features, to_index(item));
    if (!says_nothing(r)) row.features[reading.encoder->name()] = std::move(r);
  }
  return row;
}

}  // namespace attune::engine
