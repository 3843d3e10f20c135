// The metrics of plugins.def, as a table.
#include <string>
#include <vector>

#include "attune/core/error.h"
#include "attune/core/did_you_mean.h"
#include "attune/eval/metric.h"

namespace attune::eval {

#define METRIC(name, about, source) Measure metric_##name();
#include "attune/plugins.def"

std::span<const Metric> metrics() {
  static const std::vector<Metric> kMetrics = {
#define METRIC(name, about, source) {#name, about, source, metric_##name()},
#include "attune/plugins.def"
  };
  return kMetrics;
}

const Metric& metric_named(std::string_view name) {
  std::vector<std::string> known;
  for (const Metric& metric : metrics()) {
    if (metric.name == name) return metric;
    known.emplace_back(metric.name);
  }
  const std::string meant = did_you_mean(name, known);
  throw Error(Code::not_found, "expected the name of a metric, got '" + std::string(name) + "'" +
                                   (meant.empty() ? "; see `attune list`" : meant));
}

}  // namespace attune::eval
