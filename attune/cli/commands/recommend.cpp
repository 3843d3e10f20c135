// attune recommend: a list for a user, a history or a free text; or for many users.
#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <sstream>

#include "attune/cli/asking.h"
#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/eval/trec.h"

namespace attune::cli {
namespace {

struct Options : AskOptions {
  std::string users, format = "jsonl";
};

// One name a line; blank lines are passed over.
std::vector<std::string> read_names(const std::string& file) {
  std::istringstream in(read_file(file));
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.empty()) throw Error(Code::bad_data, file + " names no user; write one name a line");
  return names;
}

void recommend_many(const Context& context, const engine::Engine& engine, const Options& options) {
  const std::vector<std::string> names = read_names(options.users);
  const std::string tag = options.models.empty() ? "attune" : "attune-" + options.models;
  const Run run = context.run();
  for (std::size_t n = 0; n < names.size(); ++n) {
    run.report("recommending", n, names.size());
    engine::Ask ask = finished(options);
    ask.user = names[n];
    ask.log_exposure = false;
    const engine::List list = engine.recommend(ask);
    if (options.format == "jsonl") {
      context.print_json(to_json(list, ask.explain));
      continue;
    }
    std::vector<eval::RunLine> lines;
    for (const engine::ListItem& item : list.items) lines.push_back({item.item, static_cast<float>(item.score)});
    std::ostringstream out;
    eval::write_run(out, names[n], lines, tag);
    context.print_bytes(out.str());
  }
}

}  // namespace

void add_recommend(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("recommend", "a list, every item with its reason");
  const auto options = std::make_shared<Options>();
  add_person_options(*command, *options);
  add_list_options(*command, *options);
  command->add_option("--users", options->users, "a file with one user a line: a list for each");
  command->add_option("--format", options->format, "of --users: jsonl, or trec run lines")->check(CLI::IsMember({"jsonl", "trec"}));
  command->footer(
      "Examples:\n"
      "  attune recommend --user 17850 --k 5 --explain\n"
      "  attune recommend --history 85123A,71053 --filter \"price < 5\"\n"
      "  attune recommend --about \"lights for a garden party\" --diversity 0.3\n"
      "  attune recommend --users users.txt --k 100 --models slist --format trec > run.txt");
  command->callback([&context, options] {
    if (options->users.empty() && options->ask.user.empty() && options->history.empty() && options->ask.about.empty())
      throw Error(Code::bad_request, "recommend for whom? give --user, --history, --about or --users FILE");
    const auto workspace = context.open_workspace();
    const engine::Engine engine(workspace, context.settings(workspace, {}), context.run());
    if (!options->users.empty()) {
      recommend_many(context, engine, *options);
      return;
    }
    const engine::Ask ask = finished(*options);
    engine::List list = engine.recommend(ask);
    const std::string language = language_of(ask, engine.settings());
    if (const std::string meant = meant_user(engine, ask.user, language); !meant.empty()) list.notes.push_back({"user", meant, 0});   // the note before it says that nothing is known
    if (context.json)
      context.print_json(to_json(list, ask.explain));
    else
      context.print(shown(list, ask.explain, language));
  });
}

}  // namespace attune::cli
