// Learning to stack: the candidates of every validation case as retrieve and fuse leave them, trees learned on two thirds of the
// users and judged on the third.
#include "attune/rank/learn_stack.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/rank/stage.h"

namespace attune::rank {
namespace {

constexpr std::size_t kFolds = 3;
constexpr std::size_t kLearned = 60;         // candidates of a case that trees learn from: the first 30, and others drawn
constexpr std::size_t kFirst = 30;
constexpr std::size_t kFewest = 150;         // cases with their target among the candidates, below which nothing is learned
constexpr double kTooSmall = 2e-4;           // as in fusion_search.h
constexpr std::array<int, 3> kRounds = {25, 50, 100};
constexpr std::array<float, 7> kSlopes = {0.02f, 0.05f, 0.1f, 0.2f, 0.4f, 0.8f, 1.6f};

struct Listed {
  Matrix rows;
  std::vector<float> fused;
  std::vector<std::uint8_t> wanted;
  std::size_t targets = 0;
  std::size_t fold = 0;
};

double gain(double place) { return place <= 10 ? 1 / std::log2(place + 1) : 0; }

double ndcg_of(const Listed& one, std::span<const float> scores) {
  double sum = 0, ideal = 0;
  for (std::size_t t = 0; t < std::min<std::size_t>(one.targets, 10); ++t) ideal += gain(static_cast<double>(t) + 1);
  for (std::size_t n = 0; n < scores.size(); ++n) {
    if (one.wanted[n] == 0) continue;
    double place = 1;
    for (std::size_t m = 0; m < scores.size(); ++m)
      if (m != n) place += scores[m] > scores[n] ? 1 : scores[m] == scores[n] ? 0.5 : 0;
    sum += gain(place);
  }
  return ideal > 0 ? sum / ideal : 0;
}

std::vector<Listed> list_cases(const World& world, const data::Split& split, std::size_t most, const Run& run) {
  const std::size_t bytes_each = 200 * stack_features(world).size() * sizeof(float);
  most = std::min(most, std::max<std::size_t>(run.memory_bytes / 8 / bytes_each, kFewest));
  std::vector<std::size_t> order(split.cases.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(run.seed + 7);
  random.shuffle(std::span<std::size_t>(order));
  order.resize(std::min(order.size(), most));
  const auto retrieve = make_retrieve(Json()), fuse = make_fuse(Json());
  std::vector<Listed> lists(order.size());
  parallel_for(0, order.size(), 8, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const data::Case& asked = split.cases[order[i]];
      Request request;
      request.user_id = asked.user;
      request.history = asked.input;
      request.seen = asked.seen;
      const Slate slate = fuse->run(world, request, retrieve->run(world, request, {}));
      lists[i].rows = stack_rows(world, request, slate);
      for (const Candidate& candidate : slate.candidates) {
        lists[i].fused.push_back(candidate.score);
        lists[i].wanted.push_back(std::find(asked.targets.begin(), asked.targets.end(), candidate.item) != asked.targets.end() ? 1 : 0);
      }
      lists[i].targets = asked.targets.size();
      lists[i].fold = i % kFolds;
    }
  });
  return lists;
}

// What trees learn from: the lists that hold a target, those of one fold left out (kFolds: none).
Stacker::Lists learning_lists(const std::vector<Listed>& all, std::size_t without, const Run& run) {
  Stacker::Lists lists;
  std::vector<std::pair<const Listed*, std::size_t>> rows;
  Random random(run.seed + 11);
  for (const Listed& one : all) {
    if (one.fold == without || std::find(one.wanted.begin(), one.wanted.end(), 1) == one.wanted.end()) continue;
    std::vector<std::size_t> chosen(one.fused.size());
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    if (chosen.size() > kLearned) {
      random.shuffle(std::span<std::size_t>(chosen).subspan(kFirst));
      std::sort(chosen.begin() + kLearned, chosen.end());
      std::vector<std::size_t> kept(chosen.begin(), chosen.begin() + kLearned);
      for (std::size_t n = kLearned; n < chosen.size(); ++n)
        if (one.wanted[chosen[n]] != 0) kept.push_back(chosen[n]);
      chosen = std::move(kept);
    }
    for (const std::size_t n : chosen) rows.emplace_back(&one, n);
    lists.sizes.push_back(static_cast<unsigned>(chosen.size()));
  }
  lists.rows = Matrix(rows.size(), all.front().rows.cols());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto [one, n] = rows[r];
    std::copy_n(one->rows.row(n).data(), one->rows.cols(), lists.rows.row(r).data());
    lists.fused.push_back(one->fused[n]);
    lists.wanted.push_back(one->wanted[n]);
  }
  return lists;
}

