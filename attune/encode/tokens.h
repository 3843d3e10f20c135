// Tokens: the words of a text, for counting: case folded; scripts without spaces give pairs of neighbouring characters.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace attune::encode {

// Letters and digits of a-z 0-9 make words as [a-z0-9]+ does; other letters join words of their own script after NFKC and
// case folding; Han, kana, Thai, Lao, Khmer and Myanmar give overlapping pairs of characters (a lone one gives itself).
// Bad UTF-8 separates words.
std::vector<std::string> tokens(std::string_view text);

}  // namespace attune::encode
