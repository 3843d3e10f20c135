// Cues: the words of a conversation that are no content: "not", "under", "cheaper than", "the second one", in English and Chinese.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "attune/talk/tokens.h"

namespace attune::talk {

// What an attribute is about, told by its name ("UnitPrice", "人均消费"): lets "cheaper" find it whatever the shop calls it.
enum class Role { none, price, year, length, rating, size, weight, popularity, maker, kind, colour, place };
std::string_view name(Role role) noexcept;                      // "price"; "" for none
Role role_of_attribute(std::string_view attribute_name);        // by its words, in both languages

enum class Cue {
  none,
  // how what follows is meant
  negation, negation_after, but, or_, and_, also, similar_to, than, like, dislike, take, request, instead, must, pronoun,
  // numbers
  below, at_most, above, at_least, between, to, around, below_after, at_most_after, above_after, at_least_after, around_after, budget,
  before, after, before_after, after_after, unit, currency, magnitude, decade,
  // comparing with what was shown
  comparative, more, less, slightly,
  // which item
  ordinal, last, this_one, these, other,
  // which attribute
  attribute,
  // acts; permit: what was barred may be shown again, what was asked for need not be
  undo, reset, more_items, explain, why_not, compare, keep, ask, about_item, withdraw, withdraw_after, permit, permit_after, age, reject_all, greet, thanks, bye, help, service, yes, no, any
};

// What a phrase says. `direction`: of a comparative, -1 lower, +1 higher (2: in itself, "cheap"; 4: most of all, "cheapest"; 3: "as dear as"; 0: about the same); of `ordinal` the place, from 1; of `magnitude` the factor; of `withdraw` 1: a value that was not asked for is barred.
struct Sense {
  Cue cue = Cue::none;
  Role role = Role::none;
  int direction = 0;
};

struct FoundCue {
  std::span<const Sense> senses = {};   // "max" says two things: at_most before a number, at_most_after behind it
  std::size_t tokens = 0;               // how many it takes; 0 = none here
  std::string meant = {};               // of one that was only heard: how it is written
  const Sense* find(Cue cue) const noexcept {
    for (const Sense& sense : senses)
      if (sense.cue == cue) return &sense;
    return nullptr;
  }
};

// The longest cue that starts at tokens[0].
FoundCue find_cue(std::span<const Token> tokens);
// A cue of two Han characters or more that all of the tokens sound like, though they are written otherwise: 偏宜点. Only of those that say what
// is wanted, none that acts (撤销) or is a word by itself.
FoundCue cue_sounding_like(std::span<const Token> tokens);

// Words that say nothing of what is wanted: "the", "please", 的.
bool is_filler(std::string_view token);
// Every word that stands in a cue or is a filler: known, hence no slip of the pen.
bool is_known_word(std::string_view word);
std::span<const std::string> known_words();     // sorted
bool is_cue_word(std::string_view word);        // stands in a cue

}  // namespace attune::talk
