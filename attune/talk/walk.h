// Walk: the state of reading one message: its segments, what was read so far, and how the next words are meant. Of reading.cpp,
// left_over.cpp, wanted.cpp, numbers.cpp, keeping.cpp, pointed.cpp and comparatives.cpp, each of which reads one kind of phrase.
#pragma once
#include <string>
#include <vector>

#include "attune/talk/reading.h"
#include "attune/talk/segments.h"

namespace attune::talk {

struct Walk {
  const Lexicon& lexicon;
  const Dialogue& dialogue;
  Reading& reading;
  std::vector<Segment> segments;
  std::vector<std::string> shown;             // the list shown last
  std::vector<std::size_t> words;             // segments of words not read yet
  bool negated = false, is_or = false, is_also = false, must = false, withdraws = false;
  int drops = 0;                              // of `withdraws`, 1: "drop", "skip": what was not asked for is barred
  bool permits = false;                       // "I don't mind": what was barred may be shown again
  bool is_inverted = false;                   // "not as dear as the last", 没第二个贵: less of it
  Mention::How how = Mention::unknown;
  bool is_apart = false;                      // after a comma: another attribute is no more negated
  std::size_t corrected = 0;                  // constraints read before "no, I mean": of the same attribute the next takes their place
  enum Last { nothing, constraint, item } last = nothing;      // read in this clause since its last "not": what a "no" behind is about
  std::size_t clause = 0;                     // the first constraint of this clause

  bool has(std::size_t i) const { return i < segments.size(); }
  // The next segment after `at` that is no filler; segments.size() = none.
  std::size_t next(std::size_t at) const {
    for (++at; has(at) && is_filler_segment(segments[at]); ++at) {}
    return at;
  }
  // A blank between Chinese phrases parts them as a comma does.
  bool is_parted(std::size_t at) const {
    if (at == 0 || !has(at)) return false;
    const Token &left = segments[at - 1].tokens.back(), &right = segments[at].tokens[0];
    return right.begin > left.end && (left.kind == Token::han || right.kind == Token::han);
  }
  // Nothing but fillers until the next mark.
  bool ends_here(std::size_t at) const {
    for (++at; has(at) && !is_parted(at); ++at)
      if (!is_filler_segment(segments[at])) return segments[at].kind == Segment::mark;
    return true;
  }
  // The next segment after `at` that says something: "the red ones too".
  std::size_t behind(std::size_t at) const {
    for (++at; has(at) && !is_parted(at) && (is_filler_segment(segments[at]) || segments[at].text() == "one" || segments[at].text() == "ones"); ++at) {}
    return is_parted(at) ? segments.size() : at;
  }
  bool is_unwanted() const { return negated || how == Mention::dislike || how == Mention::unlike; }
};

inline bool is_comma(const Segment& s) { return s.kind == Segment::mark && (s.tokens[0].text == "," || s.tokens[0].text == "、"); }

// The segment at `at`, by its kind.
void read_segment(Walk& walk, std::size_t at);
// A clause is over: what was negated or compared is so no more.
void end_phrase(Walk& walk);

// --- left_over.cpp: words that are no phrase: a wish, an item named by some of its words, or something unwanted
void flush_words(Walk& walk);
void wish(Walk& walk, const std::string& text);

// --- wanted.cpp: values and attributes as constraints
void add_constraint(Walk& walk, Constraint constraint);
void read_value(Walk& walk, std::size_t at);
void read_attribute(Walk& walk, std::size_t at);      // a name of the catalogue's
void read_role(Walk& walk, std::size_t at);           // "how much", 价格: what an attribute is about

// --- numbers.cpp
void read_number(Walk& walk, std::size_t at);

// --- pointed.cpp: items by place, title or "it"
void mention(Walk& walk, const std::string& item, const std::string& said);
void read_title(Walk& walk, std::size_t at);
bool read_place(Walk& walk, std::size_t at);          // false: it is none here

// --- keeping.cpp
bool read_keeping(Walk& walk, std::size_t at);        // false: nothing is named that could be kept
bool withdraws_budget(Walk& walk, std::size_t at);    // false: nothing is withdrawn here

// --- comparatives.cpp
void read_comparative(Walk& walk, std::size_t at, const Sense& sense);
// "higher rating", 评分更高: an attribute with "more" or "less" beside it.
bool compares_beside(Walk& walk, std::size_t at, const std::string& attribute, const std::string& said);
// "the cheapest of these", "which is the newest?": of what was shown.
void point_superlatives(Walk& walk);
// Gives comparatives the items they compare with: "cheaper than the second", "the second is too expensive", 比第二个便宜.
void pair_comparatives(Walk& walk);

}  // namespace attune::talk
