// Text neighbours: one pass over all rows (dense) or over the postings of the new item's words (sparse).
#include "attune/model/text_neighbours.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "attune/core/kernels.h"
#include "attune/core/top_k.h"
#include "attune/model/text_prior.h"

namespace attune::model {
namespace {

// Mean of the 20 nearest items' columns: ahead of the text prior's own column and of ridge on the cold items of two sets
// (Beauty and Games, NDCG@10 among the cold .10 against .08 and .096).
constexpr std::size_t kNearest = 20;

Sparse unit_rows(Sparse m) {
  for (std::size_t r = 0; r < m.rows; ++r)
    normalise({m.values.data() + m.offsets[r], m.row_size(r)});
  return m;
}

}  // namespace

TextNeighbours::TextNeighbours(std::string feature, const data::ItemFeatures& features, std::size_t count)
    : feature_(std::move(feature)), count_(count) {
  if (features.is_sparse()) {
    words_ = transpose(unit_rows(features.sparse));
    return;
  }
  whitening_ = Whitening::fit(features.dense, 1.0f);
  dense_ = whitening_.apply(features.dense);
  for (std::size_t i = 0; i < dense_.rows(); ++i) normalise(dense_.row(i));
}

std::vector<Scored> TextNeighbours::nearest(const NewItem& item) const {
  const auto found = item.features.find(feature_);
  if (found == item.features.end()) return {};
  const NewItem::Row& given = found->second;
  std::vector<float> cosines(item_count(), 0.0f);
  if (dense_.empty()) {
    std::vector<float> values = given.values;
    if (normalise(values) == 0) return {};
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (given.indices[k] >= words_.rows) continue;  // a word that no known item has
      const auto holders = words_.row_indices(given.indices[k]);
      const auto weights = words_.row_values(given.indices[k]);
      for (std::size_t h = 0; h < holders.size(); ++h) cosines[holders[h]] += values[k] * weights[h];
    }
  } else {
    if (given.dense.size() != dense_.cols())
      throw Error(Code::bad_request, "the new item's vector by '" + feature_ + "' has " + std::to_string(given.dense.size()) +
                                         " numbers, known items have " + std::to_string(dense_.cols()));
    Matrix row = whitening_.apply({given.dense.data(), 1, given.dense.size()});
    if (normalise(row.row(0)) == 0) return {};
    for (std::size_t i = 0; i < cosines.size(); ++i) cosines[i] = dot(row.row(0), dense_.row(i));
  }
  std::vector<Scored> near = top_k(cosines, count_);
  double sum = 0;
  std::erase_if(near, [](const Scored& n) { return !(n.score > 0); });
  for (const Scored& n : near) sum += n.score;
  for (Scored& n : near) n.score = static_cast<float>(n.score / sum);
  return near;
}

void TextNeighbours::save(ByteWriter& out) const {
  out.text(feature_);
  out.number(static_cast<std::uint64_t>(count_));
  out.matrix(dense_);
  whitening_.save(out);
  out.sparse(words_);
}

TextNeighbours TextNeighbours::load(ByteReader& in) {
  TextNeighbours t;
  t.feature_ = in.text();
  t.count_ = static_cast<std::size_t>(in.number<std::uint64_t>());
  t.dense_ = in.matrix();
  t.whitening_ = Whitening::load(in);
  t.words_ = in.sparse();
  return t;
}

std::optional<TextNeighbours> neighbours_for(const data::Dataset& data, std::string_view feature, const Run& run) {
  run.check();
  if (!feature.empty()) return TextNeighbours(std::string(feature), features_named(data, feature), kNearest);
  if (data.all_features().empty()) return std::nullopt;
  auto chosen = data.all_features().begin();
  for (auto at = data.all_features().begin(); at != data.all_features().end(); ++at)
    if (chosen->second->is_sparse() && !at->second->is_sparse()) chosen = at;
  return TextNeighbours(chosen->first, *chosen->second, kNearest);
}

}  // namespace attune::model
