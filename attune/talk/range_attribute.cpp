// What a number of a message measures: by its name or unit, by what was asked, by what it can only be.
#include <algorithm>

#include "attune/talk/ranges.h"

namespace attune::talk {
namespace {

constexpr double kFirstYear = 1000, kLastYear = 2100;

const Attribute* number_of_role(const Lexicon& lexicon, Role role) {
  const Attribute* found = lexicon.of_role(role);
  return found != nullptr && found->is_number ? found : nullptr;
}

}  // namespace

const Attribute* measured_by(const Lexicon& lexicon, const Dialogue& dialogue, const Measured& measured, Role& role) {
  if (measured.named != nullptr && measured.named->is_number) return measured.named;
  if (role == Role::length || role == Role::size || role == Role::weight || role == Role::price || role == Role::year || role == Role::rating) return number_of_role(lexicon, role);
  if (dialogue.question) {
    if (const Attribute* asked = lexicon.attribute(dialogue.question->attribute); asked != nullptr && asked->is_number) return asked;
  }
  if (!measured.is_bound) return nullptr;
  const Attribute *year = number_of_role(lexicon, Role::year), *price = number_of_role(lexicon, Role::price);
  if (price != nullptr && (lexicon.of_role(Role::year) == nullptr || !(measured.number >= 1400 && measured.number <= kLastYear))) return price;
  if (year != nullptr && measured.number >= kFirstYear && measured.number <= kLastYear) return year;
  if (price != nullptr) return price;
  for (auto it = dialogue.wants.constraints.rbegin(); it != dialogue.wants.constraints.rend(); ++it)
    if (const Attribute* before = lexicon.attribute(it->attribute); before != nullptr && before->is_number) return before;
  const Attribute* only = nullptr;
  for (const Attribute& a : lexicon.attributes())
    if (a.is_number && a.name != kTakers) {
      if (only != nullptr) return nullptr;
      only = &a;
    }
  role = Role::price;
  return only;
}

const Constraint* restated(const Dialogue& dialogue, std::span<const Segment> segments, std::size_t at, double number) {
  const std::vector<Constraint>& held = dialogue.wants.constraints;
  bool says_so = false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& s = segments[i];
    says_so = says_so || s.is(Cue::instead) || s.is(Cue::must);
    const bool is_old = s.kind == Segment::numeral && i != at && std::any_of(held.begin(), held.end(), [&](const Constraint& c) { return c.op > Constraint::is_not && c.number == s.number; });      // "13, not 30"
    const bool is_content = (s.kind == Segment::word && !is_filler_segment(s)) || s.kind == Segment::value || s.kind == Segment::titled || s.kind == Segment::named || (s.kind == Segment::numeral && i != at && !is_old);
    if (is_content) return nullptr;
  }
  if (!says_so) return nullptr;
  for (const bool upper : {true, false})
    for (const Constraint& c : held)
      if (c.op > Constraint::is_not && (c.op == Constraint::below || c.op == Constraint::at_most) == upper && number >= c.number / 10 && number <= c.number * 10 && number != c.number) return &c;
  return nullptr;
}

}  // namespace attune::talk
