// App: the command line as a function, so that the demo can run commands as a person would. One of the three doors where
// errors are caught.
#include "attune/cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <sstream>
#include <string_view>

#include "attune/cli/context.h"
#include "attune/core/did_you_mean.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"

namespace attune::cli {

#define COMMANDS(name) void add_##name(CLI::App& app, Context& context);
#include "attune/cli/commands.def"

namespace {

constexpr const char* kExamples =
    "First steps:\n"
    "  attune -w shop init                                     make a workspace\n"
    "  attune -w shop import items.csv events.csv              read files; the format is guessed and shown\n"
    "  attune -w shop fit                                      read the texts, fit, judge, seal a snapshot\n"
    "  attune -w shop recommend --user ana --explain           a list, every item with its reason\n"
    "  attune -w shop recommend --about \"a gift for a cook\"    for somebody nobody knows yet\n"
    "Exit codes: 0 done, 2 bad request, 3 not found, 4 bad data, 5 input/output, 6 unsupported, 7 cancelled, 70 our mistake.\n";

constexpr std::size_t kLongestMessage = 2000;   // names in it may be of any length

int fail(const Context& context, Code code, const std::string& text) {
  const std::string message = printable(text, Lines::keep, kLongestMessage);
  if (context.json) {
    Json json = Json::object();
    json["error"]["code"] = name(code);
    json["error"]["message"] = message;
    std::fprintf(stderr, "%s\n", json.dump().c_str());
  } else {
    std::fprintf(stderr, "attune: %s\n", message.c_str());
  }
  return exit_code(code);
}

// Says something; the exit code.
template <class Say>
int told(const Context& context, const Say& say) {
  try {
    say();
  } catch (const NobodyReads&) {
    return kNobodyReads;
  } catch (const Error& e) {
    return fail(context, e.code(), e.what());
  }
  return 0;
}

// The command as a shell takes it: words with anything but plain characters in quotes.
std::string typed(const std::vector<std::string>& arguments) {
  std::string line = "attune";
  for (const std::string& word : arguments) {
    const bool is_plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c >= 0x80 || std::string_view("-_=.,/:@%+").find(static_cast<char>(c)) != std::string_view::npos;
    });
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += ' ' + (is_plain ? word : quoted + "'");
  }
  return line;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
  return names;
}

std::string asked_command(const CLI::App& app) {
  std::string words;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    words += at->get_name() + " ";
  }
  return words;
}

// A command that needs another behind it got a word that is none: which it has, and the nearest. "" when there is no such word.
std::string wrong_below(const CLI::App& app, const std::vector<std::string>& left) {
  const CLI::App* at = app.get_subcommands().front();
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  const std::vector<std::string> known = command_names(*at);
  if (known.empty()) return "";
  const std::string name = asked_command(app);
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  const auto word = std::find_if(left.begin(), left.end(), [](const std::string& w) { return !w.starts_with("-"); });
  if (word == left.end()) return "attune " + name + "needs one of: " + all + "; see attune " + name + "--help";
  return "attune " + name + "has no '" + *word + "'" + did_you_mean(*word, known) + " It has: " + all;
}

// A word too many: the workspace without its -w, or the user without --user.
std::string meant_by(const std::string& word, const std::vector<std::string>& known) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(word) / "attune.toml", ignored)) return "; did you mean -w " + word + "?";
  return std::find(known.begin(), known.end(), "--user") == known.end() ? "" : "; did you mean --user " + word + "?";
}

// An option nobody knows, named before its value, with the nearest one.
std::string unexpected(const CLI::App& app, const std::string& standard) {
  const CLI::App* at = &app;
  std::vector<std::string> known;
  while (true) {
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    if (at->get_subcommands().empty()) break;
    at = at->get_subcommands().front();
  }
  std::vector<std::string> left = app.remaining(true);
  const auto option = std::find_if(left.begin(), left.end(), [](const std::string& w) { return w.starts_with("--"); });
  if (option == left.end()) return left.size() == 1 ? "'" + left.front() + "' was not expected" + meant_by(left.front(), known) : standard;
  const std::string word = option->substr(0, option->find('='));
  return "there is no option '" + word + "'" + did_you_mean(word, known);
}

