// Settings: sections, their keys and what each means; reading a file is in settings_file.cpp.
#include "attune/engine/settings.h"

#include <charconv>
#include <cmath>

#include "attune/core/error.h"
#include "attune/data/postgres_target.h"
#include "attune/data/values.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/engine/registry.h"
#include "attune/lm/remote.h"

namespace attune::engine {
namespace {

struct EventKeys {
  data::EventType type;
  template <class V>
  void visit(V& v) {
    v("weight", type.weight, "how much one event says; negative = dislike, 0 = recorded only");
    v("half_life_days", type.half_life_days, "after so many days it counts half; 0 = never fades");
    v("hides", type.hides, "the item is left out of the user's lists afterwards");
    v("use_value", type.use_value, "multiply the weight by the event's value (stars, minutes)");
    if (std::isfinite(type.min_value) || wants_min) v("min_value", type.min_value, "events with a smaller value do not count");
  }
  bool wants_min = true;
};

std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> list;
  std::string word;
  for (const char c : text + ",") {
    if (c == ',' || c == ' ') {
      if (!word.empty()) list.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return list;
}

// The names behind `use`, a list or a text with commas, each checked by `known`.
template <class Check>
std::vector<std::string> names(const Json& json, std::string_view key, Check&& known) {
  std::vector<std::string> list;
  if (json.is_string()) {
    list = split_names(json.as_string());
    for (const std::string& name : list) known(name);
    return list;
  }
  if (!json.is_array()) throw Error(Code::bad_request, std::string(key) + " takes a list of names, not " + json.dump());
  for (const Json& name : json.as_array()) {
    if (!name.is_string()) throw Error(Code::bad_request, std::string(key) + " takes names, not " + name.dump());
    known(name.as_string());
    list.push_back(name.as_string());
  }
  return list;
}

// P with the members of `json` put over `now`.
template <class P>
P merged(const P& now, const Json& json) {
  Json all = attune::to_json(now);
  if (!json.is_object()) throw Error(Code::bad_request, "expected settings in a section, not " + json.dump());
  for (const auto& [key, value] : json.as_object()) all[key] = value;
  return params_from<P>(all);
}

// Sections that are kept as given, in `plugin`: one a plug-in, and [language].
bool has_settings(std::string_view name, std::vector<Setting>& keys) {
  if (name == "language") {
    keys = settings_of<lm::RemoteParams>();
    return true;
  }
  for (const ModelPlugin& p : models())
    if (p.name == name) {
      keys = p.settings();
      return true;
    }
  for (const EncoderPlugin& p : encoders())
    if (p.name == name) {
      keys = p.settings();
      return true;
    }
  return false;
}

// Throws Error: bad_request unless the type of the setting can hold `value`.
void check_type(const std::string& name, const std::string& type, const Json& value) {
  bool flag = false;
  double number = 0;
  std::int64_t whole = 0;
  std::string text;
  if (type == "bool") detail::assign(name, value, flag);
  else if (type == "int") detail::assign(name, value, whole);
  else if (type == "float") detail::assign(name, value, number);
  else detail::assign(name, value, text);
}

void must(bool holds, const char* setting, const std::string& what, const Json& got) {
  if (!holds) throw Error(Code::bad_request, std::string(setting) + " must be " + what + ", not " + got.dump());
}

void check(const Settings::Lists& lists) {
  must(lists.k >= 1 && lists.k <= 1000, "lists.k", "1..1000", lists.k);
  must(lists.diversity >= 0 && lists.diversity <= 1, "lists.diversity", "0..1", lists.diversity);
  must(lists.language == "en" || lists.language == "zh", "lists.language", "en or zh", lists.language);
  must(lists.about_items >= 1, "lists.about_items", "1 or more", lists.about_items);
  must(lists.about_temperature > 0, "lists.about_temperature", "above 0", lists.about_temperature);
  parse_caps(lists.caps);
}
void check(const Settings::Fit& fit) {
  must(fit.keep_snapshots >= 1, "fit.keep_snapshots", "1 or more", fit.keep_snapshots);
  must(fit.evaluate_users >= 1, "fit.evaluate_users", "1 or more", fit.evaluate_users);
}
void check(const Settings::Import& import) {
  if (!import.time_zone.empty()) data::parse_zone(import.time_zone);
}

void merge_plugin(Settings& settings, const std::string& name, const std::vector<Setting>& keys, const Json& json) {
  std::vector<std::string> known;
  for (const Setting& k : keys) known.push_back(k.name);
  Json& mine = settings.plugin[name];
  if (mine.is_null()) mine = Json::object();
  for (const auto& [key, value] : json.as_object()) {
    bool found = false;
    for (const Setting& k : keys) {
      if (k.name != key) continue;
      found = true;
      check_type(name + "." + key, k.type, value);
    }
    if (!found) detail::unknown_setting(name + "." + key, [&] {
      std::vector<std::string> dotted;
      for (const std::string& k : known) dotted.push_back(name + "." + k);
      return dotted;
    }());
    mine[key] = value;
  }
}

std::vector<std::string> section_names() {
  std::vector<std::string> all = {"events", "encoders", "models", "lists", "fit", "memory", "import", "store", "language"};
  for (const ModelPlugin& p : models()) all.push_back(p.name);
  for (const EncoderPlugin& p : encoders()) all.push_back(p.name);
  return all;
}

}  // namespace

// Puts one section over the settings; shared with settings_file.cpp.
void merge_section(Settings& settings, const std::string& section, const Json& json) {
  const auto is_known_model = [](const std::string& name) { model_named(name); };
  const auto is_known_encoder = [](const std::string& name) { encoder_named(name); };
  if (section == "events") {
    for (const auto& [name, keys] : json.as_object()) {
      EventKeys now;
      if (const auto it = settings.events.find(name); it != settings.events.end()) now.type = it->second;
      Json all = keys;
      EventKeys read;
      read.type = now.type;
      std::vector<std::string> known;
      auto v = [&](std::string_view key, auto& field, std::string_view) {
        known.emplace_back(key);
        if (const Json* given = all.find(key)) detail::assign("events." + name + "." + std::string(key), *given, field);
      };
      read.visit(v);
      for (const auto& [key, value] : all.as_object()) {
        bool found = false;
        for (const std::string& k : known) found = found || k == key;
        if (!found) detail::unknown_setting(key, known);
      }
      settings.events[name] = read.type;
    }
  } else if (section == "encoders" || section == "models") {
    for (const auto& [key, value] : json.as_object()) {
      if (key != "use") detail::unknown_setting(section + "." + key, {section + ".use"});
      if (section == "encoders") {
        settings.encoders = names(value, "encoders.use", is_known_encoder);
        continue;
      }
      settings.models = names(value, "models.use", is_known_model);
      if (settings.models.empty()) throw Error(Code::bad_request, "models.use names no model; see attune list model");
    }
  } else if (section == "lists") {
    settings.lists = merged(settings.lists, json);
    check(settings.lists);
  } else if (section == "fit") {
    settings.fit = merged(settings.fit, json);
    check(settings.fit);
  } else if (section == "memory") {
    settings.memory = merged(settings.memory, json);
    settings.memory_bytes();
  } else if (section == "import") {
    settings.import = merged(settings.import, json);
    check(settings.import);
  } else if (section == "store") {
    settings.store = merged(settings.store, json);
    if (!settings.store.url.empty()) data::postgres_target(settings.store.url);
  } else {
    std::vector<Setting> keys;
    if (!has_settings(section, keys)) detail::unknown_setting(section, section_names());
    merge_plugin(settings, section, keys, json);
  }
}

std::size_t Settings::memory_bytes() const {
  const std::string& text = memory.budget;
  double v = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), v);
  std::string unit(end, text.data() + text.size());
  while (!unit.empty() && unit.front() == ' ') unit.erase(unit.begin());
  const double scale = unit == "GB" || unit == "GiB" || unit == "G" ? 0x1p30
                       : unit == "MB" || unit == "MiB" || unit == "M" ? 0x1p20
                       : unit == "TB"                                 ? 0x1p40
                                                                      : 0;
  if (problem != std::errc() || scale == 0 || !(v > 0) || v * scale > 0x1p60)
    throw Error(Code::bad_request, "memory.budget takes a size such as 500MB or 4GB, not '" + text + "'");
  return static_cast<std::size_t>(v * scale);
}

