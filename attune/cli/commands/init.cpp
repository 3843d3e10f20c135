// attune init: make a workspace.
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <utility>

#include "attune/cli/context.h"
#include "attune/core/bytes.h"

namespace attune::cli {
namespace {

// A new workspace for Chinese texts: read by the encoder that knows them, reasons in Chinese. One that was there before stays as it is.
void speak_chinese(const engine::Workspace& workspace) {
  std::string settings = read_file(workspace.settings_path());
  for (const auto& [english, chinese] : {std::pair<std::string, std::string>{"\"minilm\"", "\"e5\""}, {"language = \"en\"", "language = \"zh\""}})
    if (const std::size_t at = settings.find(english); at != std::string::npos) settings.replace(at, english.size(), chinese);
  write_file(workspace.settings_path(), settings);
}

}  // namespace

void add_init(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("init", "make a workspace: a folder with settings and an empty store");
  const auto store = std::make_shared<std::string>();
  command->add_option("--store", *store, "where the data is kept: postgres://user@host:5432/database (PGPASSWORD holds the password); default: attune.db in the folder");
  const auto language = std::make_shared<std::string>("en");
  command->add_option("--language", *language, "of the texts and the reasons: en; or zh, which reads them by e5. attune.toml keeps it")->check(CLI::IsMember({"en", "zh"}));
  command->footer("Examples:\n  attune -w shop init\n  attune -w shop init --language zh\n  attune -w shop init --store postgres://shop@db.example/shop");
  command->callback([&context, store, language] {
    const std::string folder = context.workspace.empty() ? "." : context.workspace;
    std::error_code ignored;
    const bool is_new = !std::filesystem::exists(std::filesystem::path(folder) / "attune.toml", ignored);
    const auto workspace = engine::Workspace::init(folder, *store);
    if (is_new && *language == "zh") speak_chinese(workspace);
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
