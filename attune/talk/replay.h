// Replay: a recorded conversation said to the chat again, up to where it stands: what would the chat list now?
#pragma once
#include <vector>

#include "attune/engine/engine.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/ranking/advisor.h"
#include "attune/talk/ranking/conversation.h"

namespace attune::talk {

// The seeker's turns are messages of nobody known, read as the chat reads them; the items that the recommender named count as
// shown lists. Nothing of the record but its words is told: which items the seeker named is for the chat to find out.
//   advisor  nullptr = nothing was learned from dialogues
// Best first, at most kPool items. Some 20 ms a turn. Safe from any thread.
std::vector<ItemId> replayed(const engine::Engine& engine, const Lexicon& lexicon, const ranking::Advisor* advisor, const ranking::Conversation& said);

}  // namespace attune::talk
