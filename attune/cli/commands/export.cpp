// attune export: everything that was imported, written out so that it imports again.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/data/export.h"

namespace attune::cli {
namespace {

struct Options {
  std::string events, items, users, format;
};

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
    if (!options->events.empty()) data::export_events(*store, options->events, options->format, context.run());
    if (!options->items.empty()) data::export_records(*store, data::Kind::item, options->items, options->format, context.run());
    if (!options->users.empty()) data::export_records(*store, data::Kind::user, options->users, options->format, context.run());
  });
}

}  // namespace attune::cli
