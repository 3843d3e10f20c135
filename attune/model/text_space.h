// Text space: the items of one encoder as points, dense and whitened or sparse as they are, and a new text put among them.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/sparse.h"
#include "attune/core/whiten.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

class TextSpace {
 public:
  struct Options {
    float whiten_eps = 1;  // dense only; 0 = vectors as the encoder gives them
    bool unit = true;      // points of length 1: inner products are cosines
  };
  TextSpace() = default;
  TextSpace(std::string feature, const data::ItemFeatures& features, const Options& options);

  const std::string& feature() const noexcept { return feature_; }
  std::size_t item_count() const noexcept { return is_sparse() ? sparse_.rows : dense_.rows(); }
  std::size_t dim() const noexcept { return is_sparse() ? sparse_.cols : dense_.cols(); }
  bool is_sparse() const noexcept { return dense_.empty(); }
  const Matrix& dense() const noexcept { return dense_; }  // empty for sparse

  // point += weight * point of item i. point [dim]
  void add(std::size_t i, float weight, std::span<float> point) const;
  // Inner product of `point` with every item: out [items]. O(items x dim), or the words of all items.
  void dots(std::span<const float> point, std::span<float> out) const;
  float dot_with(std::span<const float> point, std::size_t i) const;
  // The point of a new text [dim]; empty when the item has no such feature or its text says nothing.
  // Throws Error: bad_request when its vector has another length than the known ones.
  std::vector<float> place(const NewItem& item) const;

  std::size_t size_bytes() const noexcept { return dense_.size_bytes() + sparse_.size_bytes() + whitening_.size_bytes(); }
  void save(ByteWriter& out) const;
  static TextSpace load(ByteReader& in);

 private:
  std::string feature_;
  bool unit_ = true;
  Matrix dense_;
  Whitening whitening_;  // empty: none
  Sparse sparse_;
};

// The feature of that name, or, when the name is empty, the first dense one, else the first there is, else "".
// Throws Error: bad_request for an unknown name.
std::string chosen_feature(const data::Dataset& data, std::string_view name);

}  // namespace attune::model
