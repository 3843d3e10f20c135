// Outcome of an experiment: see the header.
#include "attune/online/outcome.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "attune/online/interleave.h"

namespace attune::online {
namespace {

constexpr std::int64_t kDay = 24ll * 3600 * 1000;
constexpr double kUneven = 0.001;

struct Shown {
  std::string request, teams;
  std::int64_t time_ms = 0;
  std::vector<std::string> items;
  std::vector<std::size_t> taken;       // places
};

struct Person {
  std::size_t arm = 0;
  std::vector<Shown> lists;             // in the order shown
  double value = 0;
  std::size_t dislikes = 0;
};

using People = std::unordered_map<std::string, Person>;

std::string teams_in(const std::string& note, const std::string& experiment) {
  if (note.empty()) return "";
  const Json json = Json::parse(note, "the note of a list");
  const Json* all = json.find("experiments");
  const Json* one = all == nullptr ? nullptr : all->find(experiment);
  const Json* teams = one == nullptr ? nullptr : one->find("teams");
  return teams == nullptr ? "" : teams->as_string();
}

People read_lists(const Experiment& experiment, const data::Store& store, std::int64_t now_ms) {
  People people;
  store.read_exposures([&](const data::Exposure& exposure) {
    if (!experiment.runs_at(exposure.time_ms) || exposure.time_ms > now_ms) return;
    const auto arm = arm_of(experiment, exposure.user);
    if (!arm) return;
    Person& person = people[exposure.user];
    person.arm = *arm;
    person.lists.push_back({.request = exposure.request, .teams = experiment.mode == Mode::interleave ? teams_in(exposure.note, experiment.name) : "",
                            .time_ms = exposure.time_ms, .items = exposure.items});
  });
  return people;
}

// The list an event answers: the one it names, or the latest one before it that showed the item.
Shown* answered(Person& person, const data::Event& event, std::int64_t window_ms) {
  Shown* latest = nullptr;
  for (Shown& list : person.lists) {
    if (!event.request.empty() && list.request == event.request) return &list;
    if (list.time_ms > event.time_ms || event.time_ms - list.time_ms > window_ms) continue;
    if (std::find(list.items.begin(), list.items.end(), event.item) != list.items.end()) latest = &list;
  }
  return event.request.empty() ? latest : nullptr;
}

void read_answers(People& people, const Experiment& experiment, const data::Store& store, const data::EventTypes& types, std::int64_t now_ms) {
  const auto window_ms = static_cast<std::int64_t>(experiment.window_hours * 3600 * 1000);
  store.read_events(0, [&](const data::StoredEvent& stored) {
    const data::Event& event = stored.event;
    if (event.time_ms < experiment.start_ms || event.time_ms > now_ms || !experiment.runs_at(event.time_ms)) return;
    const auto found = people.find(event.user);
    if (found == people.end()) return;
    Person& person = found->second;
    const float weight = data::event_weight(types, event.type, event.value, event.time_ms, event.time_ms);
    if (weight < 0 && event.time_ms >= person.lists.front().time_ms) ++person.dislikes;
    if (weight <= 0) return;
    Shown* list = answered(person, event, window_ms);
    if (list == nullptr) return;
    const auto place = static_cast<std::size_t>(std::find(list->items.begin(), list->items.end(), event.item) - list->items.begin());
    if (place == list->items.size() || std::find(list->taken.begin(), list->taken.end(), place) != list->taken.end()) return;
    list->taken.push_back(place);
    person.value += event.value.value_or(1);
  });
}

// In the order of metric_names().
std::vector<double> values_of(const Person& person) {
  std::size_t takes = 0, answered_lists = 0;
  std::set<std::int64_t> days;
  for (const Shown& list : person.lists) {
    takes += list.taken.size(), answered_lists += !list.taken.empty();
    days.insert(list.time_ms / kDay);
  }
  return {takes > 0 ? 1.0 : 0.0, static_cast<double>(takes), static_cast<double>(answered_lists) / static_cast<double>(person.lists.size()), person.value,
          static_cast<double>(days.size() - 1), static_cast<double>(person.dislikes)};
}

std::size_t index_of(const std::string& metric) {
  const auto& names = metric_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), metric) - names.begin());
}

Comparison compare_arms(const Experiment& experiment, const ArmOutcome& control, const ArmOutcome& arm, const std::string& metric) {
  const Tally &a = control.metrics[index_of(metric)], &b = arm.metrics[index_of(metric)];
  Comparison comparison{.arm = arm.name, .metric = metric, .difference = compare(a, b, {.confidence = experiment.confidence, .effect = experiment.effect})};
  comparison.relative = a.mean() == 0 ? 0 : comparison.difference.value / a.mean();
  return comparison;
}

