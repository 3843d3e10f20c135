// Policy stages: they may drop, move or adjust candidates, and leave a note on each.
#pragma once
#include <memory>

#include "attune/rank/stage.h"

namespace attune::policy {

std::unique_ptr<const rank::Stage> make_threshold(const Json& params);  // request.min_score
std::unique_ptr<const rank::Stage> make_cap(const Json& params);        // request.caps

}  // namespace attune::policy
