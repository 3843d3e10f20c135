// Experiments of the service: see the header.
#include "attune/serve/experiments.h"

#include <algorithm>
#include <functional>

#include "attune/core/random.h"
#include "attune/online/interleave.h"
#include "attune/online/outcome.h"
#include "attune/serve/context.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr const char* kKey = "experiments";
constexpr std::int64_t kFresh_ms = 1000;
constexpr double kAny = 1e30;

bool deals_alike(const online::Experiment& a, const online::Experiment& b) {
  const Json x = online::to_json(a), y = online::to_json(b);
  for (const char* field : {"salt", "mode", "share", "arms", "start_ms"})
    if (x.at(field).dump() != y.at(field).dump()) return false;
  return true;
}

void merge(Json& note, const Json& more) {
  for (const auto& [name, value] : more.at("experiments").as_object()) note["experiments"][name] = value;
}

}  // namespace

engine::Ask changed(engine::Ask ask, const Json& arm) {
  if (ask.k == 0) ask.k = static_cast<int>(json_integer(arm, "k", 0, 1, 1000));
  if (const std::string filter = json_text(arm, "filter", "", 4096); !filter.empty()) ask.filter = ask.filter.empty() ? filter : "(" + ask.filter + ") and (" + filter + ")";
  if (ask.caps.empty()) ask.caps = json_text(arm, "caps", "", 4096);
  if (ask.models.empty()) ask.models = json_list(arm, "models", 100);
  if (ask.diversity < 0) ask.diversity = json_number(arm, "diversity", -1, 0, 1);
  if (ask.min_score <= -kAny) ask.min_score = json_number(arm, "min_score", -kAny, -kAny, kAny);
  return ask;
}

std::shared_ptr<const Experiments::List> Experiments::all() const {
  const std::int64_t now = context_.now_ms();
  const std::lock_guard lock(mutex_);
  if (list_ != nullptr && now - read_ms_ < kFresh_ms) return list_;
  auto list = std::make_shared<List>();
  try {
    if (const auto kept = context_.engine.store().meta(kKey)) {
      const Json json = Json::parse(*kept, "the experiments kept in the store");
      for (const Json& each : json.as_array()) list->push_back(online::read_experiment(each, 0));
    }
    list_ = std::move(list);
  } catch (const Error& e) {
    if (e.code() != Code::io || list_ == nullptr) throw;     // the store is away: those known last hold on
  }
  read_ms_ = now;
  return list_;
}

const online::Experiment* Experiments::find(const List& list, std::string_view name) const {
  const auto found = std::find_if(list.begin(), list.end(), [&](const online::Experiment& one) { return one.name == name; });
  return found == list.end() ? nullptr : &*found;
}

void Experiments::keep(List list) {
  Json json = Json::array();
  for (const online::Experiment& one : list) json.push_back(online::to_json(one));
  context_.engine.set_meta(kKey, json.dump());
  const std::lock_guard lock(mutex_);
  list_ = std::make_shared<const List>(std::move(list));
  read_ms_ = context_.now_ms();
}

void Experiments::put(online::Experiment experiment) {
  for (const online::Arm& arm : experiment.arms) {   // a list of the arm, so that a bad filter or model is told now, not to users
    engine::Ask ask;
    ask.about = experiment.name;
    ask.log_exposure = false;
    context_.engine.recommend(changed(std::move(ask), arm.ask));
  }
  const std::lock_guard changing(change_);
  List list = *all();
  const auto found = std::find_if(list.begin(), list.end(), [&](const online::Experiment& one) { return one.name == experiment.name; });
  if (found == list.end()) {
    list.push_back(std::move(experiment));
  } else {
    if (found->runs_at(context_.now_ms()) && !deals_alike(*found, experiment))
      throw Refusal(409, "experiment_runs", "'" + experiment.name + "' runs; its users would change arms under way", "arms",
                    "stop it first (POST /v1/experiments/" + escape(experiment.name) + "/stop), or give the new one another name");
    *found = std::move(experiment);
  }
  keep(std::move(list));
}

void Experiments::remove(std::string_view name) {
  const std::lock_guard changing(change_);
  List list = *all();
  if (std::erase_if(list, [&](const online::Experiment& one) { return one.name == name; }) == 0) throw Error(Code::not_found, "no experiment '" + std::string(name) + "'");
  keep(std::move(list));
}

void Experiments::stop(std::string_view name) {
  const std::lock_guard changing(change_);
  List list = *all();
  for (online::Experiment& one : list) {
    if (one.name != name) continue;
    const std::int64_t now = std::max(context_.now_ms(), one.start_ms + 1);
    if (one.end_ms == 0 || one.end_ms > now) one.end_ms = now;
    return keep(std::move(list));
  }
  throw Error(Code::not_found, "no experiment '" + std::string(name) + "'");
}

engine::List Experiments::recommend(engine::Ask ask) const {
  const auto list = all();
  Json note = Json::object();
  const online::Experiment* drawn = nullptr;   // interleaving: one at a time
  for (const online::Experiment& one : *list) {
    if (!one.runs_at(context_.now_ms())) continue;
    const auto arm = online::arm_of(one, ask.user);
    if (!arm) continue;
    if (one.mode == online::Mode::interleave) {
      if (drawn == nullptr) drawn = &one;
      continue;
    }
    ask = changed(std::move(ask), one.arms[*arm].ask);
    merge(note, online::note_of(one, *arm));
  }
  if (drawn != nullptr) return interleaved(*drawn, ask, std::move(note));
  engine::List answer = context_.engine.recommend(ask);
  if (!note.as_object().empty()) answer.note = note.dump();
  return answer;
}

engine::List Experiments::interleaved(const online::Experiment& experiment, const engine::Ask& ask, Json note) const {
  engine::List a = context_.engine.recommend(changed(ask, experiment.arms[0].ask));
  engine::Ask other = changed(ask, experiment.arms[1].ask);
  other.request = a.request;
  engine::List b = context_.engine.recommend(other);
  const auto names = [](const engine::List& list) {
    std::vector<std::string> items;
    for (const engine::ListItem& item : list.items) items.push_back(item.item);
    return items;
  };
  Random random(std::hash<std::string>{}(a.request));
  const online::Interleaved drawn = online::interleave(names(a), names(b), std::max(a.items.size(), b.items.size()), random);
  std::vector<engine::ListItem> items;
  for (std::size_t place = 0; place < drawn.size(); ++place) items.push_back((drawn.teams[place] == 'a' ? a : b).items[drawn.from[place]]);
  a.items = std::move(items);
  merge(note, online::note_of(experiment, drawn.teams));
  a.note = note.dump();
  return a;
}

}  // namespace attune::serve
