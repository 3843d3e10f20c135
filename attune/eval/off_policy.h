// Off-policy evaluation: what a policy would have earned, from the log of another that wrote down how likely its choices were.
// Sources: Horvitz and Thompson 1952 (IPS), Swaminathan and Joachims 2015 (SNIPS), Dudik et al. 2014 (DR), Wang et al. 2017 (Switch),
// Su et al. 2020 (DR with shrinkage). Definitions as in zr-obp. Cost: one pass over the rounds, plus the resamples.
//   w = target / logged of the logged choice; q = reward the model expects of it; v = sum over choices of target x q
//   ips mean(w r)            clipped mean(min(w, clip) r)            snips mean(w r) / mean(w)            dm mean(v)
//   dr mean(v + w (r - q))   sndr mean(v) + mean(w (r - q)) / mean(w)
//   switch_dr mean(v + w 1[w <= switch_at] (r - q))                  dr_os mean(v + s w / (w^2 + s) (r - q)), s = shrinkage
#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"

namespace attune::eval {

// The log, round by round. All of one length; `expected` and `value` both empty = no reward model.
struct LoggedRounds {
  std::vector<double> reward;     // what was earned
  std::vector<double> logged;     // chance of the logged choice under the policy that made it; above 0, at most 1
  std::vector<double> target;     // its chance under the policy to be judged; 0..1
  std::vector<double> expected;   // q of the logged choice. Of a model that did not learn from the round itself, or DR is biased
  std::vector<double> value;      // v
  std::size_t size() const noexcept { return reward.size(); }
};

struct OffPolicyOptions {
  double clip = 10;               // largest weight of `clipped`
  double switch_at = 10;          // weights above it are left to the model by `switch_dr`
  double shrinkage = 100;         // of `dr_os`; infinity = dr
  int bootstrap = 1000;           // resamples of rounds; 0 = no intervals
  double confidence = 0.95;
};

struct OffPolicyEstimate {
  std::string name;               // "snips"
  double value = 0, low = 0, high = 0;   // low and high equal value when there is no interval
  bool has_interval = false;
};
struct OffPolicyReport {
  std::vector<OffPolicyEstimate> estimates;   // ips, clipped, snips and, with a model, dm, dr, sndr, switch_dr, dr_os
  std::size_t rounds = 0;
  double effective_rounds = 0;    // (sum w)^2 / sum w^2: how many rounds of the policy itself would say as much
  double largest_weight = 0;
  double mean_weight = 0;         // about 1, or the logged chances are wrong or do not cover the policy

  // Throws Error: not_found naming what was estimated.
  const OffPolicyEstimate& at(std::string_view name) const;
  Json to_json() const;
};

// Throws Error: bad_request for columns of different length or options out of range; bad_data naming the round for a chance out of
// range or a number that is not finite, and when the log never made a choice that the policy makes (no weight above 0).
OffPolicyReport evaluate_off_policy(const LoggedRounds& rounds, const OffPolicyOptions& options, const Run& run);

}  // namespace attune::eval
