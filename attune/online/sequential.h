// Sequential test: a confidence interval for the difference of two arms that stays valid however often it is looked at.
// Mixture sequential probability ratio test (Robbins 1970; Johari, Pekelis and Walsh 2017): with d the difference of the means and V
// its variance now, the truth t is rejected at the first look at which
//   sqrt(V / (V + tau^2)) exp(tau^2 (d - t)^2 / (2 V (V + tau^2))) >= 1 / alpha.
// By Ville's inequality that happens at any look with a chance of at most alpha, as far as the means are normal (kLeast users an arm
// and more). tau^2 decides for which size of effect the test is quickest, not whether it is valid.
#pragma once
#include <cstddef>

#include "attune/core/json.h"

namespace attune::online {

// What one arm earned, a value for each user: mean and variance, one pass (Welford 1962).
class Tally {
 public:
  void add(double value) noexcept;
  std::size_t count() const noexcept { return count_; }
  double mean() const noexcept { return mean_; }
  double variance() const noexcept;   // of one user, unbiased; 0 below two users

 private:
  std::size_t count_ = 0;
  double mean_ = 0, squares_ = 0;
};

struct SequentialOptions {
  double confidence = 0.95;   // 0.5..0.9999
  double effect = 0.1;        // the effect looked for, in standard deviations of one user: tau. Above 0
};

struct Difference {
  double value = 0;                  // treatment - control
  double low = 0, high = 0;          // always valid; -inf..inf while an arm has fewer than kLeast users
  double fixed_low = 0, fixed_high = 0;   // of one look planned beforehand (Welch); for comparison
  double p = 1;                      // always valid at this look; the smallest over all looks is valid as well
  bool is_decided = false;           // 0 is outside low..high
  Json to_json() const;
};

inline constexpr std::size_t kLeast = 30;   // users an arm before anything is said

// Throws Error: bad_request for options out of range.
Difference compare(const Tally& control, const Tally& treatment, const SequentialOptions& options);
// Of one tally against a known mean (interleaving: the mean of wins against 0).
Difference compare(const Tally& tally, double mean, const SequentialOptions& options);

// Do the arms have the shares they were meant to have: chance of a split as uneven as this one (chi-square with one degree of
// freedom). Below .001 the assignment is broken and nothing else should be believed (Fabijan et al. 2019).
double sample_ratio_p(std::size_t control, std::size_t treatment, double treatment_share);

}  // namespace attune::online
