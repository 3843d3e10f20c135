// Intent: what a message wants as a whole, once its parts were read.
#pragma once
#include <span>

#include "attune/talk/reading.h"
#include "attune/talk/segments.h"

namespace attune::talk {

// Sets the intent of `reading`, of which all else was read from `segments`, and whether its wish takes the place of those before. Where
// what looked like a wish is asked of an item ("is the second one vegan?"), constraints become attributes asked about.
void decide_intent(const Lexicon& lexicon, const Dialogue& dialogue, std::span<const Segment> segments, Reading& reading);

}  // namespace attune::talk
