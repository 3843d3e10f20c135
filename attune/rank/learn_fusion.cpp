// Learning the fusion weights: z-scores of every validation case are kept, and weights are tried one source at a time.
#include "attune/rank/learn_fusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/rank/scores.h"

namespace attune::rank {
namespace {

constexpr std::size_t kMostCases = 4000;         // more move the weights less than the seed of the sample does
constexpr std::size_t kEnoughForSegment = 150;   // below, a segment takes the weights of the whole
constexpr std::size_t kShortened = 600;          // cases made for a segment nobody is in, by cutting longer histories
constexpr std::array<std::size_t, kHistorySegments> kShortenedTo = {0, 1, 3, 10, 30};
constexpr double kLeaning = 300;                 // a segment of n users counts n / (n + this), the whole the rest
constexpr float kMasked = -1e30f;
constexpr double kTooSmall = 2e-4;               // gains of NDCG below are noise, the simpler weights stay
constexpr float kGrid[] = {0.0f, 0.05f, 0.1f, 0.2f, 0.4f, 0.7f, 1.0f, 1.5f, 2.5f, 4.0f};

using Weights = std::vector<float>;

// One validation case: z-scores of all items by source, masked ones far below; its targets.
struct Scored {
  Matrix z;                          // [sources, items]
  std::vector<std::size_t> targets;
  std::size_t segment = 0;
};

double ndcg_of(const Scored& c, const Weights& weights) {
  const std::size_t items = c.z.cols();
  std::vector<float> fused(items, 0.0f);
  for (std::size_t s = 0; s < weights.size(); ++s)
    if (weights[s] != 0) axpy(weights[s], c.z.row(s), fused);
  double gain = 0, ideal = 0;
  for (std::size_t t = 0; t < c.targets.size(); ++t) {
    const Above above = count_above(fused, fused[c.targets[t]]);
    const double place = 1 + static_cast<double>(above.greater) + static_cast<double>(above.equal - 1) / 2;
    if (place <= 10) gain += 1 / std::log2(place + 1);
    if (t < 10) ideal += 1 / std::log2(static_cast<double>(t) + 2);
  }
  return gain / ideal;
}

// Mean NDCG@10 of the cases with these weights.
double mean_ndcg(const std::vector<const Scored*>& cases, const Weights& weights, const Run& run) {
  std::vector<double> each(cases.size());
  parallel_for(0, cases.size(), 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) each[i] = ndcg_of(*cases[i], weights);
  });
  return cases.empty() ? 0 : std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(each.size());
}

// Coordinate search from `weights`: each source in turn tries the grid, until a round brings nothing.
double search(const std::vector<const Scored*>& cases, Weights& weights, const Run& run) {
  double best = mean_ndcg(cases, weights, run);
  for (int round = 0; round < 3; ++round) {
    const double before = best;
    for (std::size_t s = 0; s < weights.size(); ++s) {
      for (const float candidate : kGrid) {
        Weights trial = weights;
        trial[s] = candidate;
        if (candidate == weights[s] || std::all_of(trial.begin(), trial.end(), [](float w) { return w == 0; })) continue;
        const double ndcg = mean_ndcg(cases, trial, run);
        if (ndcg > best + kTooSmall) {
          best = ndcg;
          weights = std::move(trial);
        }
      }
    }
    if (best <= before) break;
  }
  return best;
}

// Cases that fit a quarter of the budget, drawn by the seed.
std::vector<std::size_t> sample(const data::Split& split, std::size_t sources, const Run& run) {
  const std::size_t bytes_each = sources * split.train->item_count() * sizeof(float);
  const std::size_t fit = std::max<std::size_t>(run.memory_bytes / 4 / std::max<std::size_t>(bytes_each, 1), 50);
  std::vector<std::size_t> order(split.cases.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(run.seed);
  random.shuffle(std::span<std::size_t>(order));
  order.resize(std::min({order.size(), fit, kMostCases}));
  std::sort(order.begin(), order.end());
  return order;
}

World world_of(const std::vector<Source>& sources, const data::Split& split) {
  World world;
  world.catalogue = split.train->shared_catalogue();
  world.sources = sources;
  std::vector<std::string> names;
  for (const Source& source : sources) names.push_back(source.name);
  world.weights = FusionWeights::equal(std::move(names));
  return world;
}

Scored score_case(const World& world, const data::Case& asked) {
  Request request;
  request.history = asked.input;
  const Scores scores = score_world(world, request, {.exact_below = world.item_count()});
  Scored scored{Matrix(world.sources.size(), world.item_count()), {}, history_segment(scores.history.places)};
  for (std::size_t s = 0; s < world.sources.size(); ++s) {
    const auto row = scored.z.row(s);
    if (scores.scales[s].sd > 0)
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = static_cast<float>((scores.raw[s][i] - scores.scales[s].mean) / scores.scales[s].sd);
    for (const ItemId item : asked.seen) row[to_index(item)] = kMasked;
  }
  for (const ItemId target : asked.targets) scored.targets.push_back(to_index(target));
  return scored;
}

// Cases with only the newest `length` touches of their input: how people with short histories would have asked.
std::vector<Scored> shortened_cases(const World& world, const data::Split& split, const std::vector<std::size_t>& drawn, std::size_t length,
                                    const Run& run) {
  std::vector<std::size_t> long_enough;
  for (const std::size_t i : drawn)
    if (split.cases[i].input.size() > length && long_enough.size() < kShortened) long_enough.push_back(i);
  std::vector<Scored> cases(long_enough.size());
  parallel_for(0, cases.size(), 8, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      data::Case asked = split.cases[long_enough[i]];
      asked.input.erase(asked.input.begin(), asked.input.end() - static_cast<std::ptrdiff_t>(length));
      cases[i] = score_case(world, asked);
    }
  });
  return cases;
}

