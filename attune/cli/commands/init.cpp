// attune init: make a workspace.
#include <CLI/CLI.hpp>

#include <memory>

#include "attune/cli/context.h"

namespace attune::cli {

void add_init(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("init", "make a workspace: a folder with settings and an empty store");
  const auto store = std::make_shared<std::string>();
  command->add_option("--store", *store, "where the data is kept: postgres://user@host:5432/database (PGPASSWORD holds the password); default: attune.db in the folder");
  command->footer("Examples:\n  attune -w shop init\n  attune -w shop init --store postgres://shop@db.example/shop");
  command->callback([&context, store] {
    const std::string folder = context.workspace.empty() ? "." : context.workspace;
    const auto workspace = engine::Workspace::init(folder, *store);
    if (context.json) {
      Json json = Json::object();
      json["workspace"] = workspace.folder().string();
      json["store"] = workspace.store_name();
      context.print_json(json);
    } else {
      context.print("workspace ready in " + workspace.folder().string() + (workspace.store_url().empty() ? "" : ", its data in " + workspace.store_name()) + "\nnext: attune -w " + folder + " import FILE...\n");
    }
  });
}

}  // namespace attune::cli
