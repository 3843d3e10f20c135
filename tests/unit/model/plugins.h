// The plug-ins of this folder, from their lines in plugins.def.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attune/model/recommender.h"

namespace attune::model {
#define MODEL(name, about, source)                                                                               \
  std::unique_ptr<const Recommender> fit_##name(const data::Dataset& data, const Json& params, const Run& run); \
  std::unique_ptr<const Recommender> load_##name(ByteReader& in);                                                \
  std::vector<Setting> settings_##name();
#include "attune/plugins.def"
}  // namespace attune::model
