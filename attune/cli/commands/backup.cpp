// attune backup: the workspace in one file, while it is in use. attune restore: a workspace from such a file.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/context.h"
#include "attune/cli/rights.h"
#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/export.h"
#include "attune/engine/backup.h"

namespace attune::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  bool vectors = false, check = false;
  std::size_t keep = 0;
};

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1'000'000) return std::to_string((bytes + 999) / 1000) + " kB";
  return std::to_string(bytes / 1'000'000) + "." + std::to_string(bytes / 100'000 % 10) + " MB";
}

std::string words(const engine::BackupFacts& facts) {
  return (facts.has_store ? std::to_string(facts.events) + " events, " + std::to_string(facts.users) + " users, " + std::to_string(facts.items) + " items, " : "settings and ") +
         std::to_string(facts.snapshots) + (facts.snapshots == 1 ? " snapshot" : " snapshots") + " of " + data::iso_time(facts.made_ms / 1000 * 1000);
}

Json json_of(const engine::BackupFacts& facts, const std::string& file) {
  Json json = engine::to_json(facts);
  json["file"] = file;
  json["bytes"] = facts.bytes;
  return json;
}

void back_up(const Context& context, const Options& options) {
  const auto workspace = context.open_workspace();
  std::error_code problem;
  const bool is_folder = fs::is_directory(options.file, problem) || options.file.ends_with("/");
  if (options.keep > 0 && !is_folder) throw Error(Code::bad_request, "--keep goes with a folder, in which backups are named by their time; " + options.file + " is none");
  if (is_folder) fs::create_directories(options.file, problem);
  const fs::path file = is_folder ? engine::backup_name(options.file, now_ms()) : fs::path(options.file);
  const engine::BackupFacts facts = engine::back_up(workspace, file, {.vectors = options.vectors}, context.run());
  const std::size_t gone = options.keep > 0 ? engine::prune_backups(options.file, options.keep) : 0;
  if (!facts.has_store) context.say("the data lies in " + workspace.store_name() + ", not in this backup; make one of it there: pg_dump");
  if (context.progress_lines) context.run().remark("wrote " + file.string());
  if (context.json) return context.print_json(json_of(facts, file.string()));
  context.print(file.string() + ": " + words(facts) + ", " + size_text(facts.bytes) + (gone == 0 ? "" : "; " + std::to_string(gone) + " older ones deleted") + "\n");
}

void restore(const Context& context, const Options& options) {
  if (options.check) {
    const engine::BackupFacts facts = engine::check_backup(options.file);
    if (context.json) return context.print_json(json_of(facts, options.file));
    return context.print(options.file + " is sound: " + words(facts) + ", " + size_text(facts.bytes) + "\n");
  }
  if (context.workspace.empty()) throw Error(Code::bad_request, "restore into which folder? attune -w NEW restore " + options.file);
  const engine::BackupFacts facts = engine::restore(options.file, context.workspace, context.run());
  serve::Access(serve::Access::path_in(context.workspace)).note({command_entry("restore", fs::path(options.file).filename().string())});
  if (context.json) return context.print_json(json_of(facts, options.file));
  context.print("workspace ready in " + context.workspace + ": " + words(facts) + "\nnext: attune -w " + context.workspace + (facts.snapshots > 0 ? " serve\n" : " fit\n"));
}

}  // namespace

void add_backup(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  auto* backup = app.add_subcommand("backup", "the workspace in one file, made while it is in use");
  backup->add_option("file", options->file, "name of the file (a tar), or a folder, in which it is named by the time")->required();
  backup->add_flag("--vectors", options->vectors, "with the cache of read texts: larger, and the next fit reads none anew");
  backup->add_option("--keep", options->keep, "of the backups in that folder, keep the newest so many")->check(CLI::Range(1, 100000));
  backup->footer("Examples:\n  attune -w shop backup shop.tar\n  attune -w shop backup /var/backups/shop/ --keep 14");
  backup->callback([&context, options] { back_up(context, *options); });
  auto* command = app.add_subcommand("restore", "a workspace from a backup, every byte of it checked");
  command->add_option("file", options->file, "what attune backup wrote")->required();
  command->add_flag("--check", options->check, "only say whether it is sound");
  command->footer("Examples:\n  attune -w shop-again restore shop.tar\n  attune restore --check shop.tar");
  command->callback([&context, options] { restore(context, *options); });
}

}  // namespace attune::cli
