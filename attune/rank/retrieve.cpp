// Retrieve: every allowed item is scored by every source; the best of each source and of all together go on as candidates.
// Cost: one score_all a source, then top-k. Filters and exclusions come first, so that k are found if they exist.
#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/core/top_k.h"
#include "attune/rank/fuse.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

struct Params {
  int depth = 200;
  template <class Visitor>
  void visit(Visitor& v) {
    v("depth", depth, "candidates kept, at least; a list of k keeps 3 k or more; >= 1");
  }
};

std::string counted(std::size_t n, const char* one, const char* many) { return std::to_string(n) + " " + (n == 1 ? one : many); }

class Retrieve final : public Stage {
 public:
  explicit Retrieve(Params params) : params_(params) {}
  std::string name() const override { return "retrieve"; }
  Duty duty() const override { return Duty::retrieve; }

  Slate run(const World& world, const Request& request, Slate slate) const override {
    const ModelHistory history = model_history(world, request);
    const Scores scores = score_sources(world, request, history);
    const std::vector<double> fused = fused_scores(world, request, history, scores);
    std::vector<float> allowed(fused.size());
    std::size_t passing = 0;
    for (std::size_t i = 0; i < fused.size(); ++i) {
      const bool may = std::isfinite(fused[i]) && !not_allowed(world, request, item_at(i));
      allowed[i] = may ? static_cast<float>(fused[i]) : -std::numeric_limits<float>::infinity();
      passing += may ? 1 : 0;
    }
    const auto depth = static_cast<std::size_t>(std::max(params_.depth, 3 * request.k));
    for (const Scored& hit : top_k(allowed, depth)) slate.candidates.push_back(candidate_of(scores, hit.item));
    slate.scales = scores.scales;
    if (passing < static_cast<std::size_t>(request.k))
      slate.notes.push_back({name(), "asked for " + counted(static_cast<std::size_t>(request.k), "item", "items") + ", only " +
                                         counted(passing, "item passes", "items pass") + " the filter and may be shown",
                             static_cast<double>(passing)});
    return slate;
  }

 private:
  Params params_;
};

}  // namespace

std::optional<Note> not_allowed(const World& world, const Request& request, ItemId item) {
  const auto holds = [&](const std::vector<ItemId>& sorted) { return std::binary_search(sorted.begin(), sorted.end(), item); };
  if (holds(world.gone)) return Note{"gone", "it was erased", 0};
  if (holds(request.seen)) return Note{"seen", "it is in the history already", 0};
  if (holds(request.exclude)) return Note{"exclude", "it was left out on request", 0};
  const data::CatalogueItem& known = world.item(item);
  if (known.hidden) return Note{"hidden", "it is marked as hidden", 0};
  if (!request.filter.empty() && !request.filter.passes(known)) return Note{"filter", "it does not pass the filter: " + request.filter.text(), 0};
  return std::nullopt;
}

std::unique_ptr<const Stage> make_retrieve(const Json& json) {
  const auto params = params_from<Params>(json);
  if (params.depth < 1) throw Error(Code::bad_request, "retrieve.depth must be 1 or more");
  return std::make_unique<const Retrieve>(params);
}

}  // namespace attune::rank
