// Diversify: maximal marginal relevance: each place goes to argmax (1 - l) s - l max sim to what stands above it.
// Source: Carbonell and Goldstein 1998. Cost: k x pool dot products, 50 us for 10 of 100 at 384 numbers (bench/micro/request_bench.cpp).
// s is the fused score on 0..1 over the pool, sim the cosine of World::vectors (0 for items without one, never below 0).
// Note::effect: places moved, positive = up.
#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

struct Params {
  int pool = 100;
  template <class Visitor>
  void visit(Visitor& v) {
    v("pool", pool, "best candidates that may change places; 2..10000");
  }
};

struct Order {
  std::vector<std::size_t> places;       // of the pool, best first
  std::vector<std::size_t> likest;       // [pool] which chosen item it is most like; pool size = none
};

Order reorder(const World& world, const std::vector<Candidate>& candidates, std::size_t pool, std::size_t steps, float diversity) {
  float best = -INFINITY, worst = INFINITY;
  for (std::size_t n = 0; n < pool; ++n) {
    best = std::max(best, candidates[n].score);
    worst = std::min(worst, candidates[n].score);
  }
  const float span = best > worst ? best - worst : 1;
  std::vector<float> similar(pool, 0.0f);   // to the nearest chosen one
  std::vector<bool> taken(pool, false);
  Order order{.places = {}, .likest = std::vector<std::size_t>(pool, pool)};
  for (std::size_t step = 0; step < steps; ++step) {
    std::size_t next = pool;
    float top = -INFINITY;
    for (std::size_t n = 0; n < pool; ++n) {
      if (taken[n]) continue;
      const float value = (1 - diversity) * ((candidates[n].score - worst) / span) - diversity * similar[n];
      if (value > top) {
        top = value;
        next = n;
      }
    }
    taken[next] = true;
    order.places.push_back(next);
    const std::span<const float> vector = world.vector(candidates[next].item);
    if (vector.empty()) continue;
    for (std::size_t n = 0; n < pool; ++n) {
      if (taken[n]) continue;
      const std::span<const float> other = world.vector(candidates[n].item);
      if (other.size() != vector.size()) continue;
      const float sim = dot(vector, other);
      if (sim <= similar[n]) continue;
      similar[n] = sim;
      order.likest[n] = next;
    }
  }
  for (std::size_t n = 0; n < pool; ++n)
    if (!taken[n]) order.places.push_back(n);
  return order;
}

class Diversify final : public Stage {
 public:
  explicit Diversify(const Params& params) : params_(params) {}
  std::string name() const override { return "diversify"; }
  Duty duty() const override { return Duty::police; }

  Slate run(const World& world, const Request& request, Slate slate) const override {
    const std::size_t pool = std::min(slate.candidates.size(), static_cast<std::size_t>(params_.pool));
    if (!(request.diversity > 0) || pool < 2) return slate;
    // Caps may drop some of the first k, then the order of all of the pool matters.
    const std::size_t steps = request.caps.empty() ? std::min(pool, static_cast<std::size_t>(std::max(request.k, 1))) : pool;
    const Order order = reorder(world, slate.candidates, pool, steps, std::min(request.diversity, 1.0f));
    std::vector<Candidate> reordered;
    reordered.reserve(slate.candidates.size());
    for (std::size_t place = 0; place < pool; ++place) {
      const std::size_t from = order.places[place];
      Candidate candidate = std::move(slate.candidates[from]);
      if (from != place) candidate.notes.push_back(note(world, slate, order.likest[from], from, place, request.language == "zh"));
      reordered.push_back(std::move(candidate));
    }
    for (std::size_t n = pool; n < slate.candidates.size(); ++n) reordered.push_back(std::move(slate.candidates[n]));
    slate.candidates = std::move(reordered);
    return slate;
  }

 private:
  static Note note(const World& world, const Slate& slate, std::size_t likest, std::size_t from, std::size_t place, bool zh) {
    const double moved = static_cast<double>(from) - static_cast<double>(place);
    if (moved > 0) return {"diversify", zh ? "与排在它前面的都不同" : "unlike what stands above it", moved};
    if (likest >= slate.candidates.size()) return {"diversify", zh ? "其他商品更有变化" : "others bring more variety", moved};
    const data::CatalogueItem& other = world.item(slate.candidates[likest].item);   // the id stays when a candidate is moved from
    const std::string& called = other.text.empty() ? other.name : other.text;
    return {"diversify", zh ? "与“" + called + "”太相近" : "too like '" + called + "'", moved};
  }

  Params params_;
};

}  // namespace

std::unique_ptr<const Stage> make_diversify(const Json& json) {
  const auto params = params_from<Params>(json);
  if (params.pool < 2 || params.pool > 10000)
    throw Error(Code::bad_request, "diversify.pool must be 2..10000, got " + std::to_string(params.pool));
  return std::make_unique<const Diversify>(params);
}

std::vector<Setting> settings_diversify() { return settings_of<Params>(); }

}  // namespace attune::rank
