// Cut: the first k of the list.
#include <algorithm>

#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

class Cut final : public Stage {
 public:
  std::string name() const override { return "cut"; }
  Duty duty() const override { return Duty::rank; }
  Slate run(const World&, const Request& request, Slate slate) const override {
    const std::size_t k = static_cast<std::size_t>(std::max(request.k, 0));
    if (slate.candidates.size() > k) slate.candidates.resize(k);
    return slate;
  }
};

}  // namespace

std::unique_ptr<const Stage> make_cut(const Json& json) {
  (void)params_from<Params>(json);
  return std::make_unique<const Cut>();
}

std::vector<Setting> settings_cut() { return settings_of<Params>(); }

}  // namespace attune::rank
