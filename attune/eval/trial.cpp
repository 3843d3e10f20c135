// Trial as JSON and back.
#include "attune/eval/trial.h"

#include <cmath>
#include <limits>

namespace attune::eval {
namespace {

Json figure_json(const Figure& figure) {
  Json json = Json::object();
  json["name"] = figure.name;
  json["mean"] = figure.mean;
  json["sd"] = figure.sd;
  json["low"] = figure.low;
  json["high"] = figure.high;
  json["users"] = figure.n;
  return json;
}

Figure figure_from(const Json& json) {
  return {.name = json.at("name").as_string(),
          .mean = json.at("mean").as_number(),
          .sd = json.at("sd").as_number(),
          .low = json.at("low").as_number(),
          .high = json.at("high").as_number(),
          .has_interval = json.at("low").as_number() < json.at("high").as_number(),
          .n = static_cast<std::size_t>(json.at("users").as_integer())};
}

double number_or_nan(const Json& json) { return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.as_number(); }

}  // namespace

Json to_json(const Trial& trial) {
  Json json = Json::object();
  json["model"] = trial.model;
  json["number"] = trial.number;
  json["settings"] = trial.settings;
  if (!trial.fitted.is_null()) json["fitted"] = trial.fitted;
  json["point"] = Json::array();
  for (const double u : trial.point) json["point"].push_back(std::isnan(u) ? Json() : Json(u));
  json["share"] = trial.share;
  if (trial.failure.empty() && trial.figure.n > 0) json["figure"] = figure_json(trial.figure);   // given up in training: none
  if (!trial.parts.empty()) json["parts"] = Json::array();
  for (const Figure& part : trial.parts) json["parts"].push_back(figure_json(part));
  json["fit_seconds"] = trial.fit_seconds;
  json["eval_seconds"] = trial.eval_seconds;
  json["peak_rss_bytes"] = trial.peak_rss_bytes;
  if (!trial.curves.empty()) json["curves"] = Json::object();
  for (const auto& [name, curve] : trial.curves) {
    Json points = Json::array();
    for (const auto& [step, value] : curve) points.push_back(Json(Json::Array{Json(step), Json(value)}));
    json["curves"][name] = std::move(points);
  }
  if (!trial.failure.empty()) json["failure"] = trial.failure;
  if (!trial.stopped.empty()) json["stopped"] = trial.stopped;
  return json;
}

Trial trial_from(const Json& json) {
  Trial trial{.model = json.at("model").as_string(), .number = static_cast<std::size_t>(json.at("number").as_integer()), .settings = json.at("settings")};
  if (const Json* fitted = json.find("fitted")) trial.fitted = *fitted;
  for (const Json& u : json.at("point").as_array()) trial.point.push_back(number_or_nan(u));
  trial.share = json.at("share").as_number();
  if (const Json* figure = json.find("figure")) trial.figure = figure_from(*figure);
  if (const Json* parts = json.find("parts"))
    for (const Json& part : parts->as_array()) trial.parts.push_back(figure_from(part));
  trial.fit_seconds = json.at("fit_seconds").as_number();
  trial.eval_seconds = json.at("eval_seconds").as_number();
  trial.peak_rss_bytes = static_cast<std::size_t>(json.at("peak_rss_bytes").as_integer());
  if (const Json* curves = json.find("curves"))
    for (const auto& [name, points] : curves->as_object())
      for (const Json& point : points.as_array())
        trial.curves[name].emplace_back(static_cast<std::size_t>(point.as_array().at(0).as_integer()), number_or_nan(point.as_array().at(1)));
  if (const Json* failure = json.find("failure")) trial.failure = failure->as_string();
  if (const Json* stopped = json.find("stopped")) trial.stopped = stopped->as_string();
  return trial;
}

}  // namespace attune::eval
