// Person: a simulated user with a hidden item in mind, who never says its name and finds it, or does not, within some lists.
#pragma once
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "attune/talk/chat.h"

namespace attune::talk::people {

// What a person says: points judges only what is shown ("more like the third"); critic also says what is wrong with the nearest item
// shown (its price, a word that the hidden item lacks); asks also says, one a turn, what kind of thing it is.
enum class Kind { points, critic, asks };
inline constexpr const char* kKinds[] = {"points", "critic", "asks"};

struct Habits {
  Kind kind = Kind::points;
  std::string language = "en";
  bool slips = false;          // one word in ten is misspelt
  int turns = 5;               // lists looked at
  int k = 10;                  // items a list
};

// Words or values by which an item can be told, in all items: the common ones are said first.
using Counts = std::unordered_map<std::string, std::size_t>;
// What can be said of an item in its language: words of its text; of a text without spaces the values of its attributes.
std::set<std::string> facets_of(const Lexicon& lexicon, ItemId item);
Counts count_facets(const Lexicon& lexicon);

struct Outcome {
  int found_at = 0;            // the turn whose list held the hidden item, from 1; 0 = none did
  double regret = 0;           // sum over the turns before of 1 - likeness of the best item shown
  bool is_misled = false;      // a condition was read that bars the hidden item, though all that was said is true of it
  std::size_t items_named = 0, items_unknown = 0;      // of all lists; unknown: not in the catalogue, or under another text
  std::vector<std::string> meant, typed;   // message by message; the same without slips
  std::vector<double> reply_ms;
};

// One conversation. The same person, seed and chat give the same outcome, but for reply_ms. What is said in a turn is drawn from the seed
// and the turn alone, slips from numbers of their own: with and without slips a person means the same as long as the same is shown.
Outcome converse(const engine::Engine& engine, const Chat& chat, const std::string& user, const std::string& hidden, const Habits& habits, const Counts& counts, std::uint64_t seed);

}  // namespace attune::talk::people
