// Asking: the options that all list commands share, and how lists are shown to people.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attune/cli/context.h"
#include "attune/engine/engine.h"

namespace attune::cli {

struct AskOptions {
  engine::Ask ask;
  std::string history, exclude, models;   // comma-separated
};

// --k, --filter, --exclude, --caps, --diversity, --min-score, --models, --explain, --language.
void add_list_options(CLI::App& command, AskOptions& options);
// --user, --history, --about.
void add_person_options(CLI::App& command, AskOptions& options);
// The Ask with its comma-separated parts split ("a,b\,c" -> "a", "b,c").
engine::Ask finished(const AskOptions& options);
std::vector<std::string> split_commas(const std::string& text);

// A person of whom nothing is known may be one mistyped: "did you mean 'ana'?"; "" for one who is known, and where nobody's name is near.
std::string meant_user(const engine::Engine& engine, const std::string& name, std::string_view language);
// The same as a note: that nothing is known of them, and who was perhaps meant; "" for one who is known. `only_mistyped`: "" too where nobody's name is near.
std::string unknown_user(const engine::Engine& engine, const std::string& name, std::string_view language, bool only_mistyped = false);

// In which language an ask is answered: "en" or "zh".
std::string language_of(const engine::Ask& ask, const engine::Settings& settings);

// A list for a terminal: place, text, name, reason; with `explain` the parts. In Chinese ("zh") all but the names of items, models and encoders is.
std::string shown(const engine::List& list, bool explain, std::string_view language);
// The parts of a score as an indented tree, largest first, small ones summed up.
std::string shown(const Explanation& explanation, int depth, std::size_t most, std::string_view language);
// What stages did: "cap: the list has 2 of brand 'Acme' already", a line each after `indent`.
std::string shown(const std::vector<rank::Note>& notes, const std::string& indent, std::string_view language);
// Why an item is or is not in a list, and what would change that; `all_parts`: model by model.
std::string shown(const engine::WhyAnswer& why, bool all_parts, std::string_view language);

}  // namespace attune::cli
