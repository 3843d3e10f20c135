// Text space: see the header.
#include "attune/model/text_space.h"

#include <utility>

#include "attune/core/kernels.h"
#include "attune/model/text_prior.h"

namespace attune::model {

TextSpace::TextSpace(std::string feature, const data::ItemFeatures& features, const Options& options)
    : feature_(std::move(feature)), unit_(options.unit) {
  if (features.is_sparse()) {
    sparse_ = features.sparse;
    for (std::size_t r = 0; unit_ && r < sparse_.rows; ++r)
      normalise({sparse_.values.data() + sparse_.offsets[r], sparse_.row_size(r)});
    return;
  }
  if (options.whiten_eps > 0) {
    whitening_ = Whitening::fit(features.dense, options.whiten_eps);
    dense_ = whitening_.apply(features.dense);
  } else {
    dense_ = features.dense.clone();
  }
  for (std::size_t i = 0; unit_ && i < dense_.rows(); ++i) normalise(dense_.row(i));
}

void TextSpace::add(std::size_t i, float weight, std::span<float> point) const {
  if (!is_sparse()) return axpy(weight, dense_.row(i), point);
  const auto words = sparse_.row_indices(i);
  const auto values = sparse_.row_values(i);
  for (std::size_t k = 0; k < words.size(); ++k) point[words[k]] += weight * values[k];
}

float TextSpace::dot_with(std::span<const float> point, std::size_t i) const {
  if (!is_sparse()) return dot(point, dense_.row(i));
  const auto words = sparse_.row_indices(i);
  const auto values = sparse_.row_values(i);
  float sum = 0;
  for (std::size_t k = 0; k < words.size(); ++k) sum += point[words[k]] * values[k];
  return sum;
}

void TextSpace::dots(std::span<const float> point, std::span<float> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = dot_with(point, i);
}

std::vector<float> TextSpace::place(const NewItem& item) const {
  const auto found = item.features.find(feature_);
  if (found == item.features.end()) return {};
  const NewItem::Row& given = found->second;
  std::vector<float> point(dim(), 0.0f);
  if (is_sparse()) {
    for (std::size_t k = 0; k < given.indices.size(); ++k)
      if (given.indices[k] < point.size()) point[given.indices[k]] += given.values[k];  // else a word that no known item has
  } else {
    if (given.dense.size() != dim())
      throw Error(Code::bad_request, "the new item's vector by '" + feature_ + "' has " + std::to_string(given.dense.size()) +
                                         " numbers, known items have " + std::to_string(dim()));
    point = given.dense;
    if (!whitening_.mean.empty()) {
      const Matrix row = whitening_.apply({point.data(), 1, point.size()});
      point.assign(row.data(), row.data() + row.size());
    }
  }
  if (dot(point, point) == 0) return {};
  if (unit_) normalise(point);
  return point;
}

void TextSpace::save(ByteWriter& out) const {
  out.text(feature_);
  out.number(static_cast<std::uint8_t>(unit_));
  out.matrix(dense_);
  whitening_.save(out);
  out.sparse(sparse_);
}

TextSpace TextSpace::load(ByteReader& in) {
  TextSpace space;
  space.feature_ = in.text();
  space.unit_ = in.number<std::uint8_t>() != 0;
  space.dense_ = in.matrix();
  space.whitening_ = Whitening::load(in);
  space.sparse_ = in.sparse();
  if (!space.whitening_.mean.empty() && space.whitening_.mean.size() != space.dense_.cols())
    throw Error(Code::bad_data, "the text vectors of a model are damaged: sizes do not fit; fit again");
  return space;
}

std::string chosen_feature(const data::Dataset& data, std::string_view name) {
  if (!name.empty()) {
    features_named(data, name);  // throws when there is none
    return std::string(name);
  }
  std::string chosen;
  for (const auto& [feature, rows] : data.all_features()) {
    if (!rows->is_sparse()) return feature;
    if (chosen.empty()) chosen = feature;
  }
  return chosen;
}

}  // namespace attune::model
