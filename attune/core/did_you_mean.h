// Did you mean: how every error about a name that is none ends.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/params.h"

namespace attune {

// "; did you mean 'price'?", by the nearest of `known`; "" where none is near.
inline std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known) {
  const std::string near = nearest(wrong, known);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

}  // namespace attune
