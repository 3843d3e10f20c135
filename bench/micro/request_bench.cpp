// One request from history to explained list, one thread: score + filter + diversify + explain.
//   12,101 items, history of 50, a filter that about half of the items pass, MMR over 100 candidates with vectors of 384,
//   reasons for 10 items. Models: two dense linear ones of 12,101 x 12,101 (as slist and ease are) and popularity.
// Usage: bench_request_bench [requests] [items | folder of snapshots]. With a folder the newest snapshot's own models answer, with
// whatever they keep to tell behaviour and texts apart, and the filter is on the names. Prints one JSON line: wall-clock and the thread's own CPU time. Every explanation is added up and compared with its
// score, and every list is checked against the filter, outside the clock.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/engine/snapshot.h"
#include "attune/explain/explain.h"
#include "attune/model/linear_model.h"
#include "attune/rank/scores.h"

using namespace attune;

namespace {

class Popular final : public model::Recommender {
 public:
  explicit Popular(std::vector<float> counts) : counts_(std::move(counts)) {}
  std::string name() const override { return "popularity"; }
  std::size_t item_count() const override { return counts_.size(); }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = counts_[to_index(items[n])];
  }
  void score_all(const model::Query&, std::span<float> out) const override { std::copy(counts_.begin(), counts_.end(), out.begin()); }
  Explanation explain(const model::Query& query, ItemId item) const override {
    Explanation whole = Recommender::explain(query, item);
    whole.parts.push_back({"popularity", whole.value, {}});
    return whole;
  }
  std::vector<Scored> input(const model::Query&) const override { return {}; }
  std::size_t size_bytes() const override { return counts_.size() * 4; }
  Json settings() const override { return {}; }
  void save(ByteWriter&) const override {}

 private:
  std::vector<float> counts_;
};

// Weights as a fitted model has them: small noise, and a few strong neighbours a row.
Matrix weights(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  Matrix w(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t bits = random.next();
    for (float& x : w.row(i)) {
      bits = bits * 6364136223846793005u + 1442695040888963407u;
      x = static_cast<float>(static_cast<std::int64_t>(bits) >> 32) * 1e-12f;
    }
    for (int k = 0; k < 50; ++k) w(i, random.below(n)) += static_cast<float>(random.uniform()) * 0.1f;
  }
  return w;
}

rank::World make_world(std::size_t n) {
  Random random(1);
  std::vector<data::CatalogueItem> items;
  const std::vector<std::string> categories = {"kitchen", "garden", "toys", "office", "bath", "lamps", "bags", "cards"};
  for (std::size_t i = 0; i < n; ++i) {
    Json attributes = Json::object();
    attributes["brand"] = "brand " + std::to_string(random.below(300));
    attributes["price"] = 0.5 + 20 * random.uniform();
    attributes["category"] = categories[random.below(categories.size())];
    items.push_back({.name = "B" + std::to_string(100000 + i), .text = "A product of some kind with number " + std::to_string(i),
                     .attributes = std::move(attributes)});
  }
  rank::World world;
  world.catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
  const auto linear = [&](const char* name, float decay, std::uint64_t seed) {
    model::LinearParts parts{.name = name, .input = {.decay = decay}};
    parts.dense = weights(n, seed);
    world.sources.push_back({name, model::make_linear(std::move(parts))});
  };
  linear("slist", 0.9f, 2);
  linear("ease", 1.0f, 3);
  std::vector<float> counts(n);
  std::vector<std::uint32_t> takers(n);
  for (std::size_t i = 0; i < n; ++i) counts[i] = static_cast<float>(takers[i] = static_cast<std::uint32_t>(random.below(200)));
  world.sources.push_back({"popularity", std::make_shared<Popular>(counts)});
  world.weights = rank::FusionWeights::equal({"slist", "ease", "popularity"});
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(std::move(takers));
  auto vectors = std::make_shared<Matrix>(n, 384);
  for (std::size_t i = 0; i < n; ++i) {
    for (float& x : vectors->row(i)) x = static_cast<float>(random.uniform() - 0.4);
    normalise(vectors->row(i));
  }
  world.vectors = std::move(vectors);
  return world;
}

rank::World world_of(const engine::Snapshot& snapshot) {
  rank::World world;
  world.catalogue = snapshot.catalogue;
  world.sources = snapshot.sources;
  world.weights = snapshot.weights;
  world.vectors = snapshot.vectors;
  world.popularity = snapshot.popularity;
  return world;
}

