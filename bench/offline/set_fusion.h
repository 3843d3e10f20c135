// Set fusion: z-scores of several models added up by weights learned on validation cases.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "attune/data/split.h"
#include "attune/eval/evaluate.h"
#include "attune/model/recommender.h"

namespace attune::bench {

using Models = std::vector<std::shared_ptr<const model::Recommender>>;

struct Fusion {
  std::vector<double> weights;   // [models]
  double ndcg = 0;               // on the cases it was learned from
  std::vector<double> alone;     // [models] the same of each model
};
// Coordinate search for NDCG@k from the best model alone, so never worse there than that, and from all of them alike. Of each case the items that stand in the
// first `depth` of some model, and the targets, are looked at. At most `most_cases`, drawn by run.seed.
Fusion learn(const Models& models, const data::Split& split, int k, std::size_t depth, std::size_t most_cases, const Run& run);

// The fused score of every item: sum of weight x (score - mean) / sd over the items that are not seen.
eval::ScoreFn fused(Models models, std::vector<double> weights);

}  // namespace attune::bench
