// Ranges: numbers in a message as bounds on an attribute: "under £20", "20 to 30 minutes", 20块以下, "from the 90s".
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "attune/talk/dialogue.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/segments.h"

namespace attune::talk {

struct RangeFound {
  std::vector<Constraint> constraints;     // none, one, or two (from, to)
  std::size_t next = 0;                    // the first segment after what was read; 0 = the number says nothing of an attribute
  std::string missing;                     // the attribute that would be needed and no item has
};
// What the number at segments[at] bounds. Marks the segments it was read from as used. `is_negated`: "not over 20".
RangeFound read_range(const Lexicon& lexicon, const Dialogue& dialogue, std::vector<Segment>& segments, std::size_t at, bool is_negated);

// --- range_attribute.cpp
struct Measured {
  const Attribute* named = nullptr;        // beside the number; nullptr = none
  bool is_bound = false;                   // "under", "20 to 30"
  double number = 0;
};
// The attribute meant; nullptr with a role when no item has it. `role`: what a unit told, if one did; becomes the price where only that is left.
const Attribute* measured_by(const Lexicon& lexicon, const Dialogue& dialogue, const Measured& measured, Role& role);
// "make that 40", 那就40吧, "13, not 30": the bound whose place a number alone takes; nullptr = none.
const Constraint* restated(const Dialogue& dialogue, std::span<const Segment> segments, std::size_t at, double number);

}  // namespace attune::talk
