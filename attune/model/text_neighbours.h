// Text neighbours: the known items whose texts are nearest to a new item's text; they lend it their columns.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/sparse.h"
#include "attune/core/whiten.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

class TextNeighbours {
 public:
  // Whitened rows for dense features, rows as they are for sparse ones; both of length 1.
  TextNeighbours(std::string feature, const data::ItemFeatures& features, std::size_t count);

  // The `count` nearest known items by cosine, weights in proportion to it and summing to 1. Empty when the item has no such
  // feature or nothing is near. Throws Error: bad_request when the vector's length is not that of the known ones.
  std::vector<Scored> nearest(const NewItem& item) const;

  std::size_t item_count() const noexcept { return dense_.empty() ? words_.cols : dense_.rows(); }
  std::size_t size_bytes() const noexcept { return dense_.size_bytes() + words_.size_bytes(); }
  void save(ByteWriter& out) const;
  static TextNeighbours load(ByteReader& in);

 private:
  TextNeighbours() = default;
  std::string feature_;
  std::size_t count_ = 0;
  Matrix dense_;             // [items, d] unit rows
  Whitening whitening_;
  Sparse words_;             // [words, items] of unit item rows: who holds each word
};

// Neighbours by the feature of that name, or, when the name is empty, by the first dense one, else the first there is; nullopt
// when the dataset has none. Throws Error: bad_request for an unknown name.
std::optional<TextNeighbours> neighbours_for(const data::Dataset& data, std::string_view feature, const Run& run);

}  // namespace attune::model
