// Off-policy: what first places chosen another way would have earned, from the log of lists shown and the chances it wrote down.
#pragma once
#include <cstddef>

#include "attune/engine/answer.h"

namespace attune::serve {

struct Context;

struct OffPolicyQuestion {
  engine::Ask ask;             // how it would be asked: models, filter, diversity, ...
  std::size_t most = 1000;     // of the latest lists
  double window_hours = 24;
};

// A round is a list shown to a user with a history; its choice is the item in the first place, its reward 1 when that was taken.
// The other way is asked with the history as it was then. {"rounds", "agreeing", "logged_reward", "estimates": {NAME: {"value", "low", "high"}}, ...}.
// Lists drawn by interleaving are left out: their chances were not written down. Cost: one list computed a round.
// Throws Error: bad_data when no list in the log can say anything.
Json estimate_off_policy(const OffPolicyQuestion& question, Context& context);

}  // namespace attune::serve
