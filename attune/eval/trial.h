// Trial: one try of settings while tuning, with all that it showed. As JSON it lives in the store and in the ledger.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/json.h"
#include "attune/eval/evaluate.h"
#include "attune/eval/search.h"

namespace attune::eval {

// Points of one learning curve: (step, value), in the order recorded.
using Curve = std::vector<std::pair<std::size_t, double>>;

struct Trial {
  std::string model;
  std::size_t number = 0;        // within the model's study: 0 = the settings there were
  Json settings = {};            // start with what was drawn over it
  Json fitted = {};              // what the model says it was fitted with where that differs: epochs after early stopping; else null
  Point point = {};
  double share = 1;              // of the users (and epochs) it was judged on: below 1 in the first rounds of halving
  Figure figure = {};            // of the objective, with its interval; over all parts together
  std::vector<Figure> parts = {};   // cross-validation: of each fold
  double fit_seconds = 0, eval_seconds = 0;
  std::size_t peak_rss_bytes = 0;
  std::map<std::string, Curve> curves = {};
  std::string failure = {};      // why it gave no figure; empty = it did
  std::string stopped = {};      // why it was given up before its end; empty = it was not
  bool counts() const { return failure.empty() && stopped.empty() && share == 1; }   // may be the best
};

Json to_json(const Trial& trial);
// Throws Error: bad_data when it is not one.
Trial trial_from(const Json& json);

}  // namespace attune::eval
