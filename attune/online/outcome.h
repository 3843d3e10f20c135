// Outcome of an experiment: what the arms earned, from the log of lists shown and the events that followed. The unit is the user:
// values of one user are added up before anything is compared, so that people who come often do not pass for many people.
// Cost: one pass over the lists shown and one over the events.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "attune/data/event_type.h"
#include "attune/data/store.h"
#include "attune/online/experiment.h"
#include "attune/online/sequential.h"

namespace attune::online {

struct ArmOutcome {
  std::string name;
  std::size_t users = 0, lists = 0, takes = 0;
  std::vector<Tally> metrics;          // as metric_names()
};

// One arm against the control in one metric. For fewer_... a negative difference is the better one.
struct Comparison {
  std::string arm, metric;
  Difference difference;
  double relative = 0;                 // difference / control's mean; 0 when that is 0
  bool is_guardrail = false, is_broken = false;   // broken: surely worse than the margin allows
};

struct Outcome {
  std::vector<ArmOutcome> arms;
  std::vector<Comparison> comparisons;   // the metric first, then the guardrails, an arm after the other
  double split_p = 1;                  // chance of users dealt as unevenly as these; below .001 something is broken
  // Interleaving: of lists from which something was taken, a user's mean of 1 (the second arm was wanted), -1 (the control), 0.
  Difference preference;
  std::size_t judged_users = 0, judged_lists = 0;
  // "collecting"; "NAME is better", "NAME is worse" (surely so, whenever looked at); "guardrail METRIC is broken by NAME"; "uneven split"
  std::string verdict;
  Json to_json() const;
};

// An event counts as taken when it names the list's request, or falls on an item of a list shown to the user at most
// window_hours before; each item of a list once. Events after `now_ms` or the end do not count.
Outcome judge(const Experiment& experiment, const data::Store& store, const data::EventTypes& types, std::int64_t now_ms);

// What a list's note says of an experiment: {"experiments": {NAME: {"arm": "b"} or {"teams": "abba"}}}.
Json note_of(const Experiment& experiment, std::size_t arm);
Json note_of(const Experiment& experiment, const std::string& teams);

}  // namespace attune::online
