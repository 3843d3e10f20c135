// Reading: a message as the guard sees it: words in lower case (a Han character is one), and where phrases of the lexicon stand.
#pragma once
#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace attune::talk::safety {

constexpr std::size_t kMostLists = 96;
using Lists = std::bitset<kMostLists>;

struct Word {
  std::string text;            // "don't" is one word, "batman's" is two: batman 's
  bool is_capital = false;     // began with a capital letter, not at the start of a sentence
  bool is_end = false;         // stands for the end of a sentence: text is "."
};

struct Found {
  std::size_t begin = 0, end = 0;   // words
  Lists in;                         // of these lists
};

struct Reading {
  std::vector<Word> words;
  std::vector<Found> found;         // by their beginning
  Lists all;                        // lists with at least one phrase
};

// Any bytes; linear in their number. What is no UTF-8 separates words; full-width letters are read as plain ones.
Reading read(std::string_view text);

// The number of a list, for Lists. Throws Error: internal for an unknown name.
std::size_t list(std::string_view name);
bool has(const Reading& reading, std::string_view list_name);
bool has_any(const Reading& reading, std::initializer_list<std::string_view> names);
// Is a phrase of the list within words [begin, end)
bool has_within(const Reading& reading, std::string_view list_name, std::size_t begin, std::size_t end);

}  // namespace attune::talk::safety
