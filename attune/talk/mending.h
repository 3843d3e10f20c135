// Mending: words with a slip of the pen become the words that were meant.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attune/talk/lexicon.h"
#include "attune/talk/tokens.h"

namespace attune::talk {

inline constexpr std::size_t kMostSlips = 12;      // words looked at for a slip in one message

// `is_code` [tokens]: parts of an item's own name, left alone. `corrected` gets what was typed and what was meant.
void mend(const Lexicon& lexicon, std::vector<Token>& tokens, std::span<const bool> is_code, std::vector<std::pair<std::string, std::string>>& corrected);

}  // namespace attune::talk
