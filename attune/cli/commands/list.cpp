// attune list, attune settings: what is built in, and every setting with its help.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/engine/registry.h"
#include "attune/engine/settings.h"

namespace attune::cli {
namespace {

std::string padded(const std::string& text, std::size_t width) { return text + std::string(width > text.size() ? width - text.size() : 1, ' '); }

std::string plural(const std::string& kind) { return kind == "index" ? "indexes" : kind + "s"; }

// "model" and "models" are the same question. Throws Error: bad_request naming the nearest kind.
std::string kind_named(const std::string& word) {
  std::vector<std::string> kinds;
  for (const engine::Plugin& plugin : engine::plugins()) {
    if (word == plugin.kind || word == plural(plugin.kind)) return plugin.kind;
    if (kinds.empty() || kinds.back() != plugin.kind) kinds.emplace_back(plugin.kind);
  }
  const std::string near = nearest(word, kinds);
  std::string known;
  for (const std::string& kind : kinds) known += (known.empty() ? "" : ", ") + kind;
  throw Error(Code::bad_request, "no plug-ins of kind '" + word + "'" + (near.empty() ? "" : ", perhaps '" + near + "'") + "; there are: " + known);
}

void print_plugins(const Context& context, const std::string& asked) {
  const std::string kind = asked.empty() ? "" : kind_named(asked);
  Json json = Json::array();
  std::string text, last;
  for (const engine::Plugin& plugin : engine::plugins()) {
    if (!kind.empty() && plugin.kind != kind) continue;
    Json entry = Json::object();
    entry["kind"] = plugin.kind;
    entry["name"] = plugin.name;
    entry["about"] = plugin.about;
    entry["source"] = plugin.source;
    json.push_back(std::move(entry));
    if (plugin.kind != last) text += (last.empty() ? "" : "\n") + plural(plugin.kind) + "\n";
    last = plugin.kind;
    text += "  " + padded(plugin.name, 18) + plugin.about + "  (" + plugin.source + ")\n";
  }
  context.json ? context.print_json(json) : context.print(text);
}

// ", perhaps 'slist.lambda'" or nothing.
std::string nearest_setting(const std::string& word) {
  std::vector<std::string> known;
  for (const Setting& setting : engine::documented_settings()) {
    known.push_back(setting.name);
    known.push_back(setting.name.substr(0, setting.name.find('.')));
  }
  const std::string near = nearest(word, known);
  return near.empty() ? "" : ", perhaps '" + near + "'";
}

void print_settings(const Context& context, const std::string& section) {
  Json json = Json::array();
  std::string text, last;
  for (const Setting& setting : engine::documented_settings()) {
    if (!section.empty() && !setting.name.starts_with(section + ".") && setting.name != section) continue;
    Json entry = Json::object();
    entry["name"] = setting.name;
    entry["type"] = setting.type;
    entry["default"] = setting.standard;
    entry["help"] = setting.help;
    json.push_back(std::move(entry));
    const std::string group = setting.name.substr(0, setting.name.find('.'));
    if (group != last) text += (last.empty() ? "[" : "\n[") + group + "]\n";
    last = group;
    text += "  " + padded(setting.name, 28) + padded(setting.standard.dump(), 14) + setting.help + "\n";
  }
  if (json.size() == 0) throw Error(Code::bad_request, "no section or setting '" + section + "'" + nearest_setting(section) + "; see attune settings");
  context.json ? context.print_json(json) : context.print(text);
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  auto* list = app.add_subcommand("list", "what is built in: models, encoders, formats, metrics, splits, stages");
  const auto kind = std::make_shared<std::string>();
  list->add_option("kind", *kind, "only model, encoder, split, index, store, format, metric or stage");
  list->footer("Examples:\n  attune list\n  attune list models");
  list->callback([&context, kind] { print_plugins(context, *kind); });

  auto* settings = app.add_subcommand("settings", "every setting of attune.toml with its default and what it means");
  const auto section = std::make_shared<std::string>();
  settings->add_option("section", *section, "only one section or setting: lists, slist, slist.lambda");
  settings->footer("Examples:\n  attune settings slist\n  attune settings slist.lambda");
  settings->callback([&context, section] { print_settings(context, *section); });
}

}  // namespace attune::cli