// The slope at which a softmax of slope x fused foretells the targets best.
float slope_of(const std::vector<Listed>& all) {
  float best = kSlopes[0];
  double least = 1e300;
  for (const float slope : kSlopes) {
    double loss = 0;
    for (const Listed& one : all) {
      if (one.fused.empty()) continue;
      const float top = *std::max_element(one.fused.begin(), one.fused.end());
      double sum = 0;
      for (const float f : one.fused) sum += std::exp(slope * (f - top));
      for (std::size_t n = 0; n < one.fused.size(); ++n)
        if (one.wanted[n] != 0) loss += std::log(sum) - slope * (one.fused[n] - top);
    }
    if (loss < least) least = loss, best = slope;
  }
  return best;
}

double mean_ndcg(const std::vector<Listed>& all, const std::vector<Stacker>& by_fold, int rounds, const Run& run) {
  std::vector<double> each(all.size());
  parallel_for(0, all.size(), 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      std::vector<float> scores = all[i].fused;
      if (!by_fold.empty()) {
        const std::vector<float> shares = by_fold[all[i].fold].shares(all[i].rows, rounds);
        for (std::size_t n = 0; n < scores.size(); ++n) scores[n] += shares[n];
      }
      each[i] = ndcg_of(all[i], scores);
    }
  });
  return std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(each.size());
}

}  // namespace

LearnedStack learn_stack(const World& world, const data::Split& split, const Run& run, std::size_t most_cases) {
  if (world.sources.empty() || split.cases.empty()) throw Error(Code::bad_data, "stacking is learned from at least one model and one user");
  const std::vector<Listed> lists = list_cases(world, split, most_cases, run);
  LearnedStack learned;
  learned.ndcg_fused = learned.ndcg_stacked = mean_ndcg(lists, {}, 0, run);
  const auto found = std::count_if(lists.begin(), lists.end(), [](const Listed& one) { return std::count(one.wanted.begin(), one.wanted.end(), 1) > 0; });
  if (static_cast<std::size_t>(found) < kFewest) return learned;
  const std::vector<std::string> features = stack_features(world);
  const float slope = slope_of(lists);
  std::vector<Stacker> by_fold;
  for (std::size_t fold = 0; fold < kFolds; ++fold)
    by_fold.push_back(Stacker::learn(features, learning_lists(lists, fold, run), slope, {.rounds = kRounds.back()}, run));
  for (const int rounds : kRounds) {
    const double ndcg = mean_ndcg(lists, by_fold, rounds, run);
    if (ndcg <= learned.ndcg_stacked + (learned.rounds == 0 ? kTooSmall : 0)) continue;
    learned.ndcg_stacked = ndcg;
    learned.rounds = rounds;
  }
  if (learned.rounds == 0) {
    run.remark("stacking: trees do no better than the fused score on held-out users, so none are kept");
    return learned;
  }
  learned.stacker = std::make_shared<const Stacker>(Stacker::learn(features, learning_lists(lists, kFolds, run), slope, {.rounds = learned.rounds}, run));
  return learned;
}

}  // namespace attune::rank
