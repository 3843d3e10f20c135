// Teller: one turn of a conversation, from the reading to the reply.
#pragma once
#include "attune/talk/chat.h"
#include "attune/talk/guess.h"
#include "attune/talk/ranking/advisor.h"

namespace attune::talk {

// What a turn may go by beside the engine; each may be missing.
struct Aids {
  const Guesser* guesser = nullptr;               // else nothing is guessed
  const Service* desk = nullptr;                  // else questions of service are handed over
  const ranking::Advisor* advisor = nullptr;      // else nothing was learned from dialogues
};

// What Chat::turn gives, before a generator may put it in other words.
Reply tell(const engine::Engine& engine, const Lexicon& lexicon, const Aids& aids, const Dialogue& dialogue, const Turn& turn);

}  // namespace attune::talk
