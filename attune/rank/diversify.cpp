// Diversify: maximal marginal relevance over the items' text vectors.
//   next = argmax (1 - l) score - l * largest similarity to those already chosen, score scaled to 0..1 over the pool
// Source: Carbonell and Goldstein, 1998. A note's effect = places moved, up is positive. Cost: k x pool x dim.
#include <algorithm>
#include <cstdio>

#include "attune/core/kernels.h"
#include "attune/core/params.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

constexpr std::size_t kPool = 100;   // or 5 k: deeper candidates are too far behind to win

class Diversify final : public Stage {
 public:
  std::string name() const override { return "diversify"; }
  Duty duty() const override { return Duty::rank; }

  Slate run(const World& world, const Request& request, Slate slate) const override {
    if (request.diversity <= 0 || slate.candidates.size() < 2) return slate;
    const std::size_t pool = std::min(slate.candidates.size(), std::max(kPool, 5 * static_cast<std::size_t>(request.k)));
    const std::size_t wanted = std::min(pool, static_cast<std::size_t>(request.k) * 2);  // caps after this may still drop some
    const float top = slate.candidates.front().score, low = slate.candidates[pool - 1].score, range = top > low ? top - low : 1;
    std::vector<float> likest(pool, 0);            // similarity to the nearest chosen one
    std::vector<std::size_t> nearest(pool, pool), order;
    std::vector<bool> is_taken(pool, false);
    while (order.size() < wanted) {
      std::size_t best = pool;
      float best_value = 0;
      for (std::size_t i = 0; i < pool; ++i) {
        if (is_taken[i]) continue;
        const float value = (1 - request.diversity) * (slate.candidates[i].score - low) / range - request.diversity * likest[i];
        if (best == pool || value > best_value) best = i, best_value = value;
      }
      is_taken[best] = true;
      order.push_back(best);
      const auto chosen = world.vector(slate.candidates[best].item);
      for (std::size_t i = 0; i < pool && !chosen.empty(); ++i) {
        const auto other = world.vector(slate.candidates[i].item);
        if (is_taken[i] || other.size() != chosen.size()) continue;
        const float similar = dot(chosen, other);
        if (similar > likest[i]) likest[i] = similar, nearest[i] = best;
      }
    }
    return reordered(world, std::move(slate), order, is_taken, nearest);
  }

 private:
  // Chosen ones first, the rest behind in their old order; whoever moved gets a note.
  static Slate reordered(const World& world, Slate slate, const std::vector<std::size_t>& order, const std::vector<bool>& is_taken,
                         const std::vector<std::size_t>& nearest) {
    std::vector<std::size_t> all = order;
    for (std::size_t i = 0; i < slate.candidates.size(); ++i)
      if (i >= is_taken.size() || !is_taken[i]) all.push_back(i);
    std::vector<Candidate> moved;
    moved.reserve(all.size());
    for (std::size_t place = 0; place < all.size(); ++place) {
      Candidate candidate = std::move(slate.candidates[all[place]]);
      const double up = static_cast<double>(all[place]) - static_cast<double>(place);
      if (up > 0) candidate.notes.push_back({"diversify", "moved up " + places(up) + ": different from those above it", up});
      if (up < 0) candidate.notes.push_back({"diversify", "moved down " + places(-up) + reason(world, moved, all, nearest, all[place]), up});
      moved.push_back(std::move(candidate));
    }
    slate.candidates = std::move(moved);
    return slate;
  }

  static std::string places(double n) { return std::to_string(static_cast<long>(n)) + (n == 1 ? " place" : " places"); }

  // ": too like NAME", naming the nearest that stands above, if any.
  static std::string reason(const World& world, const std::vector<Candidate>& above, const std::vector<std::size_t>& all,
                            const std::vector<std::size_t>& nearest, std::size_t who) {
    if (who < nearest.size())
      for (std::size_t place = 0; place < above.size(); ++place)
        if (all[place] == nearest[who]) {
          const data::CatalogueItem& item = world.item(above[place].item);
          return ": too like " + (item.text.empty() ? item.name : item.text);
        }
    return ": others bring more variety";
  }
};

}  // namespace

std::unique_ptr<const Stage> make_diversify(const Json&) { return std::make_unique<const Diversify>(); }

}  // namespace attune::rank
