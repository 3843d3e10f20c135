// Stack: puts what the learned trees say on top of the fused scores (stacker.h), as an adjustment told apart by feature. Does
// nothing where no stacking was learned, or where the request weighs the models itself.
#include <algorithm>

#include "attune/core/top_k.h"
#include "attune/rank/stage.h"
#include "attune/rank/stacker.h"

namespace attune::rank {
namespace {

struct Params {
  int told = 100;
  template <class Visitor>
  void visit(Visitor& v) {
    v("told", told, "candidates, the best first, whose share is told apart by feature (at least the k of the request); 1..100000");
  }
};

class Stack final : public Stage {
 public:
  explicit Stack(const Params& params) : params_(params) {}
  std::string name() const override { return "stack"; }
  Duty duty() const override { return Duty::rank; }

  Slate run(const World& world, const Request& request, Slate slate) const override {
    if (world.stacker == nullptr || !request.weights.empty() || slate.candidates.empty()) return slate;
    const Matrix rows = stack_rows(world, request, slate);
    const std::vector<float> shares = world.stacker->shares(rows);
    std::vector<std::size_t> order(shares.size());
    for (std::size_t n = 0; n < order.size(); ++n) {
      order[n] = n;
      slate.candidates[n].score += shares[n];
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const Candidate &x = slate.candidates[a], &y = slate.candidates[b];
      return better({x.item, x.score}, {y.item, y.score});
    });
    const std::size_t told = std::min(order.size(), static_cast<std::size_t>(std::max(params_.told, request.k)));
    Matrix best(told, rows.cols());
    for (std::size_t n = 0; n < told; ++n) std::copy_n(rows.row(order[n]).data(), rows.cols(), best.row(n).data());
    std::vector<Explanation> parts = world.stacker->told(best);
    Slate stacked = std::move(slate);
    std::vector<Candidate> sorted;
    for (std::size_t n = 0; n < order.size(); ++n) {
      sorted.push_back(std::move(stacked.candidates[order[n]]));
      sorted.back().adjustments.push_back(n < told ? std::move(parts[n]) : Explanation{"stack", shares[order[n]], {}});
    }
    stacked.candidates = std::move(sorted);
    return stacked;
  }

 private:
  Params params_;
};

}  // namespace

std::unique_ptr<const Stage> make_stack(const Json& json) {
  const auto params = params_from<Params>(json);
  if (params.told < 1 || params.told > 100000) throw Error(Code::bad_request, "stack.told must be 1..100000, got " + std::to_string(params.told));
  return std::make_unique<const Stack>(params);
}

std::vector<Setting> settings_stack() { return settings_of<Params>(); }

}  // namespace attune::rank
