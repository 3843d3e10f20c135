// Off-policy: see the header. The reward model of the doubly robust estimate is how often an item was taken when it came first, drawn
// towards the mean; learned from the other half of the rounds than the one it is asked about.
#include "attune/serve/off_policy.h"

#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>

#include "attune/core/parallel.h"
#include "attune/eval/off_policy.h"
#include "attune/serve/context.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr double kPrior = 20;   // lists' worth of the mean in an item's rate

struct Round {
  data::Exposure shown;
  std::vector<std::string> history;   // oldest first, as it was
  double reward = 0, target = 0;
  std::string other;                  // what the other way puts first; empty = nothing
};

std::deque<Round> latest(const data::Store& store, std::size_t most) {
  std::deque<Round> rounds;
  store.read_exposures([&](const data::Exposure& exposure) {
    if (exposure.user.empty() || exposure.items.empty() || exposure.note.find("\"teams\"") != std::string::npos) return;
    if (!(exposure.propensities[0] > 0)) return;
    rounds.push_back({.shown = exposure});
    if (rounds.size() > most) rounds.pop_front();
  });
  return rounds;
}

void remember(Round& round, const std::vector<data::StoredEvent>& events, const data::EventTypes& types, std::int64_t window_ms) {
  for (const auto& [sequence, event] : events) {
    const float weight = data::event_weight(types, event.type, event.value, event.time_ms, round.shown.time_ms);
    if (weight <= 0) continue;
    const bool is_answer = event.request == round.shown.request || (event.request.empty() && event.time_ms >= round.shown.time_ms && event.time_ms - round.shown.time_ms <= window_ms);
    if (is_answer && event.item == round.shown.items[0]) round.reward = 1;
    if (!is_answer && event.time_ms < round.shown.time_ms) round.history.push_back(event.item);
  }
}

// Takes of first places by item, of even and of odd rounds.
class Rates {
 public:
  explicit Rates(const std::vector<Round>& rounds) {
    for (std::size_t r = 0; r < rounds.size(); ++r) {
      auto& [takes, times] = halves_[r % 2][rounds[r].shown.items[0]];
      takes += rounds[r].reward, times += 1;
      total_[r % 2].first += rounds[r].reward, total_[r % 2].second += 1;
    }
  }
  double of(const std::string& item, std::size_t round) const {
    const std::size_t half = 1 - round % 2;
    const double mean = total_[half].second == 0 ? 0 : total_[half].first / total_[half].second;
    const auto found = halves_[half].find(item);
    return found == halves_[half].end() ? mean : (found->second.first + kPrior * mean) / (found->second.second + kPrior);
  }

 private:
  using Count = std::pair<double, double>;
  std::array<std::unordered_map<std::string, Count>, 2> halves_;
  std::array<Count, 2> total_ = {};
};

void ask_otherwise(std::vector<Round>& rounds, const engine::Ask& how, Context& context) {
  parallel_for(0, rounds.size(), 8, Run{}, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      engine::Ask ask = how;
      ask.history = rounds[r].history;
      ask.k = 1;
      ask.log_exposure = ask.explain = false;
      if (const engine::List list = context.engine.recommend(ask); !list.items.empty()) rounds[r].other = list.items[0].item;
      rounds[r].target = rounds[r].other == rounds[r].shown.items[0] ? 1 : 0;
    }
  });
}

}  // namespace

Json estimate_off_policy(const OffPolicyQuestion& question, Context& context) {
  std::vector<Round> rounds;
  const auto world = context.engine.world();
  for (Round& round : latest(context.engine.store(), question.most)) {
    remember(round, context.engine.store().user_events(round.shown.user), context.engine.settings().events, static_cast<std::int64_t>(question.window_hours * 3600e3));
    std::erase_if(round.history, [&](const std::string& item) { return !world->find(item); });
    if (!round.history.empty()) rounds.push_back(std::move(round));
  }
  if (rounds.empty()) throw Refusal(409, "no_lists", "no list was shown yet to a user with a history", "", "show some, and send events that name their request");
  ask_otherwise(rounds, question.ask, context);
  const Rates rates(rounds);
  eval::LoggedRounds log;
  std::size_t agreeing = 0;
  double earned = 0;
  for (std::size_t r = 0; r < rounds.size(); ++r) {
    const Round& round = rounds[r];
    log.reward.push_back(round.reward);
    log.logged.push_back(std::min(1.0, static_cast<double>(round.shown.propensities[0])));
    log.target.push_back(round.target);
    log.expected.push_back(rates.of(round.shown.items[0], r));
    log.value.push_back(round.other.empty() ? 0 : rates.of(round.other, r));
    agreeing += round.target > 0, earned += round.reward;
  }
  Json json = Json::object();
  json["agreeing"] = agreeing;
  json["logged_reward"] = earned / static_cast<double>(rounds.size());
  if (agreeing == 0)
    throw Refusal(409, "no_overlap", "in none of " + std::to_string(rounds.size()) + " lists would the first place have been the same, so the log says nothing", "",
                  "log some lists with rotation or exploration, or run an experiment");
  const Json report = eval::evaluate_off_policy(log, {}, Run{}).to_json();
  for (const auto& [name, value] : report.as_object()) json[name] = value;
  return json;
}

}  // namespace attune::serve
