// Learning to stack: trees on top of the fused scores, cross-fitted on validation.
// Cost: every source scores each case once; four times the trees (three folds and the whole).
#pragma once
#include <optional>

#include "attune/core/progress.h"
#include "attune/data/split.h"
#include "attune/rank/stacker.h"

namespace attune::rank {

struct LearnedStack {
  std::shared_ptr<const Stacker> stacker;   // nullptr: no better than the fused score on users it did not learn from
  double ndcg_fused = 0;                    // NDCG@10 on validation, of the candidates that are kept
  double ndcg_stacked = 0;                  // the same, each third of the users judged by trees learned from the others
  int rounds = 0;                           // trees that were best so
};

// `world`: sources fitted on split.train, with the weights learned for them, its vectors if the items' texts are to count.
// Deterministic given run.seed, whatever the threads. Users are sampled when there are more than most_cases.
LearnedStack learn_stack(const World& world, const data::Split& split, const Run& run, std::size_t most_cases = 8000);

}  // namespace attune::rank
