// attune explain: why is (or isn't) an item in a list, and what would change it.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/asking.h"
#include "attune/core/error.h"

namespace attune::cli {
namespace {

struct Options : AskOptions {
  std::string item;
};

}  // namespace

void add_explain(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("explain", "why is (or isn't) an item in somebody's list, and what would change it");
  const auto options = std::make_shared<Options>();
  command->add_option("item", options->item, "name of the item")->required();
  add_person_options(*command, *options);
  add_list_options(*command, *options);
  command->footer("Examples:\n  attune explain 22423 --user 17850\n  attune explain 22423 --history 85123A,71053 --explain");
  command->callback([&context, options] {
    if (options->ask.user.empty() && options->history.empty() && options->ask.about.empty())
      throw Error(Code::bad_request, "explain for whom? give --user, --history or --about");
    const auto workspace = context.open_workspace();
    const engine::Engine engine(workspace, context.settings(workspace, {}), context.run());
    const engine::Ask ask = finished(*options);
    const std::string language = language_of(ask, engine.settings());
    const engine::WhyAnswer why = engine.explain(ask, options->item);
    if (const std::string unknown = unknown_user(engine, ask.user, language); !unknown.empty()) context.say(unknown);
    if (context.json)
      context.print_json(to_json(why));
    else
      context.print(shown(why, ask.explain, language));
  });
}

}  // namespace attune::cli
