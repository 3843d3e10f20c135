// Experiment: see the header.
#include "attune/online/experiment.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/did_you_mean.h"

namespace attune::online {
namespace {

// Uniform in [0, 1).
double unit_hash(std::string_view salt, std::string_view purpose, std::string_view user) {
  const std::string hex = hash_hex(fmt::format("{}:{}:{}:{}", salt.size(), salt, purpose, user)).substr(0, 13);   // 52 bits
  return static_cast<double>(std::stoull(hex, nullptr, 16)) / 4503599627370496.0;
}

[[noreturn]] void refuse(const std::string& what) { throw Error(Code::bad_request, "experiment: " + what); }

void only(const Json& json, const std::vector<std::string>& known, const std::string& where) {
  if (!json.is_object()) refuse(where + " must be an object");
  for (const auto& [key, value] : json.as_object()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    refuse(fmt::format("{} has no '{}'{}", where, key, did_you_mean(key, known)));
  }
}

double number_at(const Json& json, const std::string& key, double otherwise, double low, double high) {
  const Json* found = json.find(key);
  if (found == nullptr) return otherwise;
  const double value = found->is_number() ? found->as_number() : std::nan("");
  if (!(value >= low && value <= high)) refuse(fmt::format("'{}' must be a number in {}..{}", key, low, high));
  return value;
}

std::string text_at(const Json& json, const std::string& key, const std::string& otherwise) {
  const Json* found = json.find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_string() || found->as_string().empty() || found->as_string().size() > 100) refuse("'" + key + "' must be a text of 1..100 bytes");
  return found->as_string();
}

std::string metric_at(const Json& json, const std::string& otherwise) {
  const std::string metric = text_at(json, "metric", otherwise);
  const auto& known = metric_names();
  if (std::find(known.begin(), known.end(), metric) == known.end())
    refuse(fmt::format("there is no metric '{}'; there are {}", metric, fmt::join(known, ", ")));
  return metric;
}

std::vector<Arm> read_arms(const Json& json) {
  const Json* list = json.find("arms");
  if (list == nullptr || !list->is_array() || list->as_array().size() < 2 || list->as_array().size() > 20) refuse("'arms' must be a list of 2..20 arms, the control first");
  std::vector<Arm> arms;
  double sum = 0;
  for (const Json& each : list->as_array()) {
    only(each, {"name", "share", "ask"}, "an arm");
    Arm arm{.name = text_at(each, "name", ""), .share = number_at(each, "share", 1, 1e-4, 1e4), .ask = Json::object()};
    if (arm.name.empty()) refuse("an arm needs a name");
    for (const Arm& other : arms)
      if (other.name == arm.name) refuse("two arms are called '" + arm.name + "'");
    if (const Json* ask = each.find("ask")) {
      only(*ask, {"k", "filter", "caps", "models", "diversity", "min_score"}, "'ask' of an arm");
      arm.ask = *ask;
    }
    sum += arm.share;
    arms.push_back(std::move(arm));
  }
  for (Arm& arm : arms) arm.share /= sum;
  return arms;
}

}  // namespace

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = {"conversion", "takes", "take_rate", "value", "returns", "fewer_dislikes"};
  return names;
}

bool is_less_better(std::string_view metric) noexcept { return metric.starts_with("fewer_"); }

Experiment read_experiment(const Json& json, std::int64_t now_ms) {
  only(json, {"name", "salt", "mode", "share", "arms", "metric", "guardrails", "confidence", "effect", "window_hours", "start_ms", "end_ms"}, "an experiment");
  Experiment experiment;
  experiment.name = text_at(json, "name", "");
  if (experiment.name.empty()) refuse("a name is needed");
  experiment.salt = text_at(json, "salt", experiment.name);
  const std::string mode = text_at(json, "mode", "split");
  if (mode != "split" && mode != "interleave") refuse("'mode' must be split or interleave");
  experiment.mode = mode == "split" ? Mode::split : Mode::interleave;
  experiment.share = number_at(json, "share", 1, 0, 1);
  experiment.arms = read_arms(json);
  if (experiment.mode == Mode::interleave && experiment.arms.size() != 2) refuse("interleaving compares two arms");
  experiment.metric = metric_at(json, experiment.metric);
  if (const Json* list = json.find("guardrails")) {
    if (!list->is_array()) refuse("'guardrails' must be a list");
    for (const Json& each : list->as_array()) {
      only(each, {"metric", "margin"}, "a guardrail");
      experiment.guardrails.push_back({metric_at(each, ""), number_at(each, "margin", 0, 0, 10)});
    }
  }
  experiment.confidence = number_at(json, "confidence", experiment.confidence, 0.5, 0.9999);
  experiment.effect = number_at(json, "effect", experiment.effect, 1e-4, 10);
  experiment.window_hours = number_at(json, "window_hours", experiment.window_hours, 0, 24 * 365);
  experiment.start_ms = static_cast<std::int64_t>(number_at(json, "start_ms", static_cast<double>(now_ms), 0, 1e15));
  experiment.end_ms = static_cast<std::int64_t>(number_at(json, "end_ms", 0, 0, 1e15));
  if (experiment.end_ms != 0 && experiment.end_ms <= experiment.start_ms) refuse("it ends before it starts");
  return experiment;
}

Json to_json(const Experiment& experiment) {
  Json json = Json::object();
  json["name"] = experiment.name;
  json["salt"] = experiment.salt;
  json["mode"] = experiment.mode == Mode::split ? "split" : "interleave";
  json["share"] = experiment.share;
  Json arms = Json::array();
  for (const Arm& arm : experiment.arms) {
    Json one = Json::object();
    one["name"] = arm.name;
    one["share"] = arm.share;
    one["ask"] = arm.ask;
    arms.push_back(std::move(one));
  }
  json["arms"] = std::move(arms);
  json["metric"] = experiment.metric;
  Json guardrails = Json::array();
  for (const Guardrail& guardrail : experiment.guardrails) {
    Json one = Json::object();
    one["metric"] = guardrail.metric;
    one["margin"] = guardrail.margin;
    guardrails.push_back(std::move(one));
  }
  json["guardrails"] = std::move(guardrails);
  json["confidence"] = experiment.confidence;
  json["effect"] = experiment.effect;
  json["window_hours"] = experiment.window_hours;
  json["start_ms"] = static_cast<long long>(experiment.start_ms);
  json["end_ms"] = static_cast<long long>(experiment.end_ms);
  return json;
}

std::optional<std::size_t> arm_of(const Experiment& experiment, std::string_view user) {
  if (user.empty() || unit_hash(experiment.salt, "in", user) >= experiment.share) return std::nullopt;
  double left = unit_hash(experiment.salt, "arm", user);
  for (std::size_t a = 0; a + 1 < experiment.arms.size(); ++a) {
    if (left < experiment.arms[a].share) return a;
    left -= experiment.arms[a].share;
  }
  return experiment.arms.size() - 1;
}

}  // namespace attune::online
