// Fused answers: the whole pipeline's fused score as something that can be judged like a model.
#pragma once
#include <vector>

#include "attune/data/dataset.h"
#include "attune/eval/evaluate.h"
#include "attune/rank/world.h"

namespace attune::engine {

// What the pipeline would show for a case: retrieve, fuse, stack, cut. Keeps what it needs alive.
eval::Answerer fused_answers(const data::Dataset& data, const std::vector<rank::Source>& sources, const rank::FusionWeights& weights,
                             std::shared_ptr<const rank::Stacker> stacker = nullptr, std::shared_ptr<const Matrix> vectors = nullptr);

}  // namespace attune::engine
