// attune list, attune settings: what is built in, and every setting with its help.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/engine/registry.h"
#include "attune/engine/settings.h"

namespace attune::cli {
namespace {

std::string padded(const std::string& text, std::size_t width) { return text + std::string(width > text.size() ? width - text.size() : 1, ' '); }

void print_plugins(const Context& context, const std::string& kind) {
  Json json = Json::array();
  std::string text, last;
  bool any = false;
  for (const engine::Plugin& plugin : engine::plugins()) {
    if (!kind.empty() && plugin.kind != kind) continue;
    any = true;
    Json entry = Json::object();
    entry["kind"] = plugin.kind;
    entry["name"] = plugin.name;
    entry["about"] = plugin.about;
    entry["source"] = plugin.source;
    json.push_back(std::move(entry));
    if (plugin.kind != last) text += (last.empty() ? "" : "\n") + plugin.kind + "s\n";
    last = plugin.kind;
    text += "  " + padded(plugin.name, 18) + plugin.about + "  (" + plugin.source + ")\n";
  }
  if (!any) throw Error(Code::bad_request, "no plug-ins of kind '" + kind + "'; kinds: model, encoder, split, index, store, format, metric, stage");
  context.json ? context.print_json(json) : context.print(text);
}

void print_settings(const Context& context, const std::string& section) {
  Json json = Json::array();
  std::string text, last;
  for (const Setting& setting : engine::documented_settings()) {
    if (!section.empty() && !setting.name.starts_with(section + ".")) continue;
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
  if (json.size() == 0) throw Error(Code::bad_request, "no section '" + section + "'; see attune settings");
  context.json ? context.print_json(json) : context.print(text);
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  auto* list = app.add_subcommand("list", "what is built in: models, encoders, formats, metrics, splits, stages");
  const auto kind = std::make_shared<std::string>();
  list->add_option("kind", *kind, "only model, encoder, split, index, store, format, metric or stage");
  list->callback([&context, kind] { print_plugins(context, *kind); });

  auto* settings = app.add_subcommand("settings", "every setting of attune.toml with its default and what it means");
  const auto section = std::make_shared<std::string>();
  settings->add_option("section", *section, "only one section: lists, slist, events");
  settings->footer("Example: attune settings slist");
  settings->callback([&context, section] { print_settings(context, *section); });
}

}  // namespace attune::cli
