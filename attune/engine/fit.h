// Fit: from the log to a sealed snapshot: encode what is new, fit on the training part, learn the fusion weights on
// validation, judge on test, fit again on everything, seal.
#pragma once
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/engine/settings.h"
#include "attune/engine/snapshot.h"
#include "attune/engine/workspace.h"

namespace attune::engine {

struct FitReport {
  std::string snapshot;
  Json record;              // as in the manifest: counts, seconds and memory per step, validation and test figures, weights
};

// Builds the dataset of a store and attaches the features of settings.encoders (vectors cached in `cache_folder`; "" = not).
// `readings` (may be null) receives the encoders.
data::Dataset read_dataset(const data::Store& store, const Settings& settings, const std::string& cache_folder, const Run& run,
                           std::vector<Reading>* readings);

// One model by its plug-in name and settings. Falls back on ials when the model's memory does not fit, with a remark.
rank::Source fit_source(const std::string& name, const data::Dataset& data, const Settings& settings, const Run& run);

// Throws Error: bad_data when there is nothing to learn from (fewer than 2 users or items with events).
FitReport fit(const Workspace& workspace, const Settings& settings, const Run& run);

}  // namespace attune::engine
