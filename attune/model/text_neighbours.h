// Text neighbours: the known items whose texts are nearest to a new item's text, by each encoder; they lend it their columns.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "attune/model/text_space.h"

namespace attune::model {

class TextNeighbours {
 public:
  // One space an encoder, at least one, all of the same items.
  TextNeighbours(std::vector<TextSpace> spaces, std::size_t count) : spaces_(std::move(spaces)), count_(count) {}
  TextNeighbours(TextSpace space, std::size_t count) : count_(count) { spaces_.push_back(std::move(space)); }

  // What the known items' texts are to a new item's. `except`: a known item left out.
  struct Seen {
    // The `count` nearest known items of every encoder that says something of the item, weights in proportion to the squared cosine; encoders
    // have equal shares, all weights sum to 1, largest first. Empty when no encoder does or nothing is near.
    std::vector<Scored> nearest;
    // How alike every known item's text is [items]: the cube of the cosine where that is positive, mean over the encoders that say something
    // of the item; empty where none does. The cube leaves what is nearly the same and little else.
    std::vector<float> alike;
  };
  Seen look(const NewItem& item, std::optional<ItemId> except = {}) const;   // one pass over all points an encoder
  std::vector<Scored> nearest(const NewItem& item, std::optional<ItemId> except = {}) const { return look(item, except).nearest; }

  std::size_t item_count() const noexcept { return spaces_.front().item_count(); }
  std::size_t size_bytes() const noexcept;
  void save(ByteWriter& out) const;
  static TextNeighbours load(ByteReader& in);   // throws Error: bad_data when encoders tell of different numbers of items

 private:
  std::vector<TextSpace> spaces_;
  std::size_t count_ = 0;
};

// Neighbours by `features`, names separated by commas, empty = all there are; nullopt when the dataset has none.
// Throws Error: bad_request for an unknown name.
std::optional<TextNeighbours> neighbours_for(const data::Dataset& data, std::string_view features, const Run& run);

}  // namespace attune::model
