// Learning the fusion weights on validation: coordinate search on NDCG@10 per segment.
// Source: methods.md 3.11 (z-scores, weights per segment). Cost: users x items x sources once for the scores, then one pass a trial.
#pragma once
#include <span>

#include "attune/core/progress.h"
#include "attune/data/split.h"
#include "attune/rank/world.h"

namespace attune::rank {

struct LearnedFusion {
  FusionWeights weights;
  double ndcg = 0;                       // on validation, fused
  std::vector<double> ndcg_alone;        // [sources] on validation
};

struct LearnOptions {
  std::size_t most_cases = 8000;   // validation users looked at; more move the weights less than the seed of the sample does
};

// `sources` were fitted on split.train. Deterministic given run.seed, whatever the threads. Never worse on validation than the
// best source alone (that is one of the candidates). Users are sampled by run.seed when there are more than most_cases or they do not
// fit run.memory_bytes / 4. Segments with few users lean on the whole. Text must carry an item nobody took: in the "nobody yet"
// segment only sources that tell such items apart count.
LearnedFusion learn_fusion(const std::vector<Source>& sources, const data::Split& split, const Run& run,
                           const LearnOptions& options = {});

}  // namespace attune::rank
