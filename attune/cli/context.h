// Context: what every command gets from main: where the workspace is, how to print, how to be stopped.
#pragma once
#include <atomic>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/engine/workspace.h"

namespace CLI {
class App;
}

namespace attune::cli {

struct Context {
  std::string workspace;         // -w; empty = the nearest parent folder with attune.toml
  bool json = false;
  bool quiet = false;            // no progress, no remarks
  bool progress_lines = false;   // progress and remarks as JSON lines on stderr, for a program that watches
  int threads = 0;
  std::string command_line = {};  // as typed, for reports

  engine::Workspace open_workspace() const;
  // Settings of the workspace with every "section.key=value" of `sets` put over.
  engine::Settings settings(const engine::Workspace& workspace, const std::vector<std::string>& sets) const;
  // Progress and remarks to the terminal (stderr), stopped by Ctrl-C.
  Run run() const;
  // Prints one JSON value on stdout, ended by a newline.
  void print_json(const Json& json) const;
  // Prints text on stdout, what a terminal would obey written out. Throws Error: io when nobody reads it any more.
  void print(const std::string& text) const;
  // Prints bytes as they are, unless a terminal would obey them: for files that go to stdout.
  void print_bytes(std::string_view bytes) const;
  // A remark for people, on stderr; nothing when quiet.
  void say(const std::string& text) const;
};

// The flag that Ctrl-C sets. Work that has not stopped a second later, or a second Ctrl-C, ends the process (exit code 7).
const std::atomic<bool>& stop_flag();
void catch_interrupts();

// One per file of cli/commands; each adds its subcommand with its options and help.
using Action = std::function<void()>;
void add_init(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_fit(CLI::App& app, Context& context);
void add_recommend(CLI::App& app, Context& context);
void add_find(CLI::App& app, Context& context);      // similar, search
void add_explain(CLI::App& app, Context& context);
void add_chat(CLI::App& app, Context& context);
void add_evaluate(CLI::App& app, Context& context);
void add_tune(CLI::App& app, Context& context);
void add_dialogues(CLI::App& app, Context& context);
void add_erase(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_keys(CLI::App& app, Context& context);      // keys, audit
void add_list(CLI::App& app, Context& context);      // list, settings
void add_mcp(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_backup(CLI::App& app, Context& context);    // backup, restore
void add_desk(CLI::App& app, Context& context);      // desk import, train, answer, learn, evaluate
void add_demo(CLI::App& app, Context& context);

}  // namespace attune::cli
