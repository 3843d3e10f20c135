// Constraints: what fits, how a reading changes what is wanted, and what to give up when nothing fits.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/talk/dialogue.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/reading.h"

namespace attune::talk {

// Does the item fit. An item without the attribute fits no bound and no wanted value, but every "not".
bool fits(const Lexicon& lexicon, const Constraint& constraint, ItemId item);
// [items of the world] 1 = fits all of them and is neither hidden nor gone. Cost: one pass over the items a constraint.
std::vector<std::uint8_t> fitting(const Lexicon& lexicon, std::span<const Constraint> constraints);

// One more constraint: takes the place of the one it contradicts. `adds`: beside wanted values instead of in their place.
void add(const Lexicon& lexicon, std::vector<Constraint>& constraints, Constraint more, bool adds);
// "price", "genre=horror", "*": how many went.
std::size_t withdraw(std::vector<Constraint>& constraints, const std::string& what);

// A comparative as a bound: against an item, or against the middle of what was shown, or ("cheap") against the catalogue's
// own spread among the items that fit. nullopt: nothing to compare with has that attribute.
std::optional<Constraint> bound_of(const Lexicon& lexicon, const Comparative& comparative, std::span<const std::string> shown, std::span<const Constraint> constraints);

// Which constraints to give up: smallest sets first, each with how many items would fit. Single ones, else pairs; most items first.
struct Relaxation {
  std::vector<std::size_t> drop;     // places in the constraints
  std::size_t items = 0;
};
std::vector<Relaxation> relaxations(const Lexicon& lexicon, std::span<const Constraint> constraints);

// "price under 20", "not red", 价格低于20.
std::string phrase(const Lexicon& lexicon, const Constraint& constraint, std::string_view language);
std::string phrase(const Lexicon& lexicon, std::span<const Constraint> constraints, std::string_view language);
// The name of an attribute as people say it: "unit_price" -> "price"; "takers" -> "popularity".
std::string spoken_name(const Lexicon& lexicon, const std::string& attribute, std::string_view language);
// 12.5 -> "12.5", 3 -> "3", 1999 -> "1999".
std::string shown_number(double number);

}  // namespace attune::talk
