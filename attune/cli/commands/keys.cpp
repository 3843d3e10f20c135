// attune keys: who may use the service. attune audit: what they did with the role admin.
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>

#include "attune/cli/context.h"
#include "attune/cli/rights.h"
#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/serve/access.h"

namespace attune::cli {
namespace {

using serve::Access;

struct Options {
  std::string name, role, rate;
  std::size_t n = 50;
};

Access access_of(const Context& context) { return Access(Access::path_in(context.open_workspace().folder())); }

// 2026-03-01 10:20:30, UTC
std::string time_text(std::int64_t ms) {
  if (ms == 0) return "-";
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
  return text;
}

// One line of the terminal without showing it.
std::string hidden_line(const char* words) {
  std::fputs(words, stderr);
  termios before{};
  if (::tcgetattr(STDIN_FILENO, &before) != 0) throw Error(Code::io, "the terminal cannot be asked for a password");
  termios quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  std::string line;
  std::getline(std::cin, line);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::fputs("\n", stderr);
  return line;
}

// Never an argument: those stand in the shell's history and in the list of processes.
std::string asked_password() {
  if (::isatty(STDIN_FILENO) != 1) {
    std::string line;
    if (!std::getline(std::cin, line)) throw Error(Code::bad_request, "the password comes on standard input, one line");
    return line;
  }
  std::string password = hidden_line("New password: ");
  if (hidden_line("Once more: ") != password) throw Error(Code::bad_request, "the two passwords differ; nothing was changed");
  return password;
}

void create(const Context& context, const Options& options) {
  Access access = access_of(context);
  const std::string secret = access.create_key(options.name, serve::parse_role(options.role), serve::parse_rate(options.rate), now_ms());
  access.note({command_entry("keys create", options.name + " " + options.role)});
  if (context.json) {
    Json json = Json::object();
    json["name"] = options.name;
    json["key"] = secret;
    context.print_json(json);
    return;
  }
  context.say("This is shown once; only a hash of it is kept. Use it as: Authorization: Bearer KEY");
  context.print(secret + "\n");
}

void list(const Context& context) {
  Access access = access_of(context);
  Json json = Json::array();
  std::string text;
  const auto add = [&](const std::string& name, const char* kind, serve::Role role, const std::string& rate, const std::string& begins, std::int64_t made_ms, std::int64_t revoked_ms) {
    Json one = Json::object();
    one["name"] = name;
    one["kind"] = kind;
    one["role"] = serve::name(role);
    one["rate"] = rate.empty() ? Json() : Json(rate);
    one["begins"] = begins;
    one["made_ms"] = made_ms;
    one["revoked_ms"] = revoked_ms == 0 ? Json() : Json(revoked_ms);
    json.push_back(std::move(one));
    char line[256];
    std::snprintf(line, sizeof line, "%-24s %-6s %-6s %-12s %-15s made %s%s\n", name.c_str(), kind, std::string(serve::name(role)).c_str(), rate.empty() ? "no limit" : rate.c_str(),
                  begins.empty() ? "" : (begins + "..").c_str(), time_text(made_ms).c_str(), revoked_ms == 0 ? "" : ("  revoked " + time_text(revoked_ms)).c_str());
    text += line;
  };
  for (const serve::Key& key : access.keys()) add(key.name, "key", key.role, to_text(key.rate), key.begins, key.made_ms, key.revoked_ms);
  for (const serve::Login& login : access.logins()) add(login.name, "login", login.role, "", "", login.made_ms, 0);
  if (context.json) context.print_json(json);
  else context.print(text.empty() ? "no keys and no logins yet; make one: attune keys create --name me --role admin\n" : text);
}

void revoke(const Context& context, const Options& options) {
  Access access = access_of(context);
  if (!access.revoke_key(options.name, now_ms()) && !access.remove_login(options.name))
    throw Error(Code::not_found, "there is no good key or login '" + options.name + "'; attune keys list shows them");
  access.note({command_entry("keys revoke", options.name)});
  context.say("revoked; a running service follows within a second");
}

void set_user(const Context& context, const Options& options) {
  Access access = access_of(context);
  access.set_login(options.name, serve::parse_role(options.role), asked_password(), now_ms());
  access.note({command_entry("keys user", options.name + " " + options.role)});
  context.say("'" + options.name + "' may log in to the page now, with the role " + options.role + (options.role == "admin" ? "" : "; another role: attune keys user " + options.name + " --role admin"));
}

void audit(const Context& context, const Options& options) {
  Access access = access_of(context);
  const auto entries = access.audit(options.n);
  if (context.json) {
    Json json = Json::array();
    for (const auto& entry : entries) json.push_back(to_json(entry));
    context.print_json(json);
    return;
  }
  std::string text;
  for (auto it = entries.rbegin(); it != entries.rend(); ++it)   // the newest last, where one looks
    text += time_text(it->time_ms) + "  " + (it->who.empty() ? "?" : it->who) + " (" + it->from + ")  " + it->action + (it->what.empty() ? "" : "  " + it->what) +
            (it->status == 0 ? "" : "  " + std::to_string(it->status)) + (it->request.empty() ? "" : "  request " + it->request) + "\n";
  context.print(text.empty() ? "nothing yet\n" : text);
}

}  // namespace

void add_keys(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("keys", "who may use the service: keys of programs, logins of people");
  command->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const char* roles = "read, write or admin; each may do what those before it may";

  auto* make = command->add_subcommand("create", "make a key; it is shown once");
  make->add_option("--name", options->name, "what it is for: shop, prometheus")->required();
  make->add_option("--role", options->role, roles)->required();
  make->add_option("--rate", options->rate, "at most so many requests: 100/s, 6000/min, 50/h");
  make->callback([&context, options] { create(context, *options); });

  command->add_subcommand("list", "keys and logins, without their secrets")->callback([&context] { list(context); });

  auto* take = command->add_subcommand("revoke", "end a key or a login");
  take->add_option("name", options->name, "of attune keys list")->required();
  take->callback([&context, options] { revoke(context, *options); });

  auto* user = command->add_subcommand("user", "let a person log in to the page, or give them a new password");
  user->add_option("name", options->name, "whom")->required();
  user->add_option("--role", options->role, roles)->default_val("read");
  user->callback([&context, options] { set_user(context, *options); });
  command->footer("Example: attune -w shop keys create --name shop --role write --rate 500/s\n  attune -w shop keys user ana --role admin");

  auto* log = app.add_subcommand("audit", "what was done with the role admin, and to keys");
  log->add_option("-n", options->n, "how many entries at most")->check(CLI::Range(1, 1000000))->capture_default_str();
  log->callback([&context, options] { audit(context, *options); });
}

}  // namespace attune::cli
