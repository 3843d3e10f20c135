// Deal: what every split shares: roles of events into a training set and cases. For the files of this folder only.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "attune/core/random.h"
#include "attune/data/split.h"

namespace attune::data {

// What one event is for. Roles are given once for both parts, so that validation cannot see what test asks about:
// asking for the validation part trains and looks at `training` alone.
enum class Role : std::uint8_t {
  training,
  validation,  // asked about in the validation part; known at test time, trained on only with refit_with_validation
  test,        // asked about in the test part; never input, never trained on
  unused       // after the question
};

// Gives the roles of one user's events. roles [history], all `training` before the call. The user's place in the
// dataset and run.seed are all that may decide chance (see chance_of).
using GiveRoles = std::function<void(UserId user, std::span<Role> roles)>;

// `data` with the ties of time in random order where the options ask for it, else `data` itself (not owned).
std::shared_ptr<const Dataset> ordered(const Dataset& data, const SplitOptions& options, const Run& run);

// Training set and cases by the roles. `data` is what `ordered` gave. Throws Error: bad_data when no user has a target.
Split deal(const Dataset& data, std::string_view split, const SplitOptions& options, const Run& run, const GiveRoles& give_roles);

// The random stream of one user: the same for both parts, different for every seed.
Random chance_of(UserId user, const Run& run);

}  // namespace attune::data
