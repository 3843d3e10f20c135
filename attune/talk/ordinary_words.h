// Ordinary words: English words that are no slip of the pen, whatever the catalogue has: "mother" is no "other", "sale" no "same".
#pragma once
#include <string_view>

namespace attune::talk {

// Lower case; plurals and forms with -er, -est, -ing, -ed, -ly, -y count with their word.
bool is_ordinary_word(std::string_view word);

// Words that say nothing of an item though some text may have them: "most", "exactly", 最, 条. Beyond the fillers of cues.h: they are no reason for a list.
bool says_little(std::string_view word);

}  // namespace attune::talk
