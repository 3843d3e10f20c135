// Asking: shared list options and the printed list.
#include "attune/cli/asking.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "attune/core/ascii.h"
#include "attune/core/params.h"
#include "attune/data/names.h"


namespace attune::cli {

void add_list_options(CLI::App& command, AskOptions& options) {
  command.add_option("-k,--k", options.ask.k, "length of the list")->check(CLI::Range(1, 1000));
  command.add_option("--filter", options.ask.filter, "only items that pass: \"price <= 10 and category = kitchen\"");
  command.add_option("--exclude", options.exclude, "items to leave out: a,b,c");
  command.add_option("--caps", options.ask.caps, "at most so many of one value: category=3,brand=2");
  command.add_option("--diversity", options.ask.diversity, "0 = most relevant first .. 1 = as different as can be")->check(CLI::Range(0.0, 1.0));
  command.add_option("--min-score", options.ask.min_score, "leave out items below this score");
  command.add_option("--models", options.models, "only these models of the snapshot: slist,ease");
  command.add_option("--language", options.ask.language, "of the reasons: en or zh")->check(CLI::IsMember({"en", "zh"}));
  command.add_flag("--explain", options.ask.explain, "show the parts that every score is the sum of");
}

void add_person_options(CLI::App& command, AskOptions& options) {
  command.add_option("--user", options.ask.user, "name of a user");
  command.add_option("--history", options.history, "items taken, oldest first: a,b,c (after the user's own)");
  command.add_option("--about", options.ask.about, "free text: what is wanted");
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
    else if (text[i] == ',') parts.emplace_back();
    else parts.back() += text[i];
  }
  std::erase_if(parts, [](const std::string& p) { return p.empty(); });
  return parts;
}

engine::Ask finished(const AskOptions& options) {
  engine::Ask ask = options.ask;
  ask.history = split_commas(options.history);
  ask.exclude = split_commas(options.exclude);
  ask.models = split_commas(options.models);
  return ask;
}

std::string language_of(const engine::Ask& ask, const engine::Settings& settings) { return ask.language.empty() ? settings.lists.language : ask.language; }

namespace {
constexpr std::size_t kMostUsersLooked = 200000;   // names among which the nearest is looked for: a tenth of a second

bool is_known(const engine::Engine& engine, const std::string& user) {
  return engine.store().find(data::Kind::user, user) || !engine.store().user_events(user).empty();
}

// Of users whose names are about as long (among many names one is always somewhat near) the nearest, asked about; "" when none is near.
std::string nearest_user(const engine::Engine& engine, const std::string& name, std::string_view language) {
  std::vector<std::string> users = data::names_of(engine.store(), data::Kind::user, "", "", kMostUsersLooked), low;
  std::erase_if(users, [&](const std::string& user) { return user.size() + 1 < name.size() || user.size() > name.size() + 1; });
  for (const std::string& user : users) low.push_back(lowered(user));
  const std::string near = nearest(lowered(name), low);
  if (near.empty()) return "";
  const std::string& user = users[static_cast<std::size_t>(std::find(low.begin(), low.end(), near) - low.begin())];
  return language == "zh" ? "您是不是指用户“" + user + "”？" : "did you mean '" + user + "'?";
}
}  // namespace

std::string meant_user(const engine::Engine& engine, const std::string& name, std::string_view language) {
  return name.empty() || is_known(engine, name) ? "" : nearest_user(engine, name, language);
}

std::string unknown_user(const engine::Engine& engine, const std::string& name, std::string_view language, bool only_mistyped) {
  if (name.empty() || is_known(engine, name)) return "";
  const std::string meant = nearest_user(engine, name, language);
  if (meant.empty() && only_mistyped) return "";
  if (language == "zh") return "说明：还不了解用户“" + name + "”" + (meant.empty() ? "" : "；" + meant);
  return "note: nothing is known of user '" + name + "' yet" + (meant.empty() ? "" : "; " + meant);
}

}  // namespace attune::cli