Json Settings::of_plugin(std::string_view name) const {
  for (const auto& [key, json] : plugin)
    if (key == name) return json;
  return Json();
}

Settings standard_settings() {
  Settings s;
  s.encoders = {"minilm", "tfidf"};
  s.models = {"slist", "ease", "item_knn", "popularity"};
  s.events["view"] = {.weight = 0.2f, .half_life_days = 30, .hides = false};
  s.events["click"] = {.weight = 0.3f, .half_life_days = 30, .hides = false};
  s.events["cart"] = {.weight = 0.6f, .hides = false};
  s.events["dislike"] = {.weight = -1.0f};
  // The same in Chinese logs. 购买, 下单 and 评分 are takes like every type that is not listed.
  for (const auto& [english, chinese] : {std::pair{"view", "浏览"}, {"click", "点击"}, {"cart", "加购"}, {"cart", "加入购物车"}, {"dislike", "不喜欢"}}) s.events[chinese] = s.events[english];
  return s;
}

void set(Settings& settings, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw Error(Code::bad_request, "--set takes section.key=value, not '" + std::string(assignment) + "'");
  const std::string path(assignment.substr(0, equals)), text(assignment.substr(equals + 1));
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos)
    throw Error(Code::bad_request, "--set takes section.key=value (slist.lambda=200), '" + path + "' has no section");
  const std::string section = path.substr(0, dot), key = path.substr(dot + 1);
  Json json = Json::object();
  if (section == "events") {
    const std::size_t second = key.rfind('.');
    if (second == std::string::npos)
      throw Error(Code::bad_request, "--set takes events.TYPE.key=value, not '" + std::string(assignment) + "'");
    json[key.substr(0, second)][key.substr(second + 1)] = Json(text);
  } else {
    json[key] = Json(text);
  }
  try {
    merge_section(settings, section, json);
  } catch (const Error& e) {
    if (section == "models" || section == "encoders") throw;  // names, which say enough and may come from --models
    throw Error(e.code(), path + ": " + e.what());
  }
}

