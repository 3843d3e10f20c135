// Questions: which one would tell most about the list.
#pragma once
#include <optional>
#include <span>

#include "attune/talk/dialogue.h"
#include "attune/talk/lexicon.h"

namespace attune::talk {

// The attribute whose value, once known, would narrow the pool most: the expected information of the answer in bits, each item
// weighing less the lower it stands. Never one that was asked before or is settled by a constraint. nullopt: none tells enough,
// or enough was asked.
std::optional<Question> choose_question(const Lexicon& lexicon, const Dialogue& dialogue, std::span<const ItemId> pool);

}  // namespace attune::talk
