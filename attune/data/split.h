// Splits: which part of each history a model may learn from, and what it must then foretell.
// Named like plug-ins: leave_one_out, time, ratio, folds, session (see plugins.def, SPLIT lines).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"

namespace attune::data {

// One user to be judged: rank the catalogue given `input`, find `targets`.
struct Case {
  UserId user{};
  std::vector<Touch> input;       // oldest first; what is known at the moment of the question
  std::vector<ItemId> seen;       // left out of the ranking (never a target unless `repeats` is set); distinct
  std::vector<ItemId> targets;    // distinct; at least one
};

struct Split {
  std::shared_ptr<const Dataset> train;   // same catalogue as the whole; features carried over
  std::vector<Case> cases;
  std::string name;                       // "leave_one_out test", for reports
  double tied_share = 0;                  // share of cases whose target has the same time as the last input event
  std::size_t users_without_training = 0; // reported apart
};

// Which part is asked about: `validation` never touches what `test` asks about.
enum class Part { validation, test };

struct SplitOptions {
  Part part = Part::test;
  // Test input and training: by SASRec's convention the last-but-one event is input at test time but not trained on.
  bool refit_with_validation = false;  // true: test models also train on the validation events
  bool shuffle_ties = false;           // control: events of one user with the same time are put in random order first
  bool mask_seen = true;               // items of the input cannot be recommended again
};

// Each splits the dataset; settings as in its Params (visit). All are deterministic given run.seed.
//   leave_one_out  {}                          last event = test, the one before = validation, the rest = training
//   time           {at: .9}                    events after that share of the log (or an ISO date) are targets
//   ratio          {train: .8, validation: .1} random events per user
//   folds          {folds: 5, fold: 0}         random users' events in folds: fold = test, next fold = validation
//   session        {}                          last session (basket, visit) of each user = test, the one before = validation
Split split_leave_one_out(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_time(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_ratio(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_folds(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_session(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);

}  // namespace attune::data
