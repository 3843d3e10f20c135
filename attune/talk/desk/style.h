// Style: how somebody writes, so that answers can be worded alike: how formal, how long. And the choice among templates that say the same.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/talk/desk/content.h"

namespace attune::talk::desk {

struct Style {
  double formal = 0.5;      // 0 = casual, 1 = formal
  double characters = 80;   // usual length of a message, in characters
};

// Of one text. English and Chinese; others are taken for neither formal nor casual.
Style style_of(std::string_view text);
// How somebody writes after `seen` messages of style `before` and one more: a running mean that forgets slowly.
Style blended(const Style& before, std::size_t seen, const Style& latest);
// "formal" or "casual", for wordings there are two of.
std::string_view word_for(const Style& style) noexcept;

struct Wish {
  std::string language;
  Style style;
  std::span<const std::string> used;                        // templates already sent in this conversation
  const std::map<std::string, std::size_t>* picks = nullptr;   // how often agents picked each
};
// The template of `candidates` (not empty) that suits best: the customer's language before all, then not one sent before, then style,
// length and what agents pick. Ties go to the first.
const Template* choose(std::span<const Template* const> candidates, const Wish& wish);

}  // namespace attune::talk::desk