// Does the source tell apart the items that nobody took.
std::vector<bool> speak_of_new(const std::vector<Scored>& cases, const data::Dataset& train, std::size_t sources) {
  std::vector<bool> speaks(sources, false);
  for (const Scored& c : cases)
    for (std::size_t s = 0; s < sources; ++s) {
      float first = kMasked;
      for (std::size_t i = 0; i < c.z.cols() && !speaks[s]; ++i) {
        if (train.popularity()[i] != 0 || c.z(s, i) == kMasked) continue;
        if (first == kMasked) first = c.z(s, i);
        else if (std::abs(c.z(s, i) - first) > 1e-6f) speaks[s] = true;
      }
    }
  return speaks;
}

Weights normalised(Weights weights) {
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0f);
  for (float& w : weights) w = sum > 0 ? w / sum : 1.0f / static_cast<float>(weights.size());
  return weights;
}

Weights leaning(const Weights& own, const Weights& whole, std::size_t users) {
  const double share = static_cast<double>(users) / (static_cast<double>(users) + kLeaning);
  Weights mixed(own.size());
  for (std::size_t s = 0; s < own.size(); ++s) mixed[s] = static_cast<float>(share * own[s] + (1 - share) * whole[s]);
  return mixed;
}

}  // namespace

LearnedFusion learn_fusion(const std::vector<Source>& sources, const data::Split& split, const Run& run) {
  if (sources.empty() || split.cases.empty()) throw Error(Code::bad_data, "fusion weights are learned from at least one model and one user");
  const World world = world_of(sources, split);
  const std::vector<std::size_t> drawn = sample(split, sources.size(), run);
  std::vector<Scored> cases(drawn.size());
  parallel_for(0, drawn.size(), 8, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) cases[i] = score_case(world, split.cases[drawn[i]]);
  });
  std::vector<const Scored*> all;
  std::array<std::vector<const Scored*>, kHistorySegments> by_segment;
  for (const Scored& c : cases) {
    all.push_back(&c);
    by_segment[c.segment].push_back(&c);
  }

  LearnedFusion learned;
  Weights whole(sources.size(), 0);
  std::size_t best = 0;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    Weights alone(sources.size(), 0);
    alone[s] = 1;
    learned.ndcg_alone.push_back(mean_ndcg(all, alone, run));
    if (learned.ndcg_alone[s] > learned.ndcg_alone[best]) best = s;
  }
  whole[best] = 1;
  search(all, whole, run);
  whole = normalised(whole);

  const std::vector<bool> speaks = speak_of_new(cases, *split.train, sources.size());
  learned.weights.sources.clear();
  for (const Source& source : sources) learned.weights.sources.push_back(source.name);
  double sum = 0;
  for (std::size_t h = 0; h < kHistorySegments; ++h) {
    run.report("learning fusion weights", h, kHistorySegments);
    std::vector<Scored> made;
    std::vector<const Scored*> members = by_segment[h];
    if (members.size() < kEnoughForSegment) {
      made = shortened_cases(world, split, drawn, kShortenedTo[h], run);
      for (const Scored& c : made) members.push_back(&c);
    }
    Weights mine = whole;
    if (members.size() >= std::min(kEnoughForSegment, all.size())) {
      Weights own = whole;
      search(members, own, run);
      const Weights mixed = leaning(normalised(own), whole, members.size());
      if (mean_ndcg(members, mixed, run) > mean_ndcg(members, whole, run)) mine = mixed;
    }
    sum += mean_ndcg(by_segment[h], mine, run) * static_cast<double>(by_segment[h].size());
    Weights for_new = mine;
    for (std::size_t s = 0; s < sources.size(); ++s)
      if (!speaks[s]) for_new[s] = 0;
    const bool anybody = std::any_of(for_new.begin(), for_new.end(), [](float w) { return w > 0; });
    learned.weights.table[h] = {anybody ? normalised(for_new) : mine, mine, mine};
  }
  learned.ndcg = sum / static_cast<double>(all.size());
  return learned;
}

}  // namespace attune::rank
