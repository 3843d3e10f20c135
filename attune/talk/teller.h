// Teller: one turn of a conversation, from the reading to the reply.
#pragma once
#include "attune/talk/chat.h"
#include "attune/talk/ranking/advisor.h"

namespace attune::talk {

// What Chat::turn gives, before a generator may put it in other words. `desk`: nullptr = questions of service are handed over;
// `advisor`: nullptr = nothing was learned from dialogues.
Reply tell(const engine::Engine& engine, const Lexicon& lexicon, const Service* desk, const ranking::Advisor* advisor, const Dialogue& dialogue, const Turn& turn);

}  // namespace attune::talk