// "--k: Value five not in range [1 - 1000]": a word is in no range.
std::string plainly(std::string text) {
  for (std::size_t at = 0; (at = text.find(".000000")) != std::string::npos;) text.erase(at, 7);   // "not in range 0.000000 to 1.000000"
  const std::size_t value = text.find("Value "), middle = text.find(" not in range ");
  if (value == std::string::npos || middle == std::string::npos || middle < value + 6) return text;
  const std::string word = text.substr(value + 6, middle - value - 6);
  char* end = nullptr;
  std::strtod(word.c_str(), &end);
  if (end == word.c_str() + word.size() && !word.empty()) return text;
  return text.substr(0, value) + "'" + word + "' is not a number; expected one in" + text.substr(middle + std::string_view(" not in range").size());
}

// "--port: At Most 1 required but received 2": which of the two was meant is not for us to say.
std::string counted(const std::string& text) {
  constexpr std::string_view kTooMany = ": At Most 1 required but received ";
  const std::size_t at = text.find(kTooMany);
  return at == std::string::npos ? text : text.substr(0, at) + " is given " + text.substr(at + kTooMany.size()) + " times; give it once";
}

}  // namespace

int run(std::vector<std::string> arguments) {
  Context context;
  context.command_line = typed(arguments);
  CLI::App app{"attune: recommendations that read, learn from every click and say why", "attune"};
  app.footer(kExamples);
  app.set_version_flag("--version", "attune 0.1.0");
  app.add_option("-w,--workspace", context.workspace, "folder of the workspace; default: the nearest parent with attune.toml");
  app.add_flag("--json", context.json, "print one JSON value instead of text");
  app.add_flag("-q,--quiet", context.quiet, "no progress and no remarks");
  app.add_flag("--progress-lines", context.progress_lines, "progress and remarks as JSON lines on standard error, for a program that watches");
  app.add_option("--threads", context.threads, "threads to use; 0 = all cores")->check(CLI::Range(0, 1024));
  app.require_subcommand(1);
  app.fallthrough();
#define COMMANDS(name) add_##name(app, context);
#include "attune/cli/commands.def"
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
    app.parse(std::move(arguments));
  } catch (const CLI::Success& e) {  // --help, --version
    std::ostringstream out;
    app.exit(e, out, out);
    return told(context, [&] { context.print(out.str()); });
  } catch (const CLI::RuntimeError& e) {
    return e.get_exit_code();  // a command that has said all there is to say
  } catch (const CLI::RequiredError& e) {
    const std::vector<std::string> left = app.remaining();
    const auto word = std::find_if(left.begin(), left.end(), [](const std::string& w) { return !w.starts_with("-"); });
    const bool no_command = app.get_subcommands().empty();
    if (!no_command)   // attune desk answr
      if (const std::string below = wrong_below(app, left); !below.empty()) return fail(context, Code::bad_request, below);
    if (!no_command || word == left.end()) return fail(context, Code::bad_request, std::string(e.what()) + "; see attune " + asked_command(app) + "--help");
    return fail(context, Code::bad_request, "there is no command '" + *word + "'" + did_you_mean(*word, command_names(app)) + "; see attune --help");
  } catch (const CLI::ExtrasError& e) {
    return fail(context, Code::bad_request, unexpected(app, e.what()) + "; see attune " + asked_command(app) + "--help");
  } catch (const CLI::ValidationError& e) {
    return fail(context, Code::bad_request, plainly(e.what()) + "; see attune " + asked_command(app) + "--help");
  } catch (const CLI::ParseError& e) {
    return fail(context, Code::bad_request, counted(e.what()) + "; see attune " + asked_command(app) + "--help");
  } catch (const NobodyReads&) {
    return kNobodyReads;
  } catch (const Error& e) {
    return fail(context, e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(context, Code::io, "out of memory; lower [memory] budget or use fewer models");
  } catch (const std::exception& e) {
    return fail(context, Code::internal, e.what());
  }
  return 0;
}

}  // namespace attune::cli
