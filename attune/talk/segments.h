// Segments: a message cut into the phrases that mean something: cues, values, attributes, titles, numbers, and words left over.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attune/talk/cues.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/tokens.h"

namespace attune::talk {

struct Segment {
  enum Kind { word, cue, value, named, titled, numeral, mark } kind = word;   // named: an attribute; titled: an item
  std::span<const Token> tokens;
  std::span<const Sense> senses = {};              // of a cue
  std::span<const ValueAt> values = {};            // of a value
  const Attribute* attribute = nullptr;            // named; of a value: the attribute named beside it, if one was
  std::span<const std::uint32_t> items = {};       // of a title; one for a code
  double number = 0;
  bool used = false;                               // read by a rule already

  const Sense* sense(Cue cue) const noexcept {
    for (const Sense& s : senses)
      if (s.cue == cue) return &s;
    return nullptr;
  }
  bool is(Cue cue) const noexcept { return kind == Segment::cue && sense(cue) != nullptr; }
  std::string text() const { return key_of(tokens); }
};

// A word that says nothing of what is wanted.
inline bool is_filler_segment(const Segment& s) { return s.kind == Segment::word && is_filler(s.tokens[0].text); }

struct Segmented {
  std::vector<Token> tokens;
  std::vector<std::uint32_t> codes;                // items named by their codes, for the segments' spans
  std::vector<Segment> segments;                   // in order; every token in one
  std::vector<std::pair<std::string, std::string>> corrected;
};

// Slips of the pen are mended first. The longest phrase wins; of equal ones a cue before a value before an attribute before a
// title; but a value that is named as one ("category: others", 类型是其他) and a title in quotes go before a cue of the same words. `asked`: the attribute
// that was just asked for; a message that is one of its values is that value. Spans point into the result and the lexicon: keep both.
std::unique_ptr<const Segmented> segmented(const Lexicon& lexicon, const std::string& text, std::string_view asked = {});

}  // namespace attune::talk
