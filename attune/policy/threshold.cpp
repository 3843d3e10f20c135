// Threshold: items whose score is below what the request asks for are dropped.
#include <cstdio>

#include "attune/policy/stages.h"

namespace attune::policy {
namespace {

class Threshold final : public rank::Stage {
 public:
  std::string name() const override { return "threshold"; }
  rank::Duty duty() const override { return rank::Duty::police; }
  rank::Slate run(const rank::World&, const rank::Request& request, rank::Slate slate) const override {
    std::vector<rank::Candidate> kept;
    for (rank::Candidate& candidate : slate.candidates) {
      if (candidate.score >= request.min_score) {
        kept.push_back(std::move(candidate));
        continue;
      }
      char reason[80];
      std::snprintf(reason, sizeof reason, "its score %.3f is below the least that was asked for, %.3f", static_cast<double>(candidate.score),
                    static_cast<double>(request.min_score));
      candidate.notes.push_back({name(), reason, 0});
      slate.dropped.push_back(std::move(candidate));
    }
    if (kept.empty() && !slate.dropped.empty()) slate.notes.push_back({name(), "no item reaches the least score that was asked for", 0});
    slate.candidates = std::move(kept);
    return slate;
  }
};

}  // namespace

std::unique_ptr<const rank::Stage> make_threshold(const Json&) { return std::make_unique<const Threshold>(); }

}  // namespace attune::policy
