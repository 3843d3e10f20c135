// Users and events of the tuned cosine: what an event counts, where a user stands, and every event as an example to learn from.
//   u = sum_t a_t decay^age_t y_t / (sum_t decay^age_t + pull)      a = the event's weight, its distance from expectation, or 1 + that
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/model/rating.h"
#include "attune/model/text_space.h"
#include "attune/model/tuned_cosine.h"
#include "attune/train/propensity.h"

namespace attune::model {

// What an event counts: a = level + slope (r - item - user); level 0, slope 1 without expectations: the weight as given.
struct Grading {
  float level = 0, slope = 1;
  bool expects = false;   // are item and user taken away
};
// "given", "graded", "mixed" or "auto" (graded for loss "rating", else mixed); given where weights do not differ or are signed already.
Grading grading_of(const std::string& weights, const std::string& loss, const RatingBias& bias);

struct TasteRule {
  float decay = 1;   // per place back in the history; 1: order is not read
  int window = 0;    // places that count, with decay below 1; 0 = all
  float pull = 1;    // to zero, in events
};

// Users as points. Keeps references: for no longer than what it was made of.
class TasteUsers {
 public:
  TasteUsers(const TextSpace& space, const RatingBias& bias, Grading grading, TasteRule rule)
      : space_(space), bias_(bias), grading_(grading), rule_(rule) {}
  // a_t decay^age_t / (sum + pull) of each touch; 0 for touches of weight 0.
  std::vector<float> shares(std::span<const Touch> history) const;
  std::vector<float> point(std::span<const Touch> history) const;   // [dim]
  // a of one touch of a user who rates `user` above what items lead to expect.
  double counts(const Touch& touch, double user) const;
  const Grading& grading() const noexcept { return grading_; }
  const TasteRule& rule() const noexcept { return rule_; }

 private:
  const TextSpace& space_;
  const RatingBias& bias_;
  Grading grading_;
  TasteRule rule_;
};

struct TasteEventsOptions {
  bool liked_only = false;                     // only events that count for their item: to rank
  train::PropensityOptions propensity = {};    // events weigh 1 / propensity where power is above 0
};

// Every event with a weight as an example: the user without it (decay 1: all other events; else those before it), the item, and
// the rating above what the others lead to expect. Keeps references, as above.
class TasteEvents {
 public:
  TasteEvents(const data::Dataset& data, const TextSpace& space, const RatingBias& bias, const TasteUsers& users, const TasteEventsOptions& options, const Run& run);
  CosineExamples examples() const;   // for no longer than this lives

 private:
  struct Event {
    std::uint32_t user, touch;
  };
  void sum_up();
  void fill(const Event& event, std::span<float> user, std::span<float> item, float& target) const;

  const data::Dataset& data_;
  const TextSpace& space_;
  const RatingBias& bias_;
  const TasteUsers& users_;
  const Run& run_;
  bool is_set_;
  std::vector<Event> list_;
  Matrix graded_, plain_;                  // [users, dim] sums of a y with the user's level at 0, and of y
  std::vector<double> rating_sums_, counts_;
  std::vector<float> item_weights_;        // of the loss; empty = 1
};

// alpha by name: uniform, even, variance or inverse_variance (settings of tuned_cosine). [dim]
std::vector<float> alphas_named(const std::string& name, const TextSpace& space, const CosineExamples& examples, const Run& run);
// One example in ten, at most 50,000, drawn by run.seed: those that say when to stop.
std::vector<std::uint32_t> watched_of(std::size_t count, const Run& run);
// The scale that turns f into ratings, for weights learned to rank: least squares over at most 20,000 examples.
float rating_scale(const CosineExamples& examples, std::span<const float> alpha, const TunedWeights& weights, const Run& run);

}  // namespace attune::model
