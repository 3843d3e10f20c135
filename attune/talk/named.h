// Named: which items of the catalogue a text names, so that a rewriting can be held to them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/talk/chat.h"
#include "attune/talk/check.h"

namespace attune::talk {

// Titles of the catalogue that stand in a text, as they stand there, each once, longest first where they overlap. A title of one Latin word counts only with a capital. Linear in the text.
std::vector<std::string> titles_in(const Lexicon& lexicon, std::string_view text);

// What a rewriting of this reply must keep: every item that the reply lists or that its sentence names, whether shown, taken before, or only compared with.
Facts facts_of(const Lexicon& lexicon, const Reply& reply);

}  // namespace attune::talk
