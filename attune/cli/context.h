// Context: what every command gets from main: where the workspace is, how to print, how to be stopped.
#pragma once
#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/error.h"
#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/engine/workspace.h"

namespace CLI {
class App;
}

namespace attune::cli {

// Standard output has no reader any more (`attune ... | head`): nothing is wrong and nobody is left to be told, so the command ends quietly.
struct NobodyReads : Error {
  NobodyReads() : Error(Code::io, "nobody reads the output any more") {}
};

constexpr int kNobodyReads = 128 + 13;   // the exit code: what a shell says of a program that SIGPIPE ended

struct Context {
  std::string workspace;         // -w; empty = the nearest parent folder with attune.toml
  bool json = false;
  bool quiet = false;            // no progress, no remarks
  bool progress_lines = false;   // progress and remarks as JSON lines on stderr, for a program that watches
  int threads = 0;
  std::string command_line = {};  // as typed, for reports

  // What a person types before a command's name: "attune ", with the workspace that was named.
  std::string typed() const { return workspace.empty() ? "attune " : "attune -w " + workspace + " "; }
  engine::Workspace open_workspace() const;
  // Settings of the workspace with every "section.key=value" of `sets` put over.
  engine::Settings settings(const engine::Workspace& workspace, const std::vector<std::string>& sets) const;
  // Progress and remarks to the terminal (stderr), stopped by Ctrl-C.
  Run run() const;
  // Prints one JSON value on stdout, ended by a newline.
  void print_json(const Json& json) const;
  // Prints text on stdout, what a terminal would obey written out. Throws NobodyReads; Error: io when it cannot be written (a full disk).
  void print(const std::string& text) const;
  // Prints bytes as they are, unless a terminal would obey them: for files that go to stdout.
  void print_bytes(std::string_view bytes) const;
  // A remark for people, on stderr; nothing when quiet.
  void say(const std::string& text) const;
};

// The next message of standard input: a line without its end, cut at 1 MiB. False when there is none.
bool read_message(std::string& line);

// The flag that Ctrl-C sets. Work that has not stopped a second later, or a second Ctrl-C, ends the process (exit code 7).
const std::atomic<bool>& stop_flag();
void catch_interrupts();

}  // namespace attune::cli
