// attune import: files into the store, the guessed mapping shown first.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/data/import.h"

namespace attune::cli {
namespace {

struct Options {
  std::vector<std::string> files, maps;
  data::ImportOptions import;
  bool dry_run = false, no_clean = false;
};

void read_maps(Options& options) {
  for (const std::string& text : options.maps) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw Error(Code::bad_request, "--map takes field=column (user=customer_id), not '" + text + "'");
    options.import.map[text.substr(0, equals)] = text.substr(equals + 1);
  }
}

std::string shown(const std::string& file, const data::Mapping& mapping) {
  std::string text = file + ": " + mapping.format + ", " + mapping.kind + ", " + mapping.encoding;
  if (!mapping.compression.empty()) text += ", " + mapping.compression;
  if (!mapping.time_format.empty()) text += ", times " + mapping.time_format;
  text += "\n";
  for (const auto& [field, column] : mapping.columns) text += "  " + printable(field) + " <- " + printable(column) + "\n";
  for (const std::string& note : mapping.notes) text += "  note: " + printable(note) + "\n";
  return text;
}

std::string counted(const data::Batch& batch, const data::Appended& done, double seconds, std::size_t rows) {
  std::string text = "  " + std::to_string(done.accepted) + " events taken";
  if (done.repeated > 0) text += ", " + std::to_string(done.repeated) + " were there already";
  text += ", " + std::to_string(batch.items.size()) + " items, " + std::to_string(batch.users.size()) + " users, " +
          std::to_string(batch.rejections.size()) + " rows set aside";
  if (rows > 0) text += "; " + std::to_string(rows) + " rows in " + std::to_string(seconds).substr(0, 4) + " s";
  return text + "\n";
}

void import_one(const Context& context, const Options& options, const std::string& file, data::Store& store, Json& results) {
  const Run run = context.run();
  const auto began = std::chrono::steady_clock::now();
  const data::Mapping mapping = data::guess(file, options.import, run);
  if (!context.json) context.print(shown(file, mapping));
  Json result = Json::object();
  result["file"] = file;
  result["mapping"] = mapping.to_json();
  if (!options.dry_run) {
    const data::Batch batch = data::read(file, mapping, options.import, run);
    run.check();
    const data::Appended done = store.take(batch);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const Json* rows = batch.report.find("rows");
    if (!context.json) {
      if (const Json* sentences = batch.report.find("sentences"))
        for (const Json& sentence : sentences->as_array()) context.print("  " + printable(sentence.as_string()) + "\n");
      context.print(counted(batch, done, seconds, rows != nullptr ? static_cast<std::size_t>(rows->as_integer()) : 0));
    }
    result["accepted"] = static_cast<unsigned long long>(done.accepted);
    result["repeated"] = static_cast<unsigned long long>(done.repeated);
    result["items"] = static_cast<unsigned long long>(batch.items.size());
    result["users"] = static_cast<unsigned long long>(batch.users.size());
    result["rejected"] = static_cast<unsigned long long>(batch.rejections.size());
    result["seconds"] = seconds;
    result["report"] = batch.report;
  }
  results.push_back(std::move(result));
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("import", "read files into the workspace; the format is guessed and shown");
  const auto options = std::make_shared<Options>();
  command->add_option("files", options->files, "CSV, TSV, JSONL, MovieLens, RecBole, Gorse, Amazon or invoice files; .gz and .zst too")->required();
  command->add_option("--map", options->maps, "field=column, repeatable: --map user=customer_id --map time=bought_at");
  command->add_option("--format", options->import.format, "instead of guessing: see attune list");
  command->add_option("--kind", options->import.kind, "instead of guessing: events, items, users or invoices");
  command->add_option("--type", options->import.event_type, "type of events in files without one");
  command->add_option("--time-zone", options->import.time_zone, "of times without one: +01:00; default UTC");
  command->add_flag("--no-clean", options->no_clean, "take rows as they are: no duplicates, cancellations or fees taken out");
  command->add_flag("--dry-run", options->dry_run, "show how the files would be read, change nothing");
  command->footer(
      "Examples:\n"
      "  attune -w shop import items.csv events.csv.gz\n"
      "  attune -w shop import orders.csv --map user=customer_id --map item=sku --map time=ordered_at\n"
      "  attune -w shop import log.jsonl --dry-run");
  command->callback([&context, options] {
    read_maps(*options);
    const auto workspace = context.open_workspace();
    const engine::Settings settings = context.settings(workspace, {});
    options->import.clean = settings.import.clean && !options->no_clean;
    if (options->import.time_zone.empty()) options->import.time_zone = settings.import.time_zone;
    const auto store = workspace.store();
    Json results = Json::array();
    for (const std::string& file : options->files) import_one(context, *options, file, *store, results);
    if (context.json)
      context.print_json(results);
    else if (!options->dry_run)
      context.print("next: attune fit   (rows that were set aside: attune doctor)\n");
  });
}

}  // namespace attune::cli
