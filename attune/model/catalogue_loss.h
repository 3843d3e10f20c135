// Catalogue loss: what a batch of users took, all of it at once, against the whole catalogue or a drawn part of it, with gradients by
// the vectors of users and items. One matrix product a block of users, so the whole catalogue costs a CPU no more than drawn
// negatives for every pair would, and is exact. Cost: 6 x users x items x factors for the batch.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/random.h"
#include "attune/data/dataset.h"
#include "attune/train/negatives.h"

namespace attune::model {

struct CatalogueLossOptions {
  bool is_softmax = true;            // false: cosine contrastive loss
  bool cosine = true;                // scores are cosines; false = inner products
  float tau = 0.15f;
  float margin = 0.9f, negative_weight = 250;
  int negatives = 0;                 // items drawn a call; 0 = all
  float negative_power = 0;
};

class CatalogueLoss {
 public:
  static constexpr std::size_t kBlock = 128;   // users scored by one product
  struct Sum {
    double loss, weight;             // over the pairs of the batch
  };

  // `pair_weights` [items]: how much a pair of this item counts. Both are looked at while this lives.
  CatalogueLoss(const data::Dataset& data, CatalogueLossOptions options, std::span<const float> pair_weights)
      : data_(data), o_(options), pair_weights_(pair_weights), negatives_(data.popularity(), options.negative_power) {}

  // vectors [users + items, d]; adds the gradient of the mean loss of a pair into rows of `gradient` [users + items, d].
  // `batch`: distinct users who took something. Deterministic for the state of `random`.
  Sum gradients(std::span<const std::uint32_t> batch, const Matrix& vectors, Matrix& gradient, Random& random, const Run& run);
  // The rows (nodes) that the last call may have changed, ascending.
  const std::vector<std::uint32_t>& touched() const noexcept { return touched_; }

 private:
  struct Side {
    std::vector<std::uint32_t> items;
    Matrix vectors, gradient;        // [items, d]; vectors of length 1 where scores are cosines
    std::vector<float> lengths;
    std::size_t place(std::uint32_t item) const;
  };
  void fill(Side& side, const Matrix& vectors, const Run& run) const;
  void put_back(Side& side, Matrix& gradient, const Run& run) const;
  double block(std::span<const std::uint32_t> users, const Matrix& vectors, Matrix& gradient, bool is_whole, float share, const Run& run);
  double row(std::uint32_t user, std::span<const float> u, std::span<float> scores, bool is_whole, float share, std::vector<float>& slopes) const;
  void leave_out(std::span<const std::uint32_t> taken, std::span<float> scores) const;

  const data::Dataset& data_;
  CatalogueLossOptions o_;
  std::span<const float> pair_weights_;
  train::Negatives negatives_;
  Side against_, own_;               // negatives; positives that no product scores
  Matrix scores_;
  std::vector<std::uint32_t> touched_;
};

}  // namespace attune::model
