// Tokens: a message cut into words, numbers, single Han characters and marks, so that phrases of both languages are found alike.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::talk {

struct Token {
  enum Kind { word, number, han, mark } kind = word;
  std::string text;        // case-folded, composed; full-width read as plain; apostrophes as '
  double value = 0;        // of a number
  std::size_t begin = 0, end = 0;   // bytes of the text it was cut from
};

// A message as it is worked with: UTF-8 (broken bytes go), compatible forms as one (full-width Latin is Latin), without control
// characters, marks that turn the direction of writing or that cannot be seen, blanks squeezed; cut at a whole character after
// `most_bytes`. May be empty.
std::string cleaned(std::string_view message, std::size_t most_bytes = 4000);

// Words are runs of letters with inner apostrophes ("don't"); digits, with inner , and . , are numbers ("1,299.50"), "15cm" is a
// number and a word; each character of a script without spaces stands alone; every other character that is no blank is a mark.
std::vector<Token> tokens_of(std::string_view text);

// How a run of tokens is looked up: their texts joined by one blank.
std::string key_of(std::span<const Token> tokens);
std::string key_of(std::string_view phrase);
// As it is written: no blanks between Han characters.
std::string written(std::span<const Token> tokens);

// Without the ending that makes an English plural: mugs -> mug, boxes -> box, stories -> story, glass -> glass.
std::string singular(std::string_view word);

bool has_han(std::string_view text);

}  // namespace attune::talk
