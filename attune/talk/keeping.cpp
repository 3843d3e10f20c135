// Keeping and letting go by name: "keep the price", 保留价格; "forget about the budget", 预算不管了.
#include "attune/talk/walk.h"

namespace attune::talk {
namespace {

// The attribute that a segment names; nullptr = none.
const Attribute* named(const Walk& walk, std::size_t at) {
  if (!walk.has(at)) return nullptr;
  const Segment& s = walk.segments[at];
  if (s.kind == Segment::named) return s.attribute;
  const Sense* role = s.kind == Segment::cue ? s.sense(Cue::attribute) : nullptr;
  return role != nullptr ? walk.lexicon.of_role(role->role) : nullptr;
}

bool says_all(const Segment& s) {
  const std::string text = s.text();
  return text == "all" || text == "everything" || text == "both" || text == "them" || text == "those" || text == "都" || text == "这些" || text == "all of them" || text == "all of these";
}

}  // namespace

bool read_keeping(Walk& walk, std::size_t at) {
  std::vector<std::string>& kept = walk.reading.kept;
  std::size_t end = at + 1;
  for (std::size_t i = at + 1; walk.has(i); ++i) {
    const Segment& s = walk.segments[i];
    if (const Attribute* attribute = named(walk, i)) {
      kept.push_back(attribute->name), end = i + 1;
    } else if (says_all(s)) {
      kept.push_back("*"), end = i + 1;
    } else if (!(is_filler_segment(s) || s.is(Cue::and_) || is_comma(s))) {
      break;
    }
  }
  if (kept.empty()) return false;
  flush_words(walk);
  for (std::size_t i = at + 1; i < end; ++i) walk.segments[i].used = true;
  return true;
}

// 预算不管了, "forget about the budget": of the price, where no amount is named.
bool withdraws_budget(Walk& walk, std::size_t at) {
  const std::string text = walk.segments[at].text();
  const Attribute* price = walk.lexicon.of_role(Role::price);
  if (price == nullptr || !(text == "budget" || text == "预 算")) return false;
  const std::size_t after = walk.next(at);
  const bool behind = walk.has(after) && walk.segments[after].is(Cue::withdraw_after);
  if (!walk.withdraws && !behind) return false;
  if (behind) walk.segments[after].used = true;
  walk.reading.withdrawn.push_back(price->name);
  return true;
}

}  // namespace attune::talk
