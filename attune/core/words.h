// Words of a text, as everything that counts words sees them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace attune {

// Runs of letters and digits after case folding, in order: "Don't panic-42" gives don, t, panic, 42. Scripts that are written
// without spaces (Han, Kana, Thai, Lao, Khmer, Burmese) give the overlapping pairs and triples of their characters, a lone
// character itself. Full-width Latin is read as Latin. Any bytes are allowed: what is no UTF-8 separates words.
std::vector<std::string> words_of(std::string_view text);

}  // namespace attune
