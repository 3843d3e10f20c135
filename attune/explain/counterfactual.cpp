// Why, why not, and what would change it: the smallest set of history items that decides whether an item is in the list.
// Taking away = weight 0, so that everything else keeps its place and its share. Every set named was checked by running the
// list again; it is called exact when all smaller sets were tried and failed.
// Cost: one run of the pipeline a set tried, at most kMostRuns of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "attune/core/error.h"
#include "attune/explain/explain.h"
#include "attune/rank/scores.h"

namespace attune::explain {
namespace {

constexpr std::size_t kMostRuns = 1500;
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
  if (std::find(items.begin(), items.end(), rank::kAbout) != items.end()) {
    for (Touch& touch : less.about) touch.weight = 0;
    less.likeness.clear();
  }
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

bool can_score(const rank::World& world, const rank::Request& request, ItemId item) {
  const rank::ModelHistory history = rank::model_history(world, request);
  const std::vector<float> raw =
      rank::raw_scores(world, rank::mix_for(world, request, history), {.history = history.touches, .user = request.user_id, .now_ms = request.now_ms}, item);
  return std::any_of(raw.begin(), raw.end(), [](float x) { return !std::isnan(x); });
}

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

// Greedy gives some set; then all smaller ones are tried, smallest first, as far as the runs go.
void find_change(Answer& answer, Trial& trial, const Items& order) {
  answer.would_change = greedy(trial, order);
  const std::size_t end = answer.would_change.empty() ? order.size() + 1 : answer.would_change.size();
  for (std::size_t size = 1; size < end; ++size) {
    bool complete = false;
    Items found = exhaustive(trial, order, size, complete);
    if (!found.empty()) {
      answer.would_change = std::move(found);
      break;  // all smaller sets failed
    }
    if (!complete) return;
  }
  answer.is_exact = true;
}

// Why an item that may be shown is not, in one sentence.
std::string not_shown(const Answer& answer, std::size_t allowed, bool zh) {
  if (!answer.notes.empty()) return (zh ? "不在列表中：" : "not in the list: ") + answer.notes.back().reason;
  return fmt::format(fmt::runtime(zh ? "不在列表中：在{1}件可以展示的商品中排第{0}位，分数{2:.3g}，列表到{3:.3g}为止"
                                     : "not in the list: it stands at place {} of {}, with a score of {:.3g}; the list ends at {:.3g}"),
                     answer.place, allowed, answer.why.value, answer.score_to_enter);
}

// Where the item stands among all that may be shown, how many those are, and the best of the others that is not in the list.
struct Standing {
  std::size_t place = 1, allowed = 1;
  std::optional<ItemId> next;
};
Standing standing_of(const rank::World& world, const rank::Request& request, const rank::Slate& slate, ItemId item, float mine) {
  const rank::Scores scores = rank::score_world(world, request);
  Standing standing;
  float best = -INFINITY;
  for (std::size_t n = 0; n < scores.items.size(); ++n) {
    const ItemId other = scores.items[n];
    if (other == item || scores.barred[to_index(other)] != 0 || !(scores.fused[n] > -INFINITY) || !rank::may_show(world, request, other)) continue;
    ++standing.allowed;
    if (scores.fused[n] > mine || (scores.fused[n] == mine && other < item)) ++standing.place;
    if (scores.fused[n] > best && !holds(slate, other)) {
      standing.next = other;
      best = scores.fused[n];
    }
  }
  return standing;
}

}  // namespace

Answer ask(const rank::World& world, const rank::Request& request, const rank::Pipeline& pipeline, ItemId item) {
  const bool zh = request.language == "zh";
  const rank::Slate slate = pipeline.run(world, request);
  Answer answer;
  answer.barred = rank::not_allowed(world, request, item);
  if (can_score(world, request, item)) answer.why = why(world, request, item);
  else if (!answer.barred) answer.barred = rank::Note{"score", zh ? "还没有模型能为它打分：它在拟合之后才加入，也没有模型认识的文字" : "no model can score it yet: it is newer than the fit and has no text they know", 0};
  answer.in_list = holds(slate, item);
  for (const auto* part : {&slate.candidates, &slate.dropped})
    for (const rank::Candidate& candidate : *part)
      if (candidate.item == item) answer.notes = candidate.notes;
  if (!slate.candidates.empty()) {
    answer.score_to_enter = slate.candidates.back().score;
    for (const rank::Candidate& candidate : slate.candidates) answer.score_to_enter = std::min<double>(answer.score_to_enter, candidate.score);
  }
  if (answer.barred) {
    answer.sentence = (zh ? "不在列表中：" : "not in the list: ") + answer.barred->reason;
    return answer;
  }
  const Standing standing = standing_of(world, request, slate, item, static_cast<float>(answer.why.value));
  answer.place = standing.place;
  answer.sentence = answer.in_list ? phrase(world, request, answer.why, request.language) : not_shown(answer, standing.allowed, zh);
  const std::optional<ItemId> rival = answer.in_list ? standing.next : slate.candidates.empty() ? std::nullopt : std::optional(slate.candidates.back().item);
  Trial trial(world, request, pipeline, item, answer.in_list);
  find_change(answer, trial, most_decisive(world, request, answer.why, rival ? why(world, request, *rival) : Explanation{}, answer.in_list));
  return answer;
}

}  // namespace attune::explain
