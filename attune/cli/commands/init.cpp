// attune init: make a workspace.
#include <CLI/CLI.hpp>

#include "attune/cli/context.h"

namespace attune::cli {

void add_init(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("init", "make a workspace: a folder with settings and an empty store");
  command->footer("Example: attune -w shop init");
  command->callback([&context] {
    const std::string folder = context.workspace.empty() ? "." : context.workspace;
    const auto workspace = engine::Workspace::init(folder);
    if (context.json) {
      Json json = Json::object();
      json["workspace"] = workspace.folder().string();
      context.print_json(json);
    } else {
      context.print("workspace ready in " + workspace.folder().string() + "\nnext: attune -w " + folder + " import FILE...\n");
    }
  });
}

}  // namespace attune::cli
