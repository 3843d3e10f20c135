// Learning the fusion weights: of every validation case the z-scores of the items that could reach the first ten are kept, and
// weights are tried one source at a time. Cost: scoring each case once; a trial is then a sum over some hundred items a case.
#include "attune/rank/learn_fusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/top_k.h"
#include "attune/rank/fusion_search.h"
#include "attune/rank/scores.h"

namespace attune::rank {
namespace {

constexpr std::size_t kEnoughForSegment = 150;   // below, a segment takes the weights of the whole
constexpr std::size_t kShortened = 600;          // cases made for a segment nobody is in, by cutting longer histories
constexpr std::array<std::size_t, kHistorySegments> kShortenedTo = {0, 1, 3, 10, 30};
constexpr double kLeaning = 300;                 // a segment of n users counts n / (n + this), the whole the rest

// Cases that fit a quarter of the budget, drawn by the seed.
std::vector<std::size_t> sample(const data::Split& split, std::size_t sources, std::size_t most, const Run& run) {
  const std::size_t bytes_each = sources * sources * kKeptOfSource * sizeof(float);
  const std::size_t fit = std::max<std::size_t>(run.memory_bytes / 4 / std::max<std::size_t>(bytes_each, 1), 50);
  std::vector<std::size_t> order(split.cases.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(run.seed);
  random.shuffle(std::span<std::size_t>(order));
  order.resize(std::min({order.size(), fit, most}));
  std::sort(order.begin(), order.end());
  return order;
}

// Cases with only the newest `length` touches of their input: how people with short histories would have asked.
std::vector<ScoredCase> shortened_cases(const World& world, const data::Split& split, const std::vector<std::size_t>& drawn, std::size_t length,
                                    const Run& run) {
  std::vector<std::size_t> long_enough;
  for (const std::size_t i : drawn)
    if (split.cases[i].input.size() > length && long_enough.size() < kShortened) long_enough.push_back(i);
  std::vector<ScoredCase> cases(long_enough.size());
  parallel_for(0, cases.size(), 8, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      data::Case asked = split.cases[long_enough[i]];
      asked.input.erase(asked.input.begin(), asked.input.end() - static_cast<std::ptrdiff_t>(length));
      cases[i] = score_case(world, asked);
    }
  });
  return cases;
}

// Does each source tell apart the items that nobody took; asked of some users.
std::vector<bool> speak_of_new(const World& world, const data::Split& split, const std::vector<std::size_t>& drawn) {
  constexpr std::size_t kAsked = 20;
  std::vector<bool> speaks(world.sources.size(), false);
  std::vector<float> of_new;
  for (std::size_t n = 0; n < std::min(drawn.size(), kAsked); ++n) {
    Request request;
    request.history = split.cases[drawn[n * drawn.size() / std::min(drawn.size(), kAsked)]].input;
    const Scores scores = score_world(world, request, {.exact_below = world.item_count()});
    for (std::size_t s = 0; s < speaks.size(); ++s) {
      of_new.clear();
      for (std::size_t i = 0; i < world.item_count(); ++i)
        if (world.takers(item_at(i)) == 0) of_new.push_back(scores.raw[s][i]);
      if (of_new.size() > 1 && scale_of(of_new).sd > 1e-6 * scores.scales[s].sd) speaks[s] = true;
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

std::size_t targets_in(const Members& cases, std::size_t segment) {
  std::size_t count = 0;
  for (const ScoredCase* c : cases)
    for (const std::size_t target : c->targets) count += target >= c->begins[segment] && target < c->begins[segment + 1] ? 1 : 0;
  return count;
}

// The best sources alone, where searches begin.
std::vector<std::size_t> starts(const std::vector<double>& ndcg_alone) {
  constexpr std::size_t kStarts = 4;
  std::vector<std::size_t> order(ndcg_alone.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ndcg_alone[a] > ndcg_alone[b]; });
  order.resize(std::min(order.size(), kStarts));
  return order;
}

// What of `weights` counts for items that nobody took: the models that tell them apart.
Weights for_new(const Weights& weights, const std::vector<bool>& speaks) {
  Weights able = weights;
  for (std::size_t s = 0; s < able.size(); ++s)
    if (!speaks[s]) able[s] = 0;
  if (is_nothing(able))   // learning left none of them: they share alike
    for (std::size_t s = 0; s < able.size(); ++s) able[s] = speaks[s] ? 1 : 0;
  return is_nothing(able) ? weights : normalised(able);
}

// Weights of one history segment: its own as far as its users carry them, then those of rarely taken items, then those of items
// nobody took, where only models count that tell such items apart.
Cells cells_of(const Members& members, const Weights& whole, const std::vector<bool>& speaks, const Run& run) {
  Cells cells = everywhere(whole);
  if (members.size() >= kEnoughForSegment) {
    Weights own = whole;
    search(members, own, run);
    const Cells mixed = everywhere(leaning(normalised(own), whole, members.size()));
    if (mean_ndcg(members, mixed, run) > mean_ndcg(members, cells, run)) cells = mixed;
    const std::size_t rare = item_segment(1), targets = targets_in(members, rare);
    Cells apart = cells;
    if (targets >= kEnoughForSegment) search_items(members, apart, rare, run);
    apart[rare] = leaning(apart[rare], cells[rare], targets);
    if (mean_ndcg(members, apart, run) > mean_ndcg(members, cells, run) + kTooSmall) cells = apart;
  }
  cells[item_segment(0)] = for_new(cells[item_segment(0)], speaks);
  return cells;
}

}  // namespace

LearnedFusion learn_fusion(const std::vector<Source>& sources, const data::Split& split, const Run& run, const LearnOptions& options) {
  if (sources.empty() || split.cases.empty()) throw Error(Code::bad_data, "fusion weights are learned from at least one model and one user");
  const World world = learning_world(sources, *split.train);
  const std::vector<std::size_t> drawn = sample(split, sources.size(), options.most_cases, run);
  std::vector<ScoredCase> cases(drawn.size());
  parallel_for(0, drawn.size(), 8, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) cases[i] = score_case(world, split.cases[drawn[i]]);
  });
  Members all;
  std::array<Members, kHistorySegments> by_segment;
  for (const ScoredCase& c : cases) {
    all.push_back(&c);
    by_segment[c.segment].push_back(&c);
  }

