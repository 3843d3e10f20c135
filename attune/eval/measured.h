// Measured: the figures of ranked cases: one value a user and metric, their means and intervals, and the parts by segment.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "attune/eval/evaluate.h"
#include "attune/eval/metric.h"
#include "attune/eval/ranked.h"

namespace attune::eval {

// One metric at one K; k = 0 for those that are not cut.
struct Asked {
  const Metric* metric = nullptr;
  int k = 0;
  std::string name;              // "ndcg@10"
};

// The metrics of the options, spelled out: ndcg@5, ndcg@10, ... Throws Error: bad_request, not_found.
std::vector<Asked> asked_for(const EvalOptions& options);
Backdrop backdrop_of(const data::Dataset& train, const data::ItemFeatures* vectors);

// Values [cases, asked] of the metrics that are of one case.
std::vector<double> values_of(const Ranked& ranked, std::span<const Asked> asked, const Backdrop& backdrop, const Run& run);
// Means, deviations and intervals of such values.
std::vector<Figure> figures_of(std::span<const double> values, std::span<const Asked> asked, const EvalOptions& options, const Run& run);
// The metrics about all lists together.
std::vector<Figure> list_figures_of(const Ranked& ranked, std::span<const Asked> asked, std::size_t items);
// By popularity of the targets and by length of the history. `values` as of values_of.
std::vector<Segment> segments_of(const Ranked& ranked, std::span<const double> values, std::span<const Asked> asked, const data::Dataset& train,
                                 const Backdrop& backdrop, const EvalOptions& options, const Run& run);

}  // namespace attune::eval
