// attune erase: take a user or an item out of everything, with a receipt.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "attune/cli/context.h"
#include "attune/cli/rights.h"
#include "attune/core/error.h"
#include "attune/data/store.h"
#include "attune/engine/snapshot.h"

namespace attune::cli {
namespace {

struct Options {
  std::string user, item;
  bool yes = false;
};

bool confirmed(const std::string& what) {
  if (::isatty(STDIN_FILENO) != 1) throw Error(Code::bad_request, "erasing cannot be undone; add --yes to do it without being asked");
  std::cerr << "Erase " << what << " for good? Type yes: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

// Snapshots sealed from a log that still held the events.
std::vector<std::string> still_holding(const engine::Workspace& workspace) { return engine::snapshot_names(workspace.snapshots_path()); }

Json receipt_json(const data::Receipt& receipt, const std::vector<std::string>& snapshots) {
  Json json = Json::object();
  json["receipt"] = receipt.id;
  json["kind"] = receipt.kind == data::Kind::user ? "user" : "item";
  json["name_hash"] = receipt.name_hash;
  json["events"] = static_cast<unsigned long long>(receipt.events);
  json["records"] = static_cast<unsigned long long>(receipt.records);
  json["exposures"] = static_cast<unsigned long long>(receipt.exposures);
  json["rejections"] = static_cast<unsigned long long>(receipt.rejections);
  json["time_ms"] = static_cast<long long>(receipt.time_ms);
  json["aggregates_in"] = Json::array();
  for (const std::string& name : snapshots) json["aggregates_in"].push_back(name);
  return json;
}

}  // namespace

void add_erase(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("erase", "take a user or an item out of everything for good, with a receipt");
  const auto options = std::make_shared<Options>();
  auto* user = command->add_option("--user", options->user, "name of the user");
  command->add_option("--item", options->item, "name of the item")->excludes(user);
  command->add_flag("--yes", options->yes, "do not ask");
  command->footer("Example: attune erase --user 17850 --yes");
  command->callback([&context, options] {
    if (options->user.empty() == options->item.empty()) throw Error(Code::bad_request, "erase whom? give --user NAME or --item NAME");
    const bool is_user = !options->user.empty();
    const std::string& name = is_user ? options->user : options->item;
    if (!options->yes && !confirmed((is_user ? "user " : "item ") + name)) throw Error(Code::cancelled, "nothing was erased");
    const auto workspace = context.open_workspace();
    const data::Receipt receipt = workspace.store()->erase(is_user ? data::Kind::user : data::Kind::item, name);
    serve::Access(serve::Access::path_in(workspace.folder())).note({command_entry(is_user ? "erase user" : "erase item", "receipt " + receipt.id)});
    const std::vector<std::string> snapshots = still_holding(workspace);
    if (context.json) {
      context.print_json(receipt_json(receipt, snapshots));
      return;
    }
    std::string text = "erased: " + std::to_string(receipt.events) + " events, " + std::to_string(receipt.records) + " records, " +
                       std::to_string(receipt.exposures) + " exposures, " + std::to_string(receipt.rejections) + " rows set aside\nreceipt " +
                       receipt.id + "\n";
    if (!snapshots.empty()) {
      text += "sums over all users in these snapshots were made before (no names, no histories), gone with the next fits:";
      for (const std::string& s : snapshots) text += " " + s;
      text += "\nto be rid of them now: attune -w " + workspace.folder().string() + " fit --set fit.keep_snapshots=1\n";
    }
    text += "files that still name " + std::string(is_user ? "this user" : "this item") + " bring the events back when they are imported again: take the lines out there too\n";
    context.print(text);
  });
}

}  // namespace attune::cli
