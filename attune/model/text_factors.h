// Text factors: what all encoders say of an item as one short dense row: sentence vectors whitened, TF-IDF cut to its
// strongest directions, a 1 for the mean. Columns have mean square about 1, so that one ridge suits them all.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/whiten.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

class TextFactors {
 public:
  TextFactors() = default;   // reads nothing
  // `names`: encoders, separated by commas; empty = all the dataset has. Throws Error: bad_request for a name that is not there.
  TextFactors(const data::Dataset& data, std::string_view names, const Run& run);

  bool empty() const noexcept { return parts_.empty(); }
  std::size_t columns() const noexcept;
  // [items, columns()]; the items of the dataset it was made from, or of another with the same encoders.
  Matrix rows(const data::Dataset& data) const;
  // nullopt: the item has none of the features.
  std::optional<std::vector<float>> row(const NewItem& item) const;

  std::size_t size_bytes() const noexcept;
  void save(ByteWriter& out) const;
  static TextFactors load(ByteReader& in);

 private:
  struct Part {
    std::string encoder;
    std::optional<Whitening> dense;
    Matrix sparse;   // [vocabulary, directions]
    std::size_t inputs() const noexcept { return dense ? dense->mean.size() : sparse.rows(); }
    std::size_t columns() const noexcept { return dense ? dense->map.cols() : sparse.cols(); }
  };
  std::vector<Part> parts_;
};

}  // namespace attune::model
