// Tuning: settings tried on the validation part, the same number of trials for every model, every trial kept.
// A comparison of a tuned model with untuned ones says nothing (Dacrema et al., RecSys 2019); this makes the other kind cheap.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/eval/evaluate.h"
#include "attune/eval/search_space.h"
#include "attune/eval/table.h"

namespace attune::eval {

struct Tunable {
  std::string name;
  std::function<Answerer(const data::Dataset& train, const Json& settings, const Run& run)> fit;
  Json start = Json::object();   // as the settings are now: always the first trial
  std::vector<Choice> space;     // empty: only `start` is tried
};

struct TuneOptions {
  int trials = 20;               // of each model, the first included
  std::string objective = "ndcg@10";
  int users = 0;                 // judge at most so many users, drawn by the seed; 0 = all
};

struct Trial {
  std::string model;
  Json settings;                 // start with what was drawn over it
  Figure figure;                 // of the objective, with its interval
  double fit_seconds = 0, eval_seconds = 0;
  std::string failure;           // why it gave no figure; empty = it did
};

struct Tuned {
  std::string split, objective;
  std::size_t users = 0;
  std::vector<Trial> trials;     // in the order tried
  // The best trial of a model, or nullptr when all failed.
  const Trial* best(std::string_view model) const;
  Table table() const;           // a line a model: first and best figure, settings, seconds
  Json to_json() const;
};

// Tries the settings of `start`, then points spread evenly over the space, then, from the half on, points near the best so
// far. Deterministic given run.seed. A trial that throws bad_request or bad_data counts and is kept with its message.
// `seen` (may be empty) is called after each trial. The caller makes `validation` with Part::validation: settings chosen on
// test cases are no evidence. Throws Error: bad_request for trials < 1, not_found for an unknown objective; cancelled.
Tuned tune(const data::Split& validation, const std::vector<Tunable>& models, const TuneOptions& options, const Run& run,
           const std::function<void(const Trial&)>& seen = {});

}  // namespace attune::eval
