// Comparatives of a message: "cheaper", "higher rating", and the items they compare with.
#include <algorithm>
#include <cstdlib>

#include "attune/talk/walk.h"

namespace attune::talk {
namespace {

bool stands_between(const Segment& s) { return s.is(Cue::than) || s.is(Cue::ordinal) || s.is(Cue::this_one) || s.is(Cue::last) || s.kind == Segment::titled || is_filler_segment(s); }

// "too dear": what is wanted is the other way, also when it is negated.
bool says_too(const std::string& said) {
  for (const char* head : {"too ", "太", "that's too", "thats too", "这么", "那么", "so ", "that "})
    if (said.starts_with(head)) return true;
  return false;
}
bool points_at_shown(const std::string& said) { return said.starts_with("这么") || said.starts_with("那么") || said.starts_with("so ") || said.starts_with("that "); }

// "as dear as the first" is about the same; "not as dear", "so dear" is less.
int direction_of(const Walk& walk, const Sense& sense, const std::string& said) {
  const int sign = sense.direction > 0 ? 1 : sense.direction < 0 ? -1 : 0;
  if (std::abs(sense.direction) == 3) return said.ends_with(" as") && !walk.negated ? 0 : -sign;
  if (walk.is_inverted) return says_too(said) ? sign : -sign;      // 没第二个那么贵: the word says "too dear" by itself
  return walk.negated && !says_too(said) ? -sign : sign;
}

// "better rated" where nothing is rated is not "more taken"; "better" may be.
bool is_of_ratings(const std::string& said) {
  for (const char* word : {"rat", "review", "评", "口碑"})
    if (said.find(word) != std::string::npos) return true;
  return false;
}

void compare(Walk& walk, const std::string& attribute, int direction, bool is_absolute, const std::string& said) {
  walk.reading.comparatives.push_back({.attribute = attribute, .direction = direction, .is_absolute = is_absolute, .is_most = false, .of_shown = false, .than = "", .said = said});
}

// "my oldest daughter": of nothing that is sold.
bool is_of_somebody(const Walk& walk, std::size_t at) {
  const std::string before = at > 0 ? walk.segments[at - 1].text() : "";
  return before == "my" || before == "our" || before == "her" || before == "his" || before == "their";
}

// "newer than 2009": the number says it all.
bool number_after_than(const Walk& walk, std::size_t at) {
  std::size_t i = walk.next(at);
  if (!walk.has(i) || !walk.segments[i].is(Cue::than)) return false;
  for (i = walk.next(i); walk.has(i) && (walk.segments[i].is(Cue::currency) || walk.segments[i].is(Cue::around)); i = walk.next(i)) {}
  return walk.has(i) && walk.segments[i].kind == Segment::numeral;
}

// 玻璃的更好, "glass would be better": a preference, and no rating.
bool says_value_is_better(const Walk& walk, std::size_t at, const Sense& sense) {
  if (sense.role != Role::rating || sense.direction != 1 || is_of_ratings(written(walk.segments[at].tokens))) return false;
  for (std::size_t i = at; i-- > 0 && !walk.is_parted(i + 1);)
    if (!is_filler_segment(walk.segments[i])) return walk.segments[i].kind == Segment::value;
  return false;
}

}  // namespace

bool compares_beside(Walk& walk, std::size_t at, const std::string& attribute, const std::string& said) {
  std::size_t behind = at + 1;      // 评分比第一个高的: the item stands between
  while (walk.has(behind) && behind < at + 5 && stands_between(walk.segments[behind])) ++behind;
  for (const std::size_t i : {at == 0 ? walk.segments.size() : at - 1, behind}) {
    if (!walk.has(i)) continue;
    Segment& s = walk.segments[i];
    for (const Cue cue : {Cue::more, Cue::less}) {
      if (!s.is(cue)) continue;
      const int direction = s.sense(cue)->direction;
      s.used = true;
      compare(walk, attribute, walk.negated ? -direction : direction, false, written(s.tokens) + " " + said);
      return true;
    }
  }
  return false;
}

void read_comparative(Walk& walk, std::size_t at, const Sense& sense) {
  if (number_after_than(walk, at) || says_value_is_better(walk, at, sense)) return;
  const Attribute* attribute = walk.lexicon.of_role(sense.role);
  if (attribute != nullptr && !attribute->is_number) attribute = nullptr;
  const bool is_most = std::abs(sense.direction) == 4 && !walk.negated;                // "not the cheapest": a bound like "not cheap"
  const bool is_absolute = std::abs(sense.direction) == 2 || std::abs(sense.direction) == 4;
  if ((attribute == nullptr && is_absolute && !is_most) || (is_most && is_of_somebody(walk, at))) {       // "a long dress" where nothing has a length: words
    walk.words.push_back(at);
    return;
  }
  flush_words(walk);
  if (attribute == nullptr && sense.role == Role::rating && !is_of_ratings(written(walk.segments[at].tokens))) attribute = walk.lexicon.of_role(Role::popularity);
  if (attribute == nullptr) {
    walk.reading.missing.push_back(std::string(name(sense.role)));
    return;
  }
  const std::string said = written(walk.segments[at].tokens);
  const bool is_known = !walk.shown.empty() && points_at_shown(said);
  compare(walk, attribute->name, direction_of(walk, sense, said), is_absolute || (walk.negated && says_too(said) && !is_known), said);
  walk.reading.comparatives.back().is_most = is_most;
  walk.negated = false, walk.is_inverted = false;
  if (said.ends_with(" as") || sense.direction == 0) walk.how = Mention::than;
}

void point_superlatives(Walk& walk) {
  Reading& r = walk.reading;
  const auto points = [](const Segment& s) {
    const std::string text = s.text();
    for (const char* word : {"these", "those", "them", "all of these", "all of them", "any of these", "这 些", "那 些", "它 们"})
      if (text == word) return true;
    return false;
  };
  const auto asks_which = [](const Segment& s) { return s.text().starts_with("which") || s.text().starts_with("哪"); };
  const bool in_list = r.text.find("其中") != std::string::npos || r.text.find("里面") != std::string::npos || r.text.find("这几") != std::string::npos;
  const bool names_nothing = r.constraints.empty() && r.wish.empty() && walk.words.empty();
  const bool of_shown = !walk.shown.empty() && (in_list || std::any_of(walk.segments.begin(), walk.segments.end(), points) || (names_nothing && std::any_of(walk.segments.begin(), walk.segments.end(), asks_which)));
  for (Comparative& c : r.comparatives) c.of_shown = c.is_most && of_shown;
}

void pair_comparatives(Walk& walk) {
  std::vector<Comparative>& comparatives = walk.reading.comparatives;
  if (comparatives.empty()) return;
  const bool too = std::any_of(comparatives.begin(), comparatives.end(), [](const Comparative& c) { return c.said.find("too ") != std::string::npos || c.said.find("太") != std::string::npos || c.direction == 0; });
  for (Mention& m : walk.reading.mentions) {
    const bool is_compared_with = m.how == Mention::than || m.how == Mention::similar || m.how == Mention::like || m.how == Mention::about || (m.how == Mention::unknown && too);
    if (!is_compared_with) continue;
    for (Comparative& c : comparatives)
      if (c.than.empty() && !c.is_most && (!c.is_absolute || m.how == Mention::than)) c.than = m.item, c.is_absolute = false;
    if (m.how == Mention::unknown) m.how = Mention::than;
  }
}

}  // namespace attune::talk
