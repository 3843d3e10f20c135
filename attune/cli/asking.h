// Asking: the options that all list commands share, and how lists are shown to people.
#pragma once
#include <memory>
#include <string>
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

// A list for a terminal: place, text, name, reason; with `explain` the parts.
std::string shown(const engine::List& list, bool explain);
// The parts of a score as an indented tree, largest first, small ones summed up.
std::string shown(const Explanation& explanation, int depth, std::size_t most);

}  // namespace attune::cli
