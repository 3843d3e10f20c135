// GET /v1/settings: every key of attune.toml with its meaning, its default and what it is now. GET /v1/plugins: what is built in.
#include <map>

#include "attune/engine/registry.h"
#include "attune/engine/settings.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

// "lists.k" in {"lists": {"k": 10}}; plug-ins hold only what was given. nullptr: as the default.
const Json* value_of(const Json& settings, const engine::Settings& given, const std::string& name, Json& room) {
  const std::size_t dot = name.find('.');
  const std::string section = name.substr(0, dot), key = name.substr(dot + 1);
  if (const Json* part = settings.find(section))
    if (const Json* value = part->find(key)) return value;
  room = given.of_plugin(section);
  return room.is_object() ? room.find(key) : nullptr;
}

HttpResponse settings(const HttpRequest&, Context& context) {
  const engine::Settings& now = context.engine.settings();
  const Json all = engine::to_json(now);
  Json json = Json::object();
  json["settings"] = Json::array();
  for (const Setting& setting : engine::documented_settings()) {
    if (setting.name.starts_with("events.")) continue;   // below, by type
    Json one = Json::object(), room;
    const Json* value = value_of(all, now, setting.name, room);
    one["name"] = setting.name;
    one["type"] = setting.type;
    one["help"] = setting.help;
    one["standard"] = setting.standard;
    one["value"] = value == nullptr ? setting.standard : *value;
    json["settings"].push_back(std::move(one));
  }
  json["events"] = Json::array();
  for (const auto& [type, keys] : now.events) {
    Json one = Json::object();
    one["type"] = type;
    one["weight"] = keys.weight;
    one["half_life_days"] = keys.half_life_days;
    one["hides"] = keys.hides;
    one["use_value"] = keys.use_value;
    json["events"].push_back(std::move(one));
  }
  json["file"] = context.workspace.settings_path().filename().string();
  return json_response(200, json);
}

HttpResponse plugins(const HttpRequest&, Context&) {
  Json json = Json::object();
  json["plugins"] = Json::array();
  for (const engine::Plugin& plugin : engine::plugins()) {
    Json one = Json::object();
    one["kind"] = plugin.kind;
    one["name"] = plugin.name;
    one["about"] = plugin.about;
    one["source"] = plugin.source;
    json["plugins"].push_back(std::move(one));
  }
  return json_response(200, json);
}

}  // namespace

void add_settings(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/settings", .handler = settings, .summary = "Every setting: what it means, its default, what it is now", .answer_schema = "Settings"});
  router.add({.method = "GET", .pattern = "/v1/plugins", .handler = plugins, .summary = "What is built in: models, encoders, splits, metrics, stages", .answer_schema = "Plugins", .has_etag = true});
}

}  // namespace attune::serve
