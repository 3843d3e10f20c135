// Metric: one figure about one ranked case, or about all lists at once. A metric is a function and one line in
// plugins.def: METRIC(name, "what it measures", "source") and `Measure metric_NAME()` in attune/eval/metrics/*.cpp.
// Conventions: gains are binary (an item is a target or not); means are over users; R = the user's targets.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/types.h"
#include "attune/data/dataset.h"

namespace attune::eval {

// What is known of the items before anybody is judged: built once per evaluation, shared by all threads.
struct Backdrop {
  std::vector<float> information;                  // [items] -log2(share of training users who took it), nobody = one
  const data::ItemFeatures* vectors = nullptr;     // for diversity; nullptr = not given
  std::vector<float> inverse_length;               // [items] 1 / length of the item's vector; 0 = it has none
  std::size_t items = 0;
};

// One user as the metrics see it.
struct Judged {
  std::span<const double> places;      // of the targets found, ascending; 1 = best; fractional where scores tie
  std::size_t targets = 0;             // |R|; more than places.size() when a list left some out
  std::size_t candidates = 0;          // items ranked; 0 = a list with an end, so what is below it is not known
  std::span<const ItemId> list = {};   // what is shown, best first, at least K long if there are that many
  const Backdrop* backdrop = nullptr;
};

// How often each item stands in the first K of somebody's list.
struct Shown {
  std::span<const std::uint32_t> counts;  // [items]
  int k = 0;
};

struct Measure {
  bool at_k = true;                                       // cut at K, named "ndcg@10"; false: named "auc"
  double (*of_case)(const Judged& judged, int k) = nullptr;  // NaN = not defined for this case, left out of the mean
  double (*of_lists)(const Shown& shown) = nullptr;       // one figure for all users together: no interval
};

struct Metric {
  std::string_view name, about, source;
  Measure measure;
};

// Every METRIC line of plugins.def, in its order.
std::span<const Metric> metrics();
// Throws Error: not_found naming the nearest.
const Metric& metric_named(std::string_view name);

}  // namespace attune::eval
