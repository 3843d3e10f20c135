// attune guard: what the chat refuses: learn it better, once on a machine; see what it says of messages.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cmath>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/talk/safety/guard.h"
#include "attune/talk/safety/learned.h"

namespace attune::cli {
namespace {

void learn(const Context& context) {
  const auto began = std::chrono::steady_clock::now();
  context.say("tuning the guard's encoder: minutes, once on this machine");
  const talk::safety::Learned learned = talk::safety::learn(context.run());
  const double seconds = std::round(10 * std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()) / 10;
  if (context.json) {
    Json json = Json::object();
    json["file"] = learned.file.string(), json["cases"] = learned.cases, json["was_there"] = learned.was_there, json["seconds"] = seconds;
    return context.print_json(json);
  }
  if (learned.was_there) return context.print("learned already: " + learned.file.string() + "\n");
  context.print("learned from " + std::to_string(learned.cases) + " cases in " + std::to_string(static_cast<int>(std::ceil(seconds))) + " s: " + learned.file.string() +
                "\nattune chat, serve and mcp read with it from their next start on\n");
}

void tell(const Context& context, const std::string& message) {
  const talk::safety::Verdict verdict = talk::safety::judge(message);
  if (context.json) {
    Json json = Json::object();
    json["allowed"] = verdict.is_allowed(), json["kind"] = name(verdict.kind), json["why"] = verdict.why;
    return context.print_json(json);
  }
  context.print((verdict.is_allowed() ? std::string("passes") : "refused, " + std::string(name(verdict.kind)) + " (" + verdict.why + ")") + "\t" + printable(message) + "\n");
}

void judge(const Context& context, const std::vector<std::string>& messages) {
  talk::safety::prepare(context.run());
  for (const std::string& message : messages) tell(context, message);
  std::string line;
  while (messages.empty() && read_message(line)) tell(context, line);
}

}  // namespace

void add_guard(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("guard", "what the chat refuses to answer: learn it better, see what it says of messages");
  command->require_subcommand(1);
  command->footer("docs/privacy.md says what is refused. Example: attune guard learn");
  auto* learning = command->add_subcommand("learn", "tune the encoder to the guard's cases: minutes, once on a machine; it then refuses more of what harms and less of what does not");
  learning->footer("Without it the guard reads with the encoder as it is. Needs no workspace; the file (46 MB) lies beside the encoder.\nExample: attune guard learn");
  learning->callback([&context] { learn(context); });
  auto* judging = command->add_subcommand("judge", "say of messages whether they pass, and why not: of those given, else of each line read");
  auto messages = std::make_shared<std::vector<std::string>>();
  judging->add_option("message", *messages, "what somebody might write");
  judging->footer("Example: attune guard judge \"how do I kill a process?\"");
  judging->callback([&context, messages] { judge(context, *messages); });
}

}  // namespace attune::cli
