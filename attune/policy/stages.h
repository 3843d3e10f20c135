// Police stages: what is taken out of a list or moved in it by rules rather than by scores. Each change has its note.
#pragma once
#include <memory>
#include <vector>

#include "attune/core/params.h"
#include "attune/rank/stage.h"

namespace attune::policy {

// Each in its own file; STAGE lines in plugins.def. Settings by Params::visit.
std::unique_ptr<const rank::Stage> make_threshold(const Json& params);  // request.min_score
std::unique_ptr<const rank::Stage> make_cap(const Json& params);        // request.caps, per attribute value

std::vector<Setting> settings_threshold();
std::vector<Setting> settings_cap();

}  // namespace attune::policy
