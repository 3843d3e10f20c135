// attune mcp: the Model Context Protocol over standard input and output, a message a line, for assistants that start programs.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/serve/mcp.h"
#include "attune/serve/service.h"

namespace attune::cli {
namespace {

constexpr std::size_t kLongestLine = std::size_t{4} << 20;

// One line without its end; false at the end of the input. A line that is too long is read past and comes back empty with `is_long`.
bool read_line(std::string& line, bool& is_long) {
  line.clear();
  is_long = false;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return true;
    if (line.size() < kLongestLine) line += static_cast<char>(c);
    else is_long = true;
  }
  return !line.empty();
}

}  // namespace

void add_mcp(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("mcp", "tools for assistants (Model Context Protocol) on standard input and output");
  const auto read_only = std::make_shared<bool>(false);
  command->add_flag("--read-only", *read_only, "without the tool rate: nothing is written but the log of lists shown");
  command->footer("An assistant starts it: {\"command\": \"attune\", \"args\": [\"-w\", \"/path/to/shop\", \"mcp\"]}. Over HTTP: attune serve, then http://127.0.0.1:8080/mcp (docs/mcp.md)");
  command->callback([&context, read_only] {
    const auto workspace = context.open_workspace();
    serve::ServeSettings settings;
    settings.threads = 1;
    settings.log_requests = false;
    const auto log = [](const Json& line) { std::fprintf(stderr, "%s\n", line.dump().c_str()); };   // standard output belongs to the protocol
    serve::Service service(workspace, settings, context.run(), log);
    const serve::Role role = *read_only ? serve::Role::read : serve::Role::write;
    std::string line;
    bool is_long = false;
    while (read_line(line, is_long)) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const auto answer = is_long ? serve::answer_mcp(std::string_view(), role, service.context()) : serve::answer_mcp(std::string_view(line), role, service.context());
      if (!answer) continue;
      const std::string text = answer->dump() + "\n";
      if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) break;   // nobody reads any more
    }
    service.close();
  });
}

}  // namespace attune::cli
