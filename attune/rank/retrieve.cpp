// Retrieve: every allowed item scored by every source, and those with the best fused scores kept. Exact; above `exact_below`
// fitted items, sources that have an index bring their nearest items instead, and those are scored exactly.
#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/top_k.h"
#include "attune/rank/scores.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

struct Params {
  int depth = 200;
  int exact_below = 50000;
  template <class Visitor>
  void visit(Visitor& v) {
    v("depth", depth, "candidates kept for the later stages (at least the k of the request); 1..100000");
    v("exact_below", exact_below, "catalogues of up to so many items are scored whole; larger ones through an index where a model has one");
  }
};

class Retrieve final : public Stage {
 public:
  explicit Retrieve(const Params& params) : params_(params) {}
  std::string name() const override { return "retrieve"; }
  Duty duty() const override { return Duty::retrieve; }

  Slate run(const World& world, const Request& request, Slate slate) const override {
    const std::size_t wanted = static_cast<std::size_t>(std::max(request.k, 0));
    const std::size_t depth = std::max(static_cast<std::size_t>(params_.depth), wanted);
    Scores scores = score_world(world, request, {.exact_below = static_cast<std::size_t>(params_.exact_below), .depth = depth});
    for (std::size_t n = 0; n < scores.items.size(); ++n)
      if (scores.barred[to_index(scores.items[n])] != 0) scores.fused[n] = -INFINITY;
    slate.scales = scores.scales;
    for (const Scored& hit : best_shown(world, request, scores, depth)) {
      const std::size_t at = to_index(hit.item);
      Candidate candidate{.item = scores.items[at], .score = hit.score};
      candidate.raw.resize(world.sources.size());
      scores.raw_of(at, candidate.raw);
      slate.candidates.push_back(std::move(candidate));
    }
    if (slate.candidates.size() < wanted) {
      const bool zh = request.language == "zh";
      const std::string count = std::to_string(slate.candidates.size());
      const std::string asked = zh ? "要求" + std::to_string(wanted) + "件，只有" + count + "件可以展示" : "asked for " + std::to_string(wanted) + ", only " + count + " items may be shown";
      const std::string filter = request.filter.empty() ? "" : zh ? "（筛选条件：" + request.filter.text() + "）" : " (filter: " + request.filter.text() + ")";
      slate.notes.push_back({"retrieve", asked + filter, 0});
    }
    return slate;
  }

 private:
  // Places in scores.items of the best that may be shown. Items are looked at from the best on; a filter that few pass makes
  // it look at all of them.
  static std::vector<Scored> best_shown(const World& world, const Request& request, Scores& scores, std::size_t depth) {
    const std::size_t looks = depth * (request.filter.empty() ? 1 : 3) + 50;
    const std::vector<Scored> best = top_k(scores.fused, looks);
    std::vector<Scored> shown;
    for (const Scored& hit : best)
      if (shown.size() < depth && may_show(world, request, scores.items[to_index(hit.item)])) shown.push_back(hit);
    if (shown.size() == depth || best.size() < looks) return shown;
    for (std::size_t n = 0; n < scores.items.size(); ++n)
      if (scores.fused[n] > -INFINITY && !may_show(world, request, scores.items[n])) scores.fused[n] = -INFINITY;
    return top_k(scores.fused, depth);
  }

  Params params_;
};

}  // namespace

std::optional<Note> not_allowed(const World& world, const Request& request, ItemId item) {
  const auto among = [&](const std::vector<ItemId>& ids) { return std::find(ids.begin(), ids.end(), item) != ids.end(); };
  const bool zh = request.language == "zh";
  if (world.is_gone(item)) return Note{"gone", zh ? "它已被删除" : "it was erased", 0};
  const data::CatalogueItem& known = world.item(item);
  if (known.hidden) return Note{"hidden", zh ? "它已被隐藏" : "it is hidden", 0};
  if (among(request.seen)) return Note{"seen", zh ? "您已经有了它" : "you already have it", 0};
  if (among(request.exclude)) return Note{"exclude", zh ? "按要求排除了它" : "it was left out on request", 0};
  if (!request.filter.passes(known)) return Note{"filter", zh ? "它不符合筛选条件：" + request.filter.text() : "it does not pass the filter " + request.filter.text(), 0};
  return std::nullopt;
}

std::unique_ptr<const Stage> make_retrieve(const Json& json) {
  const auto params = params_from<Params>(json);
  if (params.depth < 1 || params.depth > 100000)
    throw Error(Code::bad_request, "retrieve.depth must be 1..100000, got " + std::to_string(params.depth));
  if (params.exact_below < 0)
    throw Error(Code::bad_request, "retrieve.exact_below must be 0 or more, got " + std::to_string(params.exact_below));
  return std::make_unique<const Retrieve>(params);
}

std::vector<Setting> settings_retrieve() { return settings_of<Params>(); }

}  // namespace attune::rank
