// SLIST taken apart, for sweeping the weights of priors at the price of sums: the inverse does not depend on them.
#pragma once
#include <vector>

#include "attune/core/json.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"

namespace attune::model {

// W = behaviour + sum over the named priors of weight x texts[k], k in the order named.
struct SlistTerms {
  Matrix behaviour;
  std::vector<Matrix> texts;
};
// `json` as for fit_slist; the weights in "priors" are read as 1.
SlistTerms slist_terms(const data::Dataset& data, const Json& json, const Run& run);

}  // namespace attune::model
