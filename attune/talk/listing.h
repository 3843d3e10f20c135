// Listing: the list that what is wanted leads to: constraints bar, words and pointed-at items move, the history speaks as ever.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "attune/engine/engine.h"
#include "attune/talk/dialogue.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/ranking/conversation.h"

namespace attune::talk {

namespace ranking {
class Advisor;
}

inline constexpr std::size_t kPool = 50;  // the best that a list is cut from and questions are chosen on

struct ListingAsk {
  std::string user;                       // empty = nobody we know
  std::string language = "en";
  int k = 5;
  bool skip_shown = false;                // what the dialogue's lists hold is left out, as long as something else fits
  std::vector<std::string> among;         // items that an order picks from; empty = what is wanted
  std::string request;                    // id; empty = made here
  const ranking::Advisor* advisor = nullptr;   // what was learned from recorded dialogues; null = nothing
};

struct Listing {
  engine::List list;                      // k items with their scores, parts and reasons
  std::vector<ItemId> pool;               // the best kPool, the list among them: what questions are chosen on
  std::size_t fit = 0;                    // items that fit the constraints and are not disliked, liked or had already
  bool is_known = false;                  // the user has a history of their own
  bool repeats = false;                   // too few new ones: some were shown before
};

// Throws Error: not_found only for what engine.recommend() would. Safe from any thread.
Listing list_for(const engine::Engine& engine, const Lexicon& lexicon, const Dialogue& dialogue, const ListingAsk& ask);

// A word of what was wished for.
struct WishWord {
  std::string text;
  std::vector<std::uint32_t> items;     // that have it, in a text or a value, in either language; ascending, never empty
  double rareness = 0;
};
// The words of a wish that say something and that some item has. `gloss`: those it has in the other language, for encoders that read one.
std::vector<WishWord> wish_words(const Lexicon& lexicon, const std::string& wish, std::string& gloss);

// The request behind it: for explaining and for why-not.
struct Asked {
  rank::Request request;
  bool is_known = false;                           // the user has a history of their own
  std::vector<WishWord> words;                     // of all wishes
  std::vector<std::string> only_viewed;            // items of the history that were looked at and not taken
  std::vector<float> text;                         // [items] what the words add to a score, part of request.likeness; empty = nothing
  std::map<ItemId, std::vector<float>> moves;      // what each pointed-at item adds
  std::vector<float> learned;                      // [items] what recorded dialogues taught adds; empty = nothing
};
// What was said so far, as a ranker of dialogues hears it: conditions and wishes as the seeker's turns, the items pointed at in the
// last, each by how it was spoken of. No turns = nothing was said.
ranking::Conversation said_in(const Dialogue& dialogue, const rank::World& world);
// asked.cpp
Asked request_for(const engine::Engine& engine, const Lexicon& lexicon, const Dialogue& dialogue, const ListingAsk& ask);

// Why this item, from the parts of its score alone, and which constraints it meets.
std::string reason(const Lexicon& lexicon, const Dialogue& dialogue, const Asked& asked, ItemId item, const Explanation& why, std::string_view language);

}  // namespace attune::talk
