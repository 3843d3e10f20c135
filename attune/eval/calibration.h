// Calibration: how often an item was the held-out one, against the chance that the model's score gave it.
// A ranking score is no chance. It becomes one here by the mildest means: scores of a user are centred and divided by their
// spread, then softmax((score - mean) / sd / temperature) over the ranked items. The temperature is learned on one half of the
// users and judged on the other, both ways round, so that no chance was fitted to the answer it is compared with.
// Source: temperature scaling, Guo et al. 2017; bins of equal mass. Cost: scoring, then O(items) a user; kept are some 300 numbers a user.
#pragma once
#include <cstddef>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/split.h"
#include "attune/eval/evaluate.h"

namespace attune::eval {

// Items that were given like chances. Each bin holds the same share of all chance given out.
struct CalibrationBin {
  double chance = 0;               // mean chance of its items
  double share = 0;                // of its items that were the held-out one (a user's targets count one together)
  double low = 0, high = 0;        // interval of share, bootstrap over users
  std::size_t n = 0;               // items, summed over users
  double hits = 0;                 // held-out ones among them
};

struct Calibration {
  std::vector<CalibrationBin> bins;   // by rising chance
  std::size_t users = 0;
  double temperature = 0;             // of a user's centred scores; mean (geometric) of the two halves
  double error = 0;                   // share of all chance that went to the wrong bin: half the sum of |chances - hits|, over users
  double log_loss = 0;                // mean -log of the chance of a target; log(items) is what no knowledge gives
  bool is_measured() const noexcept { return !bins.empty(); }
  Json to_json() const;
};

struct CalibrationOptions {
  std::size_t users = 2000;        // asked at most, drawn by the seed
  std::size_t bins = 10;
  int bootstrap = 200;             // resamples for the intervals; 0 = none
  double confidence = 0.95;
};

// Users whose scores are all alike, or whose target is not ranked, are left out; fewer than 100 users left: nothing is measured.
Calibration calibrate(const data::Split& split, const ScoreFn& scores, const CalibrationOptions& options, const Run& run);

}  // namespace attune::eval
