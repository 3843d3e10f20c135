// How good a desk is: intents on messages that did not teach them, questions found by other wordings, strange messages noticed.
#pragma once
#include <filesystem>
#include <string>

#include "attune/core/json.h"
#include "attune/core/progress.h"

namespace attune::talk::desk {

// `test` = a file of messages with intents (content.h) judged by the trained desk; empty = five parts of the imported messages take
// turns, each judged by what the others teach. Figures with 95 % intervals (Wilson).
// Throws Error: not_found when there is nothing to judge, saying what to import.
Json evaluate(const std::filesystem::path& folder, const std::filesystem::path& vectors, const std::filesystem::path& test, const Run& run);
std::string shown(const Json& figures);

}  // namespace attune::talk::desk