  LearnedFusion learned{.weights = world.weights};
  Weights whole(sources.size(), 0);
  std::size_t best = 0;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    Weights alone(sources.size(), 0);
    alone[s] = 1;
    learned.ndcg_alone.push_back(mean_ndcg(all, everywhere(alone), run));
    if (learned.ndcg_alone[s] > learned.ndcg_alone[best]) best = s;
  }
  Weights best_alone(sources.size(), 0);
  best_alone[best] = 1;
  double highest = -1;
  for (const std::size_t start : starts(learned.ndcg_alone)) {
    run.report("learning fusion weights", 0, kHistorySegments);
    Weights trial(sources.size(), 0);
    trial[start] = 1;
    const double ndcg = search(all, trial, run);
    if (ndcg <= highest) continue;
    highest = ndcg;
    whole = normalised(trial);
  }

  const std::vector<bool> speaks = speak_of_new(world, split, drawn);
  for (std::size_t h = 0; h < kHistorySegments; ++h) {
    run.report("learning fusion weights", h, kHistorySegments);
    std::vector<ScoredCase> made;
    Members members = by_segment[h];
    if (members.size() < kEnoughForSegment) {
      made = shortened_cases(world, split, drawn, kShortenedTo[h], run);
      for (const ScoredCase& c : made) members.push_back(&c);
    }
    Cells cells = cells_of(members, whole, speaks, run);
    // Never worse than the best model alone, on those who really are in the segment.
    if (mean_ndcg(by_segment[h], cells, run) < mean_ndcg(by_segment[h], everywhere(best_alone), run)) {
      cells = everywhere(best_alone);
      cells[item_segment(0)] = for_new(best_alone, speaks);
    }
    learned.ndcg += mean_ndcg(by_segment[h], cells, run) * static_cast<double>(by_segment[h].size()) / static_cast<double>(all.size());
    learned.weights.table[h] = std::move(cells);
  }
  return learned;
}

}  // namespace attune::rank