std::vector<Setting> documented_settings() {
  std::vector<Setting> all;
  const auto add = [&](const std::string& section, std::vector<Setting> keys) {
    for (Setting& k : keys) {
      k.name = section + "." + k.name;
      all.push_back(std::move(k));
    }
  };
  const Settings standard = standard_settings();
  EventKeys event;
  auto v = [&](std::string_view name, auto& field, std::string_view help) {
    all.push_back({"events.TYPE." + std::string(name), detail::type_name<std::decay_t<decltype(field)>>(), Json(field), std::string(help)});
  };
  event.visit(v);
  Json list = Json::array();
  for (const std::string& n : standard.encoders) list.push_back(n);
  all.push_back({"encoders.use", "list", list, "what reads the texts: the best for your language first"});
  list = Json::array();
  for (const std::string& n : standard.models) list.push_back(n);
  all.push_back({"models.use", "list", list, "models fitted and fused; see attune list"});
  add("lists", settings_of<Settings::Lists>());
  add("fit", settings_of<Settings::Fit>());
  add("memory", settings_of<Settings::Memory>());
  add("import", settings_of<Settings::Import>());
  add("store", settings_of<Settings::Store>());
  add("language", settings_of<lm::RemoteParams>());
  for (const ModelPlugin& p : models()) add(p.name, p.settings());
  for (const EncoderPlugin& p : encoders()) add(p.name, p.settings());
  return all;
}

Json to_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, type] : settings.events) {
    EventKeys keys{type, std::isfinite(type.min_value)};
    json["events"][name] = attune::to_json(keys);
  }
  for (const std::string& n : settings.encoders) json["encoders"]["use"].push_back(n);
  for (const std::string& n : settings.models) json["models"]["use"].push_back(n);
  json["lists"] = attune::to_json(settings.lists);
  json["fit"] = attune::to_json(settings.fit);
  json["memory"] = attune::to_json(settings.memory);
  json["import"] = attune::to_json(settings.import);
  for (const auto& [name, given] : settings.plugin) json[name] = given;
  return json;
}

}  // namespace attune::engine
