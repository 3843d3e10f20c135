// Cut: the first k of the list.
#include "attune/core/params.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

class Cut final : public Stage {
 public:
  std::string name() const override { return "cut"; }
  Duty duty() const override { return Duty::rank; }
  Slate run(const World&, const Request& request, Slate slate) const override {
    if (slate.candidates.size() > static_cast<std::size_t>(request.k)) slate.candidates.resize(static_cast<std::size_t>(request.k));
    return slate;
  }
};

}  // namespace

std::unique_ptr<const Stage> make_cut(const Json&) { return std::make_unique<const Cut>(); }

}  // namespace attune::rank
