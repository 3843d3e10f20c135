// Ratings: what a model that foretells the weight of an event (stars) promises beside its scores, and the plain yardstick for it.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/types.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

// A model may be one beside Recommender; ask with rater_of().
class Rater {
 public:
  virtual ~Rater() = default;
  // The weight (stars, by the events' use_value) that an event of `query`'s user with each item is expected to have.
  // out [items], in the unit of Touch::weight, not cut to a scale. Throws as Recommender::score().
  virtual void predict_ratings(const Query& query, std::span<const ItemId> items, std::span<float> out) const = 0;
};
// nullptr: this model does not foretell ratings.
inline const Rater* rater_of(const Recommender& model) noexcept { return dynamic_cast<const Rater*>(&model); }

// Users and items who rate and are rated higher or lower than others:
//   item(i) = mean + sum (r - mean) / (n_i + pull),   user(h) = sum (r - item) / (n_h + pull)
// Touches of weight 0 are not there. Source: Koren, TOIS 2010, 2.1 (baseline estimates, decoupled). Cost: two passes over the log.
class RatingBias {
 public:
  RatingBias() = default;
  RatingBias(const data::Dataset& data, float pull_items, float pull_users);

  double mean() const noexcept { return mean_; }
  double spread() const noexcept { return spread_; }       // standard deviation of all ratings; 0: they do not differ
  bool has_dislikes() const noexcept { return has_dislikes_; }  // any below zero
  double item(std::size_t i) const noexcept { return mean_ + sums_[i] / (counts_[i] + pull_items_); }
  // As if the item did not have this one rating of it.
  double item_without(std::size_t i, double rating) const noexcept {
    return mean_ + (sums_[i] - (rating - mean_)) / (counts_[i] - 1 + pull_items_);
  }
  double user(std::span<const Touch> history) const noexcept;
  // From the sum of r - item over n ratings.
  double user_of(double sum, double n) const noexcept { return sum / (n + pull_users_); }

  std::size_t size_bytes() const noexcept { return (sums_.size() + counts_.size()) * sizeof(float); }
  std::size_t item_count() const noexcept { return sums_.size(); }
  void save(ByteWriter& out) const;
  static RatingBias load(ByteReader& in);

 private:
  double mean_ = 0, spread_ = 0;
  bool has_dislikes_ = false;
  float pull_items_ = 0, pull_users_ = 0;
  std::vector<float> sums_, counts_;   // [items] of r - mean
};

}  // namespace attune::model