rank::Request make_request(Random& random, std::size_t n, const char* filter) {
  rank::Request request;
  for (int t = 0; t < 50; ++t) {
    request.history.push_back({.item = item_at(random.below(n)), .weight = 1, .time_ms = t});
    request.seen.push_back(request.history.back().item);
  }
  std::sort(request.seen.begin(), request.seen.end());
  request.seen.erase(std::unique(request.seen.begin(), request.seen.end()), request.seen.end());
  request.filter = rank::Filter::parse(filter);
  request.diversity = 0.3f;
  request.k = 10;
  return request;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "wrong: %s\n", what);
  std::exit(1);
}

// Time this thread was given, which other work on the machine does not stretch.
double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double quantile(std::vector<double> sorted, double q) {
  std::sort(sorted.begin(), sorted.end());
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t requests = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 3000;
  const std::size_t asked = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 12101;
  const bool is_folder = argc > 2 && asked == 0;
  std::shared_ptr<const engine::Snapshot> snapshot;
  if (is_folder) snapshot = engine::open_newest(argv[2], Run{});
  require(!is_folder || snapshot != nullptr, "the folder holds a snapshot");
  const rank::World world = is_folder ? world_of(*snapshot) : make_world(asked);
  const std::size_t n = world.fitted_count();
  const char* filter = is_folder ? "name contains 2 or name contains 7" : "price <= 10.5";
  std::string models;
  for (const rank::Source& source : world.sources) models += (models.empty() ? "" : "+") + source.name;
  const rank::Pipeline pipeline = engine::standard_pipeline();
  Random random(7);
  std::vector<double> whole, cpu, scoring, explaining;
  std::vector<std::pair<std::string, double>> stages;
  double worst_gap = 0;
  for (std::size_t r = 0; r < requests + 50; ++r) {
    const rank::Request request = make_request(random, n, filter);
    std::vector<rank::Timing> timings;
    const double cpu_start = cpu_ms();
    const auto start = std::chrono::steady_clock::now();
    rank::Slate slate = pipeline.run(world, request, &timings);
    const auto middle = std::chrono::steady_clock::now();
    slate = explain::attach(world, request, std::move(slate));
    const auto end = std::chrono::steady_clock::now();
    const double cpu_end = cpu_ms();
    require(slate.candidates.size() == 10, "ten items");
    for (const rank::Candidate& c : slate.candidates) {
      require(request.filter.passes(world.item(c.item)), "passes the filter");
      worst_gap = std::max(worst_gap, std::abs(c.why.value - c.score) / std::max(1.0, std::abs(static_cast<double>(c.score))));
      worst_gap = std::max(worst_gap, gap(c.why));
    }
    if (r < 50) continue;  // warm-up
    whole.push_back(std::chrono::duration<double, std::milli>(end - start).count());
    cpu.push_back(cpu_end - cpu_start);
    scoring.push_back(std::chrono::duration<double, std::milli>(middle - start).count());
    explaining.push_back(std::chrono::duration<double, std::milli>(end - middle).count());
    if (stages.empty())
      for (const rank::Timing& t : timings) stages.emplace_back(t.stage, 0);
    for (std::size_t s = 0; s < timings.size(); ++s) stages[s].second += timings[s].ms / static_cast<double>(requests);
  }
  require(worst_gap < 1e-4, "explanations add up to the scores");
  std::string mean;
  for (const auto& [stage, ms] : stages) {
    char text[64];
    std::snprintf(text, sizeof text, "%s\"%s\":%.4f", mean.empty() ? "" : ",", stage.c_str(), ms);
    mean += text;
  }
  std::printf("{\"bench\":\"rank/request\",\"kernels\":\"%s\",\"items\":%zu,\"history\":50,\"models\":\"%s\",\"requests\":%zu,"
              "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"cpu_p50_ms\":%.3f,\"cpu_p99_ms\":%.3f,\"list_p50_ms\":%.3f,\"explain_p50_ms\":%.3f,\"stage_mean_ms\":{%s},\"worst_gap\":%.2g}\n",
              kernel_name().c_str(), n, models.c_str(), requests, quantile(whole, 0.5), quantile(whole, 0.99), quantile(cpu, 0.5), quantile(cpu, 0.99), quantile(scoring, 0.5), quantile(explaining, 0.5),
              mean.c_str(), worst_gap);
}
