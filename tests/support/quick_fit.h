// Quick fit: a small shop put into a workspace and fitted without encoders from files and without judging, for tests of what stands on it.
#pragma once
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/data/store.h"
#include "attune/engine/fit.h"
#include "attune/engine/settings.h"
#include "attune/engine/workspace.h"

namespace attune::testing {

// Returns the settings it was fitted with: an Engine is opened by them.
inline engine::Settings quick_fit(const engine::Workspace& workspace, const data::Batch& batch, std::vector<std::string> models = {"slist", "popularity"}) {
  workspace.store()->take(batch);
  engine::Settings settings = engine::standard_settings();
  settings.encoders = {"tfidf"};
  settings.models = std::move(models);
  settings.fit.evaluate = false;
  engine::fit(workspace, settings, Run{});
  return settings;
}

}  // namespace attune::testing
