// Experiment: arms that are answered differently, who is in which, and what shall be compared. Who is in which arm is a hash of
// the user's name with the experiment's salt: nothing is stored for it, every replica says the same, and two experiments are
// independent of each other.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"

namespace attune::online {

struct Arm {
  std::string name;
  double share = 0;      // of the users in the experiment
  Json ask;              // what is asked differently: {"models": ["slist"], "diversity": 0.3}; {} = as always
};

// A metric that must not get worse by more than `margin`, relative to the control (0.02 = two per cent).
struct Guardrail {
  std::string metric;
  double margin = 0;
};

enum class Mode {
  split,       // each user sees one arm
  interleave   // each list is drawn from both arms in turn (team draft); clicks say whose items were wanted
};

struct Experiment {
  std::string name, salt;              // salt: the name, unless given; a new one deals the users anew
  Mode mode = Mode::split;
  double share = 1;                    // of all users; the rest is answered as always
  std::vector<Arm> arms;               // the first is the control; interleave has two
  std::string metric = "conversion";   // one of metric_names()
  std::vector<Guardrail> guardrails;
  double confidence = 0.95;
  double effect = 0.1;                 // looked for, in standard deviations of one user
  double window_hours = 24;            // so long after a list an event on one of its items counts as taken from it
  std::int64_t start_ms = 0, end_ms = 0;   // end 0 = runs
  bool runs_at(std::int64_t time_ms) const noexcept { return time_ms >= start_ms && (end_ms == 0 || time_ms < end_ms); }
};

// Higher is better but for those that begin with "fewer_".
//   conversion    share of users who took something from a list
//   takes         items taken from lists, a user
//   take_rate     lists from which something was taken, of a user's lists
//   value         sum of the values of what was taken (price, minutes, stars), a user
//   returns       days on which the user was shown a list, after the first
//   fewer_dislikes   events of negative weight, a user
const std::vector<std::string>& metric_names();
bool is_less_better(std::string_view metric) noexcept;

// Throws Error: bad_request naming the field and what it may be. Unknown fields are refused, naming the nearest.
// start_ms is `now_ms` where none is given.
Experiment read_experiment(const Json& json, std::int64_t now_ms);
Json to_json(const Experiment& experiment);

// Index of the arm; nothing when the user is outside (share below 1) or has no name.
std::optional<std::size_t> arm_of(const Experiment& experiment, std::string_view user);

}  // namespace attune::online
