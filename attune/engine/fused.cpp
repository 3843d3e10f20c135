// Fused answers: one request a case, through the stages that rank.
#include "attune/engine/fused.h"

#include <algorithm>
#include <memory>

#include "attune/rank/pipeline.h"

namespace attune::engine {
namespace {
constexpr int kDeep = 100;  // judged metrics look at the first 20 at most
}

eval::Answerer fused_answers(const data::Dataset& data, const std::vector<rank::Source>& sources, const rank::FusionWeights& weights,
                             std::shared_ptr<const rank::Stacker> stacker, std::shared_ptr<const Matrix> vectors) {
  auto world = std::make_shared<rank::World>();
  world->catalogue = data.shared_catalogue();
  world->sources = sources;
  world->weights = weights;
  world->stacker = std::move(stacker);
  world->vectors = std::move(vectors);
  world->popularity = std::make_shared<const std::vector<std::uint32_t>>(data.popularity().begin(), data.popularity().end());
  std::vector<std::unique_ptr<const rank::Stage>> stages;
  stages.push_back(rank::make_retrieve(Json()));
  stages.push_back(rank::make_fuse(Json()));
  stages.push_back(rank::make_stack(Json()));
  stages.push_back(rank::make_cut(Json()));
  const auto pipeline = std::make_shared<const rank::Pipeline>(std::move(stages));
  eval::Answerer answerer;
  answerer.list = [world, pipeline](const data::Case& asked) {
    rank::Request request;
    request.user_id = asked.user;
    request.history = asked.input;
    request.seen = asked.seen;
    std::sort(request.seen.begin(), request.seen.end());
    request.k = kDeep;
    std::vector<ItemId> list;
    for (const rank::Candidate& candidate : pipeline->run(*world, request).candidates) list.push_back(candidate.item);
    return list;
  };
  return answerer;
}

}  // namespace attune::engine
