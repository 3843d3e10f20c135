// Numbers of a message: bounds, places of the list, or words like others.
#include <algorithm>

#include "attune/talk/ranges.h"
#include "attune/talk/walk.h"

namespace attune::talk {
namespace {

// "not over 20", "I don't want to pay over 17"; "no Denby, under 10" is another matter.
bool is_number_negated(const Walk& walk, std::size_t at) {
  for (std::size_t back = 1; back <= 7 && back <= at; ++back) {
    const Segment& s = walk.segments[at - back];
    if (s.is(Cue::negation)) return true;
    const std::string text = s.text();
    const bool pays = text == "pay" || text == "paying" || text == "spending" || text == "going" || s.is(Cue::budget) || s.is(Cue::attribute);
    if (s.kind == Segment::mark || s.kind == Segment::value || s.kind == Segment::titled || s.kind == Segment::numeral || walk.is_parted(at - back + 1)) return false;
    if (!pays && !is_filler_segment(s) && s.kind != Segment::cue) return false;
    if (!pays && back > 3 && !is_filler_segment(s) && !s.is(Cue::pronoun)) return false;
  }
  return false;
}

// "over 30 forget it", 超过30就算了: the number is where it ends.
bool is_number_rejected(Walk& walk, std::size_t next) {
  if (next == 0 || walk.is_parted(next)) return false;
  const std::size_t after = walk.behind(next - 1);
  if (!walk.has(after) || !walk.segments[after].is(Cue::negation_after) || !walk.ends_here(after)) return false;
  walk.segments[after].used = true;
  return true;
}

Constraint::Op opposite(Constraint::Op op) {
  switch (op) {
    case Constraint::below: return Constraint::at_least;
    case Constraint::at_most: return Constraint::above;
    case Constraint::above: return Constraint::at_most;
    case Constraint::at_least: return Constraint::below;
    default: return op;
  }
}

// "the difference between 1 and 3", 1和3哪个好: places of the list, and no bounds.
bool is_place_compared(const Walk& walk, std::size_t at) {
  constexpr double kMostPlaces = 50;
  const double n = walk.segments[at].number;
  if (walk.shown.empty() || n < 1 || n > kMostPlaces || n != static_cast<double>(static_cast<int>(n))) return false;
  if (std::none_of(walk.segments.begin(), walk.segments.end(), [](const Segment& s) { return s.is(Cue::compare); })) return false;
  for (const std::size_t i : {at - 1, at + 1}) {      // before the first: none
    if (!walk.has(i) || walk.segments[i].kind == Segment::mark || is_filler_segment(walk.segments[i])) continue;
    const Segment& s = walk.segments[i];
    bool joins = false;
    for (const Cue cue : {Cue::compare, Cue::and_, Cue::or_, Cue::to, Cue::between, Cue::ordinal, Cue::ask, Cue::similar_to}) joins = joins || s.is(cue);
    if (!joins) return false;
  }
  return true;
}

bool is_only_number(const Walk& walk) {
  return std::all_of(walk.segments.begin(), walk.segments.end(), [](const Segment& s) { return s.kind == Segment::numeral || s.kind == Segment::mark || is_filler_segment(s); });
}

}  // namespace

void read_number(Walk& walk, std::size_t at) {
  flush_words(walk);
  if (is_place_compared(walk, at)) {
    const auto place = static_cast<std::size_t>(walk.segments[at].number);
    if (place <= walk.shown.size()) return mention(walk, walk.shown[place - 1], written(walk.segments[at].tokens));
    walk.reading.missing.push_back("#" + std::to_string(place));
    return;
  }
  const bool negated = is_number_negated(walk, at);
  RangeFound found = read_range(walk.lexicon, walk.dialogue, walk.segments, at, negated);
  if (found.next > 0) {
    if (!negated && !found.constraints.empty() && is_number_rejected(walk, found.next)) {
      if (found.constraints.size() == 2) found.constraints[1].number = (found.constraints[0].number + found.constraints[1].number) / 2, found.constraints.erase(found.constraints.begin()), found.constraints[0].op = Constraint::at_least;      // 四十多的不要
      found.constraints[0].op = opposite(found.constraints[0].op);
    }
    for (Constraint& c : found.constraints) add_constraint(walk, std::move(c));
    if (!found.missing.empty()) walk.reading.missing.push_back(found.missing);
    return;
  }
  const double n = walk.segments[at].number;
  if (is_only_number(walk) && n >= 1 && n <= static_cast<double>(walk.shown.size()) && n == static_cast<double>(static_cast<std::size_t>(n)))
    return mention(walk, walk.shown[static_cast<std::size_t>(n) - 1], written(walk.segments[at].tokens));
  walk.words.push_back(at);
}

}  // namespace attune::talk
