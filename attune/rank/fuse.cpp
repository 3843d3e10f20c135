// Fuse: one score from many. Source: z-scores and weights per segment (methods.md 3.11); the arithmetic is in scores.h.
#include <algorithm>
#include <cmath>

#include "attune/core/top_k.h"
#include "attune/rank/scores.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

class Fuse final : public Stage {
 public:
  std::string name() const override { return "fuse"; }
  Duty duty() const override { return Duty::rank; }

  Slate run(const World& world, const Request& request, Slate slate) const override {
    const Mix mix = mix_for(world, request, model_history(world, request));
    for (Candidate& candidate : slate.candidates) {
      add_likeness(request, candidate);
      double score = fused_score(mix, item_segment(world.takers(candidate.item)), candidate.raw, slate.scales);
      for (const Explanation& adjustment : candidate.adjustments) score += adjustment.value;
      candidate.score = std::isnan(score) ? -INFINITY : static_cast<float>(score);
    }
    std::erase_if(slate.candidates, [](const Candidate& c) { return c.score == -INFINITY; });
    std::sort(slate.candidates.begin(), slate.candidates.end(),
              [](const Candidate& a, const Candidate& b) { return better({a.item, a.score}, {b.item, b.score}); });
    return slate;
  }
};

}  // namespace

std::unique_ptr<const Stage> make_fuse(const Json& json) {
  (void)params_from<Params>(json);
  return std::make_unique<const Fuse>();
}

std::vector<Setting> settings_fuse() { return settings_of<Params>(); }

}  // namespace attune::rank
