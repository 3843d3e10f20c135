// attune import: files, rows of a PostgreSQL database and messages of a Kafka topic into the store, the guessed mapping shown first.
#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/data/import.h"
#include "attune/data/kafka.h"
#include "attune/data/postgres_source.h"
#include "attune/engine/doctor.h"

namespace attune::cli {
namespace {

struct Options {
  std::vector<std::string> files, maps;
  data::ImportOptions import;
  bool dry_run = false, no_clean = false, follow = false;
  std::string postgres, query, table, kafka;
};

// What is read, and what it is called.
struct Source {
  std::filesystem::path file;
  std::string name;
};

// Of all files together: what the settings may not be ready for.
struct Seen {
  std::map<std::string, std::uint64_t> types;   // of events
  engine::Scripts scripts;                      // of items' texts
};

// Where rows of a database were written down is nobody's business.
std::string renamed(std::string text, const Source& source) {
  const std::string file = source.file.string();
  for (std::size_t at = 0; file != source.name && (at = text.find(file, at)) != std::string::npos; at += source.name.size()) text.replace(at, file.size(), source.name);
  return text;
}

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

// items, users: how many more the store has than before.
std::string counted(const data::Batch& batch, const data::Appended& done, double seconds, std::size_t rows, std::uint64_t items, std::uint64_t users) {
  std::string text = "  " + std::to_string(done.accepted) + " events taken";
  if (done.repeated > 0) text += ", " + std::to_string(done.repeated) + " were there already";
  const auto records = [](std::size_t count, std::uint64_t new_ones, const char* what) {
    return ", " + std::to_string(count) + what + (count > 0 && new_ones < count ? " (" + std::to_string(new_ones) + " of them new)" : "");
  };
  text += records(batch.items.size(), items, " items") + records(batch.users.size(), users, " users") + ", " +
          std::to_string(batch.rejections.size()) + " rows set aside";
  if (rows > 0) text += "; " + std::to_string(rows) + " rows in " + std::to_string(seconds).substr(0, 4) + " s";
  return text + "\n";
}

data::Batch read_one(const Source& source, const data::Mapping& mapping, const data::ImportOptions& options, const Run& run) {
  data::Batch batch = data::read(source.file, mapping, options, run);
  run.check();
  if (source.name == source.file.string()) return batch;
  batch.source = source.name;
  for (data::Rejection& row : batch.rejections) row.file = renamed(std::move(row.file), source);
  if (Json* sentences = batch.report.is_object() && batch.report.find("sentences") != nullptr ? &batch.report["sentences"] : nullptr) {
    Json told = Json::array();
    for (const Json& sentence : sentences->as_array()) told.push_back(renamed(sentence.as_string(), source));
    *sentences = std::move(told);
  }
  return batch;
}

void import_one(const Context& context, const Options& options, const Source& source, data::Store& store, Seen& seen, Json& results) {
  const Run run = context.run();
  const auto began = std::chrono::steady_clock::now();
  const data::Mapping mapping = data::guess(source.file, options.import, run);
  const bool is_told = !context.json && (!context.quiet || options.dry_run);
  if (is_told) context.print(renamed(shown(source.name, mapping), source));
  Json result = Json::object();
  result["file"] = source.name;
  result["mapping"] = mapping.to_json();
  if (!options.dry_run) {
    const data::Batch batch = read_one(source, mapping, options.import, run);
    const data::StoreCounts before = store.counts();
    const data::Appended done = store.take(batch);
    for (const data::Event& event : batch.events) ++seen.types[event.type];
    for (const data::Record& item : batch.items) seen.scripts.add(item.text);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const Json* rows = batch.report.find("rows");
    if (is_told) {
      if (const Json* sentences = batch.report.find("sentences"))
        for (const Json& sentence : sentences->as_array()) context.print("  " + printable(sentence.as_string()) + "\n");
      const data::StoreCounts after = store.counts();
      context.print(counted(batch, done, seconds, rows != nullptr ? static_cast<std::size_t>(rows->as_integer()) : 0, after.items - before.items, after.users - before.users));
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

void import_rows(const Context& context, Options& options, data::Store& store, Seen& seen, Json& results) {
  if (options.query.empty() == options.table.empty()) throw Error(Code::bad_request, "--from-postgres needs --query \"select ...\" or --table NAME");
  const data::PostgresRows rows(options.postgres, options.query.empty() ? data::query_of_table(options.table) : options.query, context.run());
  options.import.format = "csv";
  options.import.map["header"] = "yes";
  options.import.map["separator"] = ",";
  const Source source{rows.file(), data::shown_source(options.postgres, options.table)};
  try {
    import_one(context, options, source, store, seen, results);
  } catch (const Error& e) {
    throw Error(e.code(), renamed(e.what(), source));
  }
}

void import_messages(const Context& context, const Options& options, data::Store& store, Json& results) {
  const data::KafkaTopic topic = data::kafka_topic(options.kafka);
  const auto began = std::chrono::steady_clock::now();
  std::string problem;
  data::KafkaReading reading{.follow = options.follow, .append = {}, .progress = {}};
  reading.append = [&](std::vector<data::Event> events) { return store.append(events); };
  reading.progress = [&](const data::KafkaCounts& now) {
    if (now.problem != problem && !now.problem.empty()) context.say("note: " + now.problem);
    if (now.problem.empty() && !problem.empty()) context.say("note: reading " + topic.shown() + " again");
    problem = now.problem;
  };
  const data::KafkaCounts done = data::read_kafka(topic, store, reading, context.run());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (!context.json)
    context.print(topic.shown() + ": " + std::to_string(done.messages) + " messages\n  " + std::to_string(done.accepted) + " events taken, " + std::to_string(done.repeated) + " were there already, " +
                  std::to_string(done.rejected) + " messages set aside; " + std::to_string(seconds).substr(0, 4) + " s\n");
  Json result = Json::object();
  result["topic"] = topic.shown();
  result["messages"] = done.messages;
  result["accepted"] = done.accepted;
  result["repeated"] = done.repeated;
  result["rejected"] = done.rejected;
  result["seconds"] = seconds;
  results.push_back(std::move(result));
}

void tell_what_next(const Context& context, const engine::Settings& settings, const Seen& seen, const Json& results) {
  if (context.quiet) return;
  const std::string command = context.typed();
  long long rejected = 0;
  for (const Json& result : results.as_array())
    if (const Json* rows = result.find("rejected")) rejected += rows->as_integer();
  std::string notes;
  for (const std::string& sentence : engine::unknown_types({seen.types.begin(), seen.types.end()}, settings)) notes += "note: " + printable(sentence) + "\n";
  if (const std::string unread = seen.scripts.problem(settings); !unread.empty()) notes += "note: " + unread + "\n";
  context.print(notes + "next: " + command + "fit" +
                (rejected > 0 ? "   (rows that were set aside: " + command + "doctor)" : "") + "\n");
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("import", "read files into the workspace; the format is guessed and shown");
  const auto options = std::make_shared<Options>();
  command->add_option("files", options->files, "CSV, TSV, JSONL, MovieLens, RecBole, Gorse, Amazon or invoice files; .gz and .zst too");
  command->add_option("--map", options->maps, "field=column, repeatable: --map user=customer_id --map time=bought_at");
  command->add_option("--format", options->import.format, "instead of guessing: see attune list");
  command->add_option("--kind", options->import.kind, "instead of guessing: events, items, users or invoices");
  command->add_option("--type", options->import.event_type, "type of events in files without one");
  command->add_option("--time-zone", options->import.time_zone, "of times without one: +01:00; default UTC");
  command->add_flag("--no-clean", options->no_clean, "take rows as they are: no duplicates, cancellations or fees taken out");
  command->add_flag("--dry-run", options->dry_run, "show how the files would be read, change nothing");
  command->add_option("--from-postgres", options->postgres, "rows of a database: postgres://user@host/database (PGPASSWORD holds the password), with --query or --table");
  command->add_option("--query", options->query, "what to read there: \"select user_id as user, sku as item, bought_at as time from orders\"");
  command->add_option("--table", options->table, "a whole table there: orders, shop.orders");
  command->add_option("--from-kafka", options->kafka, "events of a topic, one JSON object a message: broker:9092/topic?group=NAME; each once, from where the last reading ended");
  command->add_flag("--follow", options->follow, "with --from-kafka: go on at the end until Ctrl-C");
  command->footer(
      "Examples:\n"
      "  attune -w shop import --from-postgres postgres://shop@db/shop --query \"select user_id as user, sku as item, at as time from orders\"\n"
      "  attune -w shop import --from-kafka localhost:9092/clicks\n"
      "  attune -w shop import items.csv events.csv.gz\n"
      "  attune -w shop import orders.csv --map user=customer_id --map item=sku --map time=ordered_at\n"
      "  attune -w shop import log.jsonl --dry-run");
  command->callback([&context, options] {
    read_maps(*options);
    if (options->files.empty() + options->postgres.empty() + options->kafka.empty() != 2)
      throw Error(Code::bad_request, "import what? give FILES, or --from-postgres URL, or --from-kafka BROKER/TOPIC");
    if (options->follow && options->kafka.empty()) throw Error(Code::bad_request, "--follow goes with --from-kafka");
    if (!options->query.empty() && options->postgres.empty()) throw Error(Code::bad_request, "--query goes with --from-postgres");
    if (options->dry_run && !options->kafka.empty()) throw Error(Code::bad_request, "--dry-run shows how files and tables would be read; a topic has one form: see attune import --help");
    const auto workspace = context.open_workspace();
    const engine::Settings settings = context.settings(workspace, {});
    options->import.clean = settings.import.clean && !options->no_clean;
    if (options->import.time_zone.empty()) options->import.time_zone = settings.import.time_zone;
    const auto store = workspace.store();
    Json results = Json::array();
    Seen seen;
    for (const std::string& file : options->files) import_one(context, *options, {file, file}, *store, seen, results);
    if (!options->postgres.empty()) import_rows(context, *options, *store, seen, results);
    if (!options->kafka.empty()) import_messages(context, *options, *store, results);
    if (context.json)
      context.print_json(results);
    else if (!options->dry_run)
      tell_what_next(context, settings, seen, results);
  });
}

}  // namespace attune::cli
