// Why, why not, and what would change it: the smallest set of history items that decides whether an item is in the list.
// Taking away = weight 0, so that everything else keeps its place and its share. Every set named was checked by running the
// list again; it is called exact when all smaller sets were tried and failed.
// Cost: one run of the pipeline a set tried, at most kMostRuns of them.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "attune/core/error.h"
#include "attune/explain/explain.h"
#include "attune/rank/scores.h"

namespace attune::explain {
namespace {

constexpr std::size_t kMostRuns = 700;
constexpr std::size_t kGreedyLongest = 40;   // items a greedy set may grow to

using Items = std::vector<ItemId>;

bool holds(const rank::Slate& slate, ItemId item) {
  return std::any_of(slate.candidates.begin(), slate.candidates.end(), [&](const rank::Candidate& c) { return c.item == item; });
}

// The request with the touches of these items at weight 0.
rank::Request without(const rank::Request& request, const Items& items) {
  rank::Request less = request;
  for (Touch& touch : less.history)
    if (std::find(items.begin(), items.end(), touch.item) != items.end()) touch.weight = 0;
  if (std::find(items.begin(), items.end(), rank::kAbout) != items.end()) less.about.clear();
  return less;
}

// Tries sets by running the list again, and counts the runs.
class Trial {
 public:
  Trial(const rank::World& world, const rank::Request& request, const rank::Pipeline& pipeline, ItemId item, bool in_list)
      : world_(world), request_(request), pipeline_(pipeline), item_(item), in_list_(in_list) {}
  bool turns(const Items& items) {
    ++runs_;
    return holds(pipeline_.run(world_, without(request_, items)), item_) != in_list_;
  }
  bool may_go_on() const { return runs_ < kMostRuns; }

 private:
  const rank::World& world_;
  const rank::Request& request_;
  const rank::Pipeline& pipeline_;
  ItemId item_;
  bool in_list_;
  std::size_t runs_ = 0;
};

// What each history item adds to a score, over all models.
std::map<ItemId, double> shares(const rank::World& world, const Explanation& why) {
  std::map<ItemId, double> by_item;
  for (const Explanation& part : by_history(why).parts) {
    if (part.what == "about") by_item[rank::kAbout] += part.value;
    else if (part.what.starts_with("item:"))
      if (const auto id = world.find(part.what.substr(5))) by_item[*id] += part.value;
  }
  return by_item;
}

// History items in the order in which taking them away should turn the answer round soonest.
Items most_decisive(const rank::World& world, const rank::Request& request, const Explanation& mine, const Explanation& rival, bool in_list) {
  std::map<ItemId, double> gain;
  for (const Touch& touch : request.history) gain[touch.item] = 0;
  if (!request.about.empty()) gain[rank::kAbout] = 0;
  for (const auto& [item, value] : shares(world, mine))
    if (gain.contains(item)) gain[item] += in_list ? value : -value;
  for (const auto& [item, value] : shares(world, rival))
    if (gain.contains(item)) gain[item] -= in_list ? value : -value;
  std::vector<std::pair<double, ItemId>> order;
  for (const auto& [item, value] : gain) order.emplace_back(-value, item);
  std::sort(order.begin(), order.end());
  Items items;
  for (const auto& [value, item] : order) items.push_back(item);
  return items;
}

// Grows a set in order until the answer turns, then drops what was not needed. Empty: it never turns.
Items greedy(Trial& trial, const Items& order) {
  Items set;
  for (const ItemId item : order) {
    if (!trial.may_go_on() || set.size() >= kGreedyLongest) return {};
    set.push_back(item);
    if (!trial.turns(set)) continue;
    for (std::size_t i = 0; set.size() > 1 && i < set.size() && trial.may_go_on();) {
      Items smaller = set;
      smaller.erase(smaller.begin() + static_cast<std::ptrdiff_t>(i));
      if (trial.turns(smaller)) set = std::move(smaller);
      else ++i;
    }
    return set;
  }
  return {};
}

// Every set of `size` items in order; the first that turns the answer, or empty. `complete` = none was left untried.
Items exhaustive(Trial& trial, const Items& order, std::size_t size, bool& complete) {
  std::vector<std::size_t> at(size);
  for (std::size_t i = 0; i < size; ++i) at[i] = i;
  complete = true;
  while (size <= order.size()) {
    if (!trial.may_go_on()) {
      complete = false;
      return {};
    }
    Items set;
    for (const std::size_t i : at) set.push_back(order[i]);
    if (trial.turns(set)) return set;
    std::size_t digit = size;
    while (digit > 0 && at[digit - 1] == order.size() - size + digit - 1) --digit;
    if (digit == 0) return {};
    ++at[digit - 1];
    for (std::size_t i = digit; i < size; ++i) at[i] = at[i - 1] + 1;
  }
  return {};
}

void find_change(Answer& answer, Trial& trial, const Items& order) {
  if (order.empty()) return;
  answer.would_change = greedy(trial, order);
  const std::size_t smaller_than = answer.would_change.empty() ? std::min<std::size_t>(order.size(), 3) + 1 : answer.would_change.size();
  for (std::size_t size = 1; size < smaller_than; ++size) {
    bool complete = false;
    Items found = exhaustive(trial, order, size, complete);
    if (!found.empty()) {
      answer.would_change = std::move(found);
      answer.is_exact = true;  // all smaller sets failed
      return;
    }
    if (!complete) return;
  }
  answer.is_exact = true;
}

}  // namespace

Answer ask(const rank::World& world, const rank::Request& request, const rank::Pipeline& pipeline, ItemId item) {
  const rank::Slate slate = pipeline.run(world, request);
  Answer answer;
  answer.why = why(world, request, item);
  answer.sentence = phrase(world, request, answer.why, request.language);
  answer.barred = rank::not_allowed(world, request, item);
  answer.in_list = holds(slate, item);
  for (const auto* part : {&slate.candidates, &slate.dropped})
    for (const rank::Candidate& candidate : *part)
      if (candidate.item == item) answer.notes = candidate.notes;
  if (!slate.candidates.empty()) {
    answer.score_to_enter = slate.candidates.back().score;
    for (const rank::Candidate& candidate : slate.candidates) answer.score_to_enter = std::min<double>(answer.score_to_enter, candidate.score);
  }
  if (answer.barred) return answer;
  const rank::Scores scores = rank::score_world(world, request);
  const float mine = static_cast<float>(answer.why.value);
  answer.place = 1;
  ItemId next = item;  // the best allowed item that is not in the list: who would come in
  float best = -1e30f;
  for (std::size_t n = 0; n < scores.items.size(); ++n) {
    const ItemId other = scores.items[n];
    if (other == item || scores.barred[to_index(other)] != 0 || !rank::may_show(world, request, other)) continue;
    if (scores.fused[n] > mine) ++answer.place;
    if (scores.fused[n] > best && !holds(slate, other)) {
      next = other;
      best = scores.fused[n];
    }
  }
  const ItemId rival = answer.in_list ? next : slate.candidates.empty() ? item : slate.candidates.back().item;
  Trial trial(world, request, pipeline, item, answer.in_list);
  find_change(answer, trial, most_decisive(world, request, answer.why, why(world, request, rival), answer.in_list));
  return answer;
}

}  // namespace attune::explain
