// Lexicon: the word lists that the guard reads by, English and Chinese, by name.
#pragma once
#include <string_view>
#include <vector>

namespace attune::talk::safety {

// Phrases in lower case, separated by '|' in the source. English ones are words with single spaces, Chinese ones pieces of text.
// Throws Error: internal for a name that is not there.
const std::vector<std::string_view>& lexicon(std::string_view name);

}  // namespace attune::talk::safety
