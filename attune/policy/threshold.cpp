// Threshold: items whose fused score is below request.min_score are not shown. Note::effect: how far below.
#include <fmt/format.h>

#include "attune/policy/stages.h"

namespace attune::policy {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

class Threshold final : public rank::Stage {
 public:
  std::string name() const override { return "threshold"; }
  rank::Duty duty() const override { return rank::Duty::police; }

  rank::Slate run(const rank::World&, const rank::Request& request, rank::Slate slate) const override {
    const bool zh = request.language == "zh";
    std::vector<rank::Candidate> kept;
    kept.reserve(slate.candidates.size());
    for (rank::Candidate& candidate : slate.candidates) {
      if (!(candidate.score < request.min_score)) {
        kept.push_back(std::move(candidate));
        continue;
      }
      candidate.notes.push_back({"threshold", fmt::format(fmt::runtime(zh ? "它的分数{:.3g}低于要求的{:.3g}" : "its score {:.3g} is below the {:.3g} asked for"), candidate.score, request.min_score),
                                 static_cast<double>(candidate.score) - request.min_score});
      slate.dropped.push_back(std::move(candidate));
    }
    if (kept.size() < slate.candidates.size() && kept.size() < static_cast<std::size_t>(std::max(request.k, 0)))
      slate.notes.push_back({"threshold", fmt::format(fmt::runtime(zh ? "要求{}件，只有{}件的分数达到{:.3g}" : "asked for {}, only {} items score {:.3g} or more"), request.k, kept.size(), request.min_score), 0});
    slate.candidates = std::move(kept);
    return slate;
  }
};

}  // namespace

std::unique_ptr<const rank::Stage> make_threshold(const Json& json) {
  (void)params_from<Params>(json);
  return std::make_unique<const Threshold>();
}

std::vector<Setting> settings_threshold() { return settings_of<Params>(); }

}  // namespace attune::policy
