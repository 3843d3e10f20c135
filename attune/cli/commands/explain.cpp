// attune explain: why is (or isn't) an item in a list, and what would change it.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/asking.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/explain/explain.h"

namespace attune::cli {
namespace {

struct Options : AskOptions {
  std::string item;
};

std::string shown_why(const engine::WhyAnswer& why, bool all_parts) {
  const explain::Answer& answer = why.answer;
  const auto titled = [](const std::string& words, const std::string& item) {
    return printable(words.empty() ? item : words + " [" + item + "]");
  };
  std::string text = titled(why.text, why.item) + "\n";
  if (answer.in_list) text += "in the list; by score at place " + std::to_string(answer.place) + "\n";
  text += printable(answer.sentence) + "\n";
  char number[64];
  std::snprintf(number, sizeof number, "%+.4f", answer.why.value);
  text += std::string("score ") + number;
  std::snprintf(number, sizeof number, "%+.4f", answer.score_to_enter);
  text += std::string(", the last item of the list has ") + number + "\n";
  text += shown(all_parts ? answer.why : explain::by_history(answer.why), 0, all_parts ? 8 : 10);
  for (const rank::Note& note : answer.notes) text += note.stage + ": " + printable(note.reason) + "\n";
  if (answer.barred) return text;
  if (why.would_change.empty())
    return text + (answer.is_exact ? "no set of items in this history would change that\n" : "no set of items in this history was found that would change that\n");
  text += answer.in_list ? "it would leave the list without: " : "it would enter the list without: ";
  for (std::size_t i = 0; i < why.would_change.size(); ++i)
    text += (i == 0 ? "" : "; ") + titled(why.would_change_texts[i], why.would_change[i]);
  return text + (answer.is_exact ? "\n" : "   (checked by asking again; a smaller set may exist)\n");
}

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
    const engine::WhyAnswer why = engine.explain(finished(*options), options->item);
    if (context.json)
      context.print_json(to_json(why));
    else
      context.print(shown_why(why, options->ask.explain));
  });
}

}  // namespace attune::cli
