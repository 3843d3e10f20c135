// Rules of the guard: each looks at one reading for one kind of request.
#pragma once
#include <optional>

#include "attune/talk/safety/guard.h"
#include "attune/talk/safety/reading.h"

namespace attune::talk::safety {

using Rule = std::optional<Verdict> (*)(const Reading&);
std::optional<Verdict> self_harm_rule(const Reading& reading);
std::optional<Verdict> adult_rule(const Reading& reading);
std::optional<Verdict> hate_rule(const Reading& reading);      // contempt of groups
std::optional<Verdict> event_rule(const Reading& reading);     // praise of atrocities
std::optional<Verdict> privacy_rule(const Reading& reading);
std::optional<Verdict> harm_rule(const Reading& reading);      // who does what to whom
std::optional<Verdict> chinese_rule(const Reading& reading);

// What the first rule that speaks says.
Verdict judge_reading(const Reading& reading);

// Is it said of a game, a film, a book, and not "in real life"
bool is_fiction(const Reading& reading);
// Is it asked what a word means, what happened, what the law says, how to be safe from it
bool is_knowledge(const Reading& reading);

}  // namespace attune::talk::safety
