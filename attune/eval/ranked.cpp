// Ranking every case: scores into one scratch row a chunk, places counted, the head of the list kept. Parallel over cases.
#include "attune/eval/ranked.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <string>

#include "attune/core/parallel.h"
#include "attune/core/top_k.h"

namespace attune::eval {
namespace {

constexpr std::size_t kGrain = 32;  // cases a chunk: some 10 ms of work, so progress is smooth and stopping quick

std::string user_name(const data::Split& split, const data::Case& asked) {
  const auto users = split.train->catalogue().users();
  return to_index(asked.user) < users.size() ? users[to_index(asked.user)] : "number " + std::to_string(to_index(asked.user));
}

// All but the candidates and the targets are taken out.
void keep_candidates(std::span<float> scores, std::span<const ItemId> candidates, std::span<const ItemId> targets, std::vector<ItemId>& out) {
  std::vector<char> stays(scores.size(), 0);
  for (const ItemId item : candidates) stays.at(to_index(item)) = 1;
  for (const ItemId item : targets) stays[to_index(item)] = 1;
  for (std::size_t i = 0; i < stays.size(); ++i)
    if (stays[i] == 0) out.push_back(item_at(i));
}

void rank_scores(RankedCase& ranked, const ScoreFn& score, std::span<float> scores, std::size_t depth, const EvalOptions& options) {
  const data::Case& asked = *ranked.asked;
  // Scores the function leaves untouched must not be those of the user before.
  std::fill(scores.begin(), scores.end(), std::numeric_limits<float>::quiet_NaN());
  score(asked, scores);
  std::vector<ItemId> out(asked.seen);
  if (options.candidates) {
    out.clear();  // a fixed list of candidates says itself what may be ranked
    keep_candidates(scores, options.candidates(asked), asked.targets, out);
  }
  ranked.places = places_of(scores, out, asked.targets);
  ranked.candidates = static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(), [](float s) { return s > -std::numeric_limits<float>::infinity(); }));
  for (const Scored& hit : top_k(scores, depth)) ranked.list.push_back(hit.item);
}

void rank_list(RankedCase& ranked, const ListFn& answer, std::size_t depth, std::size_t items) {
  std::vector<ItemId> list = answer(*ranked.asked);
  std::vector<ItemId> sorted(list);
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw Error(Code::bad_data, "expected a list without repeats, got item " +
                                    std::to_string(to_index(*std::adjacent_find(sorted.begin(), sorted.end()))) + " twice");
  if (!sorted.empty() && to_index(sorted.back()) >= items)
    throw Error(Code::bad_data, "expected items below " + std::to_string(items) + ", got " + std::to_string(to_index(sorted.back())));
  for (const ItemId target : ranked.asked->targets) {
    const auto at = std::find(list.begin(), list.end(), target);
    ranked.places.push_back({at == list.end() ? Place::kNowhere : static_cast<std::uint32_t>(at - list.begin()), 1});
  }
  if (list.size() > depth) list.resize(depth);
  ranked.list = std::move(list);
}

}  // namespace

Ranked rank_cases(const data::Split& split, const Answerer& answerer, std::size_t depth, const EvalOptions& options, const Run& run) {
  if (static_cast<bool>(answerer.scores) == static_cast<bool>(answerer.list))
    throw Error(Code::bad_request, "expected an answerer with either scores or a list, got both or neither");
  Ranked ranked;
  for (const data::Case& asked : split.cases) {
    if (asked.targets.empty()) ++ranked.without_targets;
    else ranked.cases.push_back({.asked = &asked});
  }
  const std::size_t items = split.train->item_count(), total = ranked.cases.size();
  std::mutex mutex;
  std::size_t done = 0;
  parallel_for(0, total, kGrain, run, [&](std::size_t first, std::size_t last) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<float> scores(answerer.scores ? items : 0);
    for (std::size_t c = first; c < last; ++c) try {
        if (answerer.scores) rank_scores(ranked.cases[c], answerer.scores, scores, depth, options);
        else rank_list(ranked.cases[c], answerer.list, depth, items);
      } catch (const Error& e) {
        throw Error(e.code(), "user '" + user_name(split, *ranked.cases[c].asked) + "': " + e.what());
      }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const std::lock_guard lock(mutex);
    ranked.thread_seconds += took.count();
    done += last - first;
    run.report("evaluating", done, total);
  });
  return ranked;
}

}  // namespace attune::eval
