// Conversation: what was said, turn by turn, with the items that were named: what the ranker hears. A value.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "attune/core/types.h"

namespace attune::talk::ranking {

// An item that was named, and how it was spoken of: 1 = liked or just named, 0 = only spoken about, -1 = not wanted.
struct Mention {
  ItemId item{};
  float stance = 1;
};

// One turn: all that one side said until the other spoke.
struct Said {
  bool is_seeker = true;           // false: the one who recommends
  std::string text;                // as it was said, names in words
  std::string plain;               // the same without the names of the items; empty = as text
  std::vector<Mention> mentions;   // in the order they were named
  bool is_asked = true;            // false: a record that asks about some turns only does not ask about this one
};

struct Conversation {
  std::string id;
  std::vector<Said> turns;         // oldest first
};

// A turn to foretell: the one who recommends names items of which nobody has spoken before.
struct Question {
  std::size_t conversation = 0;    // place in the list given
  std::size_t turn = 0;            // only what was said before this turn may be looked at
  std::vector<ItemId> wanted;      // named in that turn for the first time, each once; never empty
};

// In order of conversations and turns. Items that were named earlier by either side are no targets ("seen items removed",
// He et al., CIKM 2023); turns of the seeker and turns that name nothing new are not asked about.
std::vector<Question> questions(const std::vector<Conversation>& conversations);

// What was said before `turn`, and nothing else.
Conversation before(const Conversation& conversation, std::size_t turn);

// Items named by either side, ascending, each once.
std::vector<ItemId> named_items(const Conversation& conversation);

// Neighbouring turns of one side become one.
void join_turns(Conversation& conversation);

}  // namespace attune::talk::ranking
