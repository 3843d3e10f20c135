// Text neighbours: the known items whose texts are nearest to a new item's text; they lend it their columns.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "attune/model/text_space.h"

namespace attune::model {

class TextNeighbours {
 public:
  TextNeighbours(TextSpace space, std::size_t count) : space_(std::move(space)), count_(count) {}

  // The `count` nearest known items by cosine, weights in proportion to it and summing to 1, nearest first. Empty when the
  // item has no such feature or nothing is near.
  std::vector<Scored> nearest(const NewItem& item) const;

  std::size_t item_count() const noexcept { return space_.item_count(); }
  std::size_t size_bytes() const noexcept { return space_.size_bytes(); }
  void save(ByteWriter& out) const;
  static TextNeighbours load(ByteReader& in);

 private:
  TextSpace space_;
  std::size_t count_ = 0;
};

// Neighbours by chosen_feature(data, feature); nullopt when the dataset has no features.
std::optional<TextNeighbours> neighbours_for(const data::Dataset& data, std::string_view feature, const Run& run);

}  // namespace attune::model
