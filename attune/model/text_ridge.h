// Text ridge: a new item's column of W foretold from its text, by ridge regression of the known items' columns on what all encoders
// say of them. It sees directions of the texts that matter to taste where neighbours see nearness alone; the two are best together. To them
// comes the likeness itself, as far as known items' columns show that what reads alike is taken together (colours of one mug; not one
// game for two consoles): W has no weight from an item to itself, so neither way lets a twin in the history speak for its twin.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"
#include "attune/model/text_factors.h"
#include "attune/model/text_neighbours.h"

namespace attune::model {

class TextRidge {
 public:
  // Source of the scale: over a sample of known items the foretold columns are as large as the means of their neighbours' columns.
  // w [items, items]; column j belongs to item j. Items that few people took count less. Cost: O(items^2 x text columns).
  // nullopt: no features, nothing learned (W is zero), or no memory for the map, with a remark.
  static std::optional<TextRidge> fit(const data::Dataset& data, const Matrix& w, const TextNeighbours& neighbours, std::string_view encoders, const Run& run);

  // Its own column beside that of the neighbours, `mean` [items]: mean += share x (own - mean), then brought half of the way (geometric)
  // to the size that is typical: texts that stand apart from all others got small columns; then a part of `alike` (TextNeighbours::Seen,
  // [items]). Nothing where no encoder reads the item.
  void blend(const NewItem& item, std::span<const float> alike, std::vector<float>& mean) const;

  std::size_t item_count() const noexcept { return map_.cols(); }
  std::size_t size_bytes() const noexcept { return map_.size_bytes() + factors_.size_bytes(); }
  void save(ByteWriter& out) const;
  // knows_size, knows_likeness: false for files of before the typical size, or the likeness's scale, was kept; columns are as they were.
  static TextRidge load(ByteReader& in, bool knows_size = true, bool knows_likeness = true);

 private:
  // A known item as if it were new: what its neighbours lend, what the map foretells (before its scale), how alike the others read [items].
  struct Sampled {
    std::size_t item;
    std::vector<float> near, foretold, alike;
  };
  float share() const noexcept;
  void weigh_likeness(std::span<Sampled> samples, float scale, const Matrix& w);

  TextFactors factors_;
  Matrix map_;   // [text columns, items], scaled
  float typical_ = 0;   // size (root of the sum of squares) of a sampled item's blended column; 0 = unknown
  float alike_ = 0;     // what brings a likeness of typical size to that
  float likeness_ = 0;  // its part of a column, 0..1
};

}  // namespace attune::model