void compare_all(const Experiment& experiment, Outcome& outcome) {
  const ArmOutcome& control = outcome.arms.front();
  for (std::size_t a = 1; a < outcome.arms.size(); ++a) {
    outcome.comparisons.push_back(compare_arms(experiment, control, outcome.arms[a], experiment.metric));
    for (const Guardrail& guardrail : experiment.guardrails) {
      Comparison one = compare_arms(experiment, control, outcome.arms[a], guardrail.metric);
      one.is_guardrail = true;
      const double allowed = guardrail.margin * std::abs(control.metrics[index_of(guardrail.metric)].mean());
      one.is_broken = is_less_better(guardrail.metric) ? one.difference.low > allowed : one.difference.high < -allowed;
      outcome.comparisons.push_back(one);
    }
    const double share = experiment.arms[a].share / (experiment.arms[0].share + experiment.arms[a].share);
    outcome.split_p = std::min(outcome.split_p, sample_ratio_p(control.users, outcome.arms[a].users, share));
  }
}

void judge_preference(const Experiment& experiment, const People& people, Outcome& outcome) {
  Tally tally;
  for (const auto& [name, person] : people) {
    Tally one;
    for (const Shown& list : person.lists)
      if (!list.teams.empty() && !list.taken.empty()) one.add(preference(list.teams, list.taken));
    if (one.count() > 0) tally.add(one.mean());
    outcome.judged_lists += one.count();
  }
  outcome.judged_users = tally.count();
  outcome.preference = compare(tally, 0, {.confidence = experiment.confidence, .effect = experiment.effect});
}

std::string verdict_of(const Experiment& experiment, const Outcome& outcome) {
  if (experiment.mode == Mode::interleave) {
    if (!outcome.preference.is_decided) return "collecting";
    return fmt::format("{} is {}", experiment.arms[1].name, outcome.preference.value > 0 ? "better" : "worse");
  }
  if (outcome.split_p < kUneven) return "uneven split";
  for (const Comparison& one : outcome.comparisons)
    if (one.is_broken) return fmt::format("guardrail {} is broken by {}", one.metric, one.arm);
  const Comparison* found = nullptr;
  for (const Comparison& one : outcome.comparisons)
    if (!one.is_guardrail && one.difference.is_decided && (found == nullptr || std::abs(one.difference.value) > std::abs(found->difference.value))) found = &one;
  if (found == nullptr) return "collecting";
  return fmt::format("{} is {}", found->arm, (found->difference.value > 0) != is_less_better(found->metric) ? "better" : "worse");
}

Json note(const Experiment& experiment, const char* what, const std::string& value) {
  Json one = Json::object(), all = Json::object(), json = Json::object();
  one[what] = value;
  all[experiment.name] = std::move(one);
  json["experiments"] = std::move(all);
  return json;
}

}  // namespace

Outcome judge(const Experiment& experiment, const data::Store& store, const data::EventTypes& types, std::int64_t now_ms) {
  People people = read_lists(experiment, store, now_ms);
  read_answers(people, experiment, store, types, now_ms);
  Outcome outcome;
  for (const Arm& arm : experiment.arms) outcome.arms.push_back({.name = arm.name, .metrics = std::vector<Tally>(metric_names().size())});
  for (const auto& [name, person] : people) {
    ArmOutcome& arm = outcome.arms[person.arm];
    ++arm.users;
    arm.lists += person.lists.size();
    for (const Shown& list : person.lists) arm.takes += list.taken.size();
    const std::vector<double> values = values_of(person);
    for (std::size_t m = 0; m < values.size(); ++m) arm.metrics[m].add(values[m]);
  }
  if (experiment.mode == Mode::split) compare_all(experiment, outcome);
  else judge_preference(experiment, people, outcome);
  outcome.verdict = verdict_of(experiment, outcome);
  return outcome;
}

Json Outcome::to_json() const {
  Json json = Json::object();
  json["verdict"] = verdict;
  Json list = Json::array();
  for (const ArmOutcome& arm : arms) {
    Json one = Json::object();
    one["name"] = arm.name;
    one["users"] = arm.users;
    one["lists"] = arm.lists;
    one["takes"] = arm.takes;
    for (std::size_t m = 0; m < arm.metrics.size(); ++m) one["metrics"][metric_names()[m]] = arm.metrics[m].mean();
    list.push_back(std::move(one));
  }
  json["arms"] = std::move(list);
  json["split_p"] = split_p;
  Json compared = Json::array();
  for (const Comparison& comparison : comparisons) {
    Json one = comparison.difference.to_json();
    one["arm"] = comparison.arm;
    one["metric"] = comparison.metric;
    one["relative"] = comparison.relative;
    one["is_guardrail"] = comparison.is_guardrail;
    if (comparison.is_guardrail) one["is_broken"] = comparison.is_broken;
    compared.push_back(std::move(one));
  }
  json["comparisons"] = std::move(compared);
  if (judged_users > 0) {
    json["preference"] = preference.to_json();
    json["preference"]["users"] = judged_users;
    json["preference"]["lists"] = judged_lists;
  }
  return json;
}

Json note_of(const Experiment& experiment, std::size_t arm) { return note(experiment, "arm", experiment.arms[arm].name); }
Json note_of(const Experiment& experiment, const std::string& teams) { return note(experiment, "teams", teams); }

}  // namespace attune::online
