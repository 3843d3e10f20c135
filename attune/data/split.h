// Splits: which part of each history a model may learn from, and what it must then foretell.
// Named like plug-ins: leave_one_out, time, ratio, folds, session, cold_items (see plugins.def, SPLIT lines).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/case.h"
#include "attune/data/dataset.h"

namespace attune::data {

struct Split {
  std::shared_ptr<const Dataset> train;   // same catalogue as the whole; features carried over
  std::vector<Case> cases;
  std::string name;                       // "leave_one_out test", for reports
  double tied_share = 0;                  // share of cases whose first target has the same time as the last input event
  std::size_t targets_dropped = 0;        // had before, so not asked for (SeenTargets::drop)
  std::size_t users_without_training = 0; // have targets but no input; cases only with judge_new_users
};

// Which part is asked about: `validation` never touches what `test` asks about.
enum class Part { validation, test };

// A target that the user had before. A list that leaves out what is seen never shows it.
enum class SeenTargets {
  drop,    // no target: new items only are asked for; users left without a target are dropped
  miss,    // stays a target, stays masked: a miss (S3-Rec's convention for Yelp)
  unmask   // stays a target and is the one seen item that is ranked. Leaks where people repeat: it stands out among the masked
};

struct SplitOptions {
  Part part = Part::test;
  // Test input and training: by SASRec's convention the validation events are input at test time but not trained on.
  bool refit_with_validation = false;  // true: test models also train on the validation events
  bool shuffle_ties = false;           // control: events of one user with the same time are put in random order first
  bool mask_seen = true;               // items of the input that hide cannot be recommended again ...
  SeenTargets seen_targets = SeenTargets::drop;  // what becomes of targets that mask_seen would hide
  bool judge_new_users = false;        // true: users without any input are cases too (empty input), not only counted
};

// Each splits the dataset; settings as in its Params (visit). All are deterministic given run.seed. Targets have a
// positive weight. Throws Error: bad_request for settings out of range; bad_data when nothing is left to be judged.
//   leave_one_out  {}                          last event = test, the one before = validation, the rest = training (fewer than 3: all);
//                                              where events hide and drop is asked for: of first events of taken items, if 3 or more
//   time           {at: .9, validation: .1}    events after that share of the log (or an ISO date) are test, those of the
//                                              share before it validation; equal times stay together
//   ratio          {train: .8, validation: .1} random items of each user, an item's events together; what is left of
//                                              the two is test
//   folds          {folds: 5, fold: 0}         each user's items dealt to folds: fold = test, next fold = validation
//   session        {gap_minutes: 30}           last session (basket, visit) of each user = test, the one before = validation;
//                                              events of no session belong together while the gap is not exceeded
//   cold_items     {hidden: .1, ask: cold}     a share of the items is never trained on; asked is whose last event is one of
//                                              them (ask = warm: is not one of them; the same training part)
Split split_leave_one_out(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_time(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_ratio(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_folds(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_session(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);
Split split_cold_items(const Dataset& data, const Json& json, const SplitOptions& options, const Run& run);

// The validation cases go with the training part as its held-out cases, for models that stop training early: those of `validation`,
// which must be of the same split and settings. Nothing is attached where the training part has learned from them (refit).
// May be `split` itself. Copies the training part.
void hold_out(Split& split, const Split& validation);

}  // namespace attune::data
