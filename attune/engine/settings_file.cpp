// Settings file: attune.toml read into Settings, and the commented one that `attune init` writes.
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <filesystem>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/engine/settings.h"

namespace attune::engine {

void merge_section(Settings& settings, const std::string& section, const Json& json);  // settings.cpp

namespace {

Json from_toml(const toml::node& node, const std::string& where) {
  if (const auto* table = node.as_table()) {
    Json json = Json::object();
    for (const auto& [key, value] : *table) json[key.str()] = from_toml(value, where);
    return json;
  }
  if (const auto* array = node.as_array()) {
    Json json = Json::array();
    for (const toml::node& value : *array) json.push_back(from_toml(value, where));
    return json;
  }
  if (const auto* s = node.as_string()) return Json(s->get());
  if (const auto* b = node.as_boolean()) return Json(b->get());
  if (const auto* i = node.as_integer()) return Json(static_cast<long long>(i->get()));
  if (const auto* f = node.as_floating_point()) return Json(f->get());
  throw Error(Code::bad_request, where + ":" + std::to_string(node.source().begin.line) + ": dates are not used in settings; write text");
}

Json member(std::string_view key, Json value) {
  Json json = Json::object();
  json[key] = std::move(value);
  return json;
}

// Puts what stands at `node` over the settings; what is wrong with it gets its line.
void merge_at(Settings& settings, const std::string& section, const Json& json, const toml::node& node, const std::string& path) {
  try {
    merge_section(settings, section, json);
  } catch (const Error& e) {
    throw Error(e.code(), path + ":" + std::to_string(node.source().begin.line) + ": in [" + section + "]: " + e.what());
  }
}

}  // namespace

Settings read_settings(const std::string& path) {
  const std::string text = read_file(path);
  toml::table table;
  try {
    table = toml::parse(text, path);
  } catch (const toml::parse_error& e) {
    throw Error(Code::bad_data, path + ":" + std::to_string(e.source().begin.line) + ": " + std::string(e.description()));
  }
  Settings settings = standard_settings();
  for (const auto& [key, node] : table) {
    const std::string section(key.str());
    if (!node.is_table())
      throw Error(Code::bad_request, path + ":" + std::to_string(node.source().begin.line) + ": '" + section + "' stands outside a [section]");
    merge_at(settings, section, Json::object(), node, path);  // is it a section at all
    for (const auto& [inner, value] : *node.as_table()) {
      if (section == "events" && value.is_table() && !value.as_table()->empty()) {
        for (const auto& [one, last] : *value.as_table()) merge_at(settings, section, member(inner.str(), member(one.str(), from_toml(last, path))), last, path);
      } else {
        merge_at(settings, section, member(inner.str(), from_toml(value, path)), value, path);
      }
    }
  }
  return settings;
}

std::string starter_toml() {
  std::string out =
      "# Settings of this workspace. Everything here has a default; `attune settings` explains every key.\n\n"
      "# What an event says about taste. Types that are not listed count 1 and hide the item from later lists.\n"
      "[events.purchase]\nweight = 1.0\n\n"
      "[events.view]\nweight = 0.2\nhalf_life_days = 30\nhides = false\n\n"
      "[events.dislike]\nweight = -1.0\n\n"
      "# What reads the texts: minilm for English, e5 for any language (slower), tfidf for plain words.\n"
      "[encoders]\nuse = [";
  const Settings standard = standard_settings();
  const auto join = [&](const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "\"" : ", \"") + names[i] + "\"";
    out += "]\n\n";
  };
  join(standard.encoders);
  out += "# Models that are fitted and fused; weights are learned on held-out events. See `attune list`.\n[models]\nuse = [";
  join(standard.models);
  out += "[lists]\nk = 10\ndiversity = 0.0\nlanguage = \"en\"\n\n[memory]\nbudget = \"4GB\"\n";
  return out;
}

}  // namespace attune::engine
