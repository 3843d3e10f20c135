// Explanation: checking that parts add up.
#include "attune/core/explanation.h"

#include <algorithm>
#include <cmath>

namespace attune {

double gap(const Explanation& e) {
  if (e.parts.empty()) return 0;
  double sum = 0, worst = 0;
  for (const Explanation& part : e.parts) {
    sum += part.value;
    worst = std::max(worst, gap(part));
  }
  return std::max(worst, std::abs(sum - e.value));
}

}  // namespace attune
