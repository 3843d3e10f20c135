// attune similar, attune search: items like one, items whose text fits some words.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/asking.h"

namespace attune::cli {
namespace {

struct Options : AskOptions {
  std::string what;
};

void print_list(const Context& context, const engine::Engine& engine, const engine::Ask& ask, const engine::List& list) {
  if (context.json)
    context.print_json(to_json(list, ask.explain));
  else
    context.print(shown(list, ask.explain, language_of(ask, engine.settings())));
}

}  // namespace

void add_find(CLI::App& app, Context& context) {
  auto* similar = app.add_subcommand("similar", "items most like one, by what people take together and by text");
  const auto like = std::make_shared<Options>();
  similar->add_option("item", like->what, "name of the item")->required();
  add_list_options(*similar, *like);
  similar->footer("Example: attune similar 85123A --k 5");
  similar->callback([&context, like] {
    const auto workspace = context.open_workspace();
    const engine::Engine engine(workspace, context.settings(workspace, {}), context.run());
    print_list(context, engine, like->ask, engine.similar(like->what, finished(*like)));
  });

  auto* search = app.add_subcommand("search", "items whose text fits some words best");
  const auto words = std::make_shared<Options>();
  search->add_option("text", words->what, "the words")->required();
  add_list_options(*search, *words);
  search->footer("Example: attune search \"candle holder\" --filter \"price < 3\"");
  search->callback([&context, words] {
    const auto workspace = context.open_workspace();
    const engine::Engine engine(workspace, context.settings(workspace, {}), context.run());
    print_list(context, engine, words->ask, engine.search(words->what, finished(*words)));
  });
}

}  // namespace attune::cli
