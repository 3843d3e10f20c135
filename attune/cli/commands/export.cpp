// attune export: everything that was imported, written out so that it imports again.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/export.h"

namespace attune::cli {
namespace {

struct Options {
  std::string events, items, users, format;
};

// With --json what goes to standard output is JSON, a line a row.
data::ExportFormat format_of(const Options& options, const std::string& file, bool json) {
  if (!options.format.empty()) return data::export_format_named(options.format);
  if (json && file == "-") return data::ExportFormat::jsonl;
  return file.ends_with(".jsonl") || file.ends_with(".ndjson") ? data::ExportFormat::jsonl : data::ExportFormat::csv;
}

// Calls `write` with a sink for the file, which appears whole or not at all; "-" = standard output.
template <class Write>
void to_file(const Context& context, const std::string& file, Json& written, Write&& write) {
  if (file == "-") {
    write([&](std::string_view bytes) { context.print_bytes(bytes); });
    return;
  }
  ByteWriter out(file);
  const std::uint64_t rows = write([&](std::string_view bytes) { out.raw(bytes.data(), bytes.size()); });
  out.close();
  Json entry = Json::object();
  entry["file"] = file;
  entry["rows"] = static_cast<unsigned long long>(rows);
  written.push_back(std::move(entry));
  if (!context.json) context.say(std::to_string(rows) + " rows written to " + file);
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("export", "write events, items or users as CSV or JSONL that imports again");
  const auto options = std::make_shared<Options>();
  command->add_option("--events", options->events, "file to write the events to; - = standard output");
  command->add_option("--items", options->items, "file to write the items to; - = standard output");
  command->add_option("--users", options->users, "file to write the users to; - = standard output");
  command->add_option("--format", options->format, "csv or jsonl; default: by the file's name, else csv")->check(CLI::IsMember({"csv", "jsonl"}));
  command->footer("Example: attune export --events events.csv --items items.jsonl");
  command->callback([&context, options] {
    if (options->events.empty() && options->items.empty() && options->users.empty())
      throw Error(Code::bad_request, "export what? give --events FILE, --items FILE or --users FILE (- = standard output)");
    const auto store = context.open_workspace().store();
    const Run run = context.run();
    Json written = Json::array();
    if (!options->events.empty())
      to_file(context, options->events, written, [&](const data::Bytes& out) { return data::export_events(*store, format_of(*options, options->events, context.json), out, run); });
    if (!options->items.empty())
      to_file(context, options->items, written, [&](const data::Bytes& out) {
        return data::export_records(*store, data::Kind::item, format_of(*options, options->items, context.json), out, run);
      });
    if (!options->users.empty())
      to_file(context, options->users, written, [&](const data::Bytes& out) {
        return data::export_records(*store, data::Kind::user, format_of(*options, options->users, context.json), out, run);
      });
    if (context.json && written.size() > 0) context.print_json(written);
  });
}

}  // namespace attune::cli
