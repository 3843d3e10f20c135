// Tuning: settings tried on the validation part, the same number of trials for every model, every trial kept.
// A comparison of a tuned model with untuned ones says nothing (Dacrema et al., RecSys 2019); this makes the other kind cheap:
// fits share what they have in common (core/memo.h), hopeless trials are given up, a search taken up again goes on as it was.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/eval/evaluate.h"
#include "attune/eval/search_space.h"
#include "attune/eval/table.h"
#include "attune/eval/trial.h"

namespace attune::eval {

// A fitted model and the settings it says it has (null: as asked).
struct Fitted {
  Fitted(Answerer a, Json s = {}) : answerer(std::move(a)), settings(std::move(s)) {}
  Answerer answerer;
  Json settings;
};

struct Tunable {
  std::string name;
  std::function<Fitted(const data::Dataset& train, const Json& settings, const Run& run)> fit;
  Json start = Json::object();   // as the settings are now: always the first trial
  std::vector<Choice> space;     // empty: only `start` is tried
  Json standard = Json::object();   // defaults of the settings that `start` does not say
  std::vector<std::string> cheap = {};   // settings that cost little to change while the others stay (run.memo has the rest)
};

struct TuneOptions {
  int trials = 20;               // of each model, the first included; halving: settings that enter the first round
  std::string objective = "ndcg@10";
  int users = 0;                 // judge at most so many users a part, drawn by the seed; 0 = all
  // tpe (search.h), random (an even spread), halving: all of an even spread on a share of the users and epochs, the better third
  // of them on three times as many (Jamieson and Talwalkar, AISTATS 2016).
  std::string strategy = "tpe";
  bool gives_up = true;          // hopeless trials (below) are stopped
  int group = 5;                 // trials in a row that keep the settings that are not cheap, where a model has cheap ones; 1 = none
  std::size_t memo_bytes = 0;    // for what fits have in common; 0 = each fit makes its own
};

struct Tuned {
  std::string split, objective;
  std::size_t users = 0;         // judged in a whole trial
  std::vector<Trial> trials;     // in the order tried
  // The best trial of a model that was judged whole, or nullptr when there is none.
  const Trial* best(std::string_view model) const;
  std::vector<std::string> models() const;   // in the order tried
  Table table() const;           // a line a model: first and best figure, settings, seconds
  Json to_json() const;
};

// Given up as hopeless: a training curve whose best so far is below the median of the other trials' best at that step (after
// four of them; Golovin et al., KDD 2017); in cross-validation, a mean over the folds so far that is below the best trial's on
// the same folds by more than three standard errors. Such trials count, and are never the best.
//
// Deterministic given run.seed. A trial that throws bad_request or bad_data counts and is kept with its message.
// The caller makes `parts` of validation cases: settings chosen on test cases are no evidence. Several parts: cross-validation.
//   earlier  trials of this model from a run that was cut short, in order: taken as they are, the search goes on after them
//   seen     called after each new trial; what it throws ends the tuning
// Throws Error: bad_request for trials < 1, an unknown strategy or no part; not_found for an unknown objective; cancelled.
Tuned tune(std::span<const data::Split> parts, const std::vector<Tunable>& models, const TuneOptions& options, const Run& run,
           const std::function<void(const Trial&)>& seen = {}, const std::function<std::vector<Trial>(const Tunable&)>& earlier = {});
Tuned tune(const data::Split& validation, const std::vector<Tunable>& models, const TuneOptions& options, const Run& run,
           const std::function<void(const Trial&)>& seen = {});

}  // namespace attune::eval
