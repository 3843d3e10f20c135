// What is wanted and unwanted of attributes: values and names of attributes of a message, as constraints.
#include <algorithm>

#include "attune/talk/constraints.h"
#include "attune/talk/ranges.h"
#include "attune/talk/walk.h"

namespace attune::talk {
namespace {

// Of several attributes with that value: one that is named beside it or asked for just now, else the one whose value is named whole by most items.
const ValueAt* likeliest(const Walk& walk, const Segment& s) {
  const ValueAt* best = nullptr;
  std::size_t most = 0;
  for (const ValueAt& v : s.values) {
    const Attribute& a = walk.lexicon.attributes()[v.attribute];
    std::size_t n = a.values[v.value].items.size() + (v.is_part ? 0 : 1000000);
    if (walk.dialogue.question && walk.dialogue.question->attribute == a.name) n += 10000000;
    if (s.attribute == &a) n += 100000000;
    if (best == nullptr || n > most) best = &v, most = n;
  }
  return best;
}

Constraint wanted_value(const Walk& walk, const Segment& s, const ValueAt& best) {
  const Attribute& attribute = walk.lexicon.attributes()[best.attribute];
  Constraint c{.op = Constraint::is, .attribute = attribute.name, .values = {}, .said = written(s.tokens)};
  for (const ValueAt& v : s.values)
    if (v.attribute == best.attribute && v.is_part == best.is_part && c.values.size() < Dialogue::kValues) c.values.push_back(attribute.values[v.value].text);
  return c;
}

// "Denby is out", 蓝色的不要
bool is_negated_behind(Walk& walk, std::size_t at) {
  const std::size_t after = walk.behind(at);
  if (!walk.has(after) || !walk.segments[after].is(Cue::negation_after) || !walk.ends_here(after) || walk.segments[after].text().starts_with("都")) return false;
  if (!walk.negated) walk.segments[after].used = true;
  return true;
}

bool withdraws_behind(const Walk& walk, std::size_t at) {
  const std::size_t after = walk.behind(at);
  return walk.has(after) && walk.segments[after].is(Cue::withdraw_after);
}

// "Denby is fine", 红的也行
bool is_permitted(Walk& walk, std::size_t at) {
  const std::size_t after = walk.behind(at);
  if (!walk.has(after) || !walk.segments[after].is(Cue::permit_after)) return walk.permits;
  walk.segments[after].used = true;
  return true;
}

bool names_any(const Constraint& c, const Constraint& said) {
  return c.attribute == said.attribute && std::any_of(said.values.begin(), said.values.end(), [&](const std::string& v) { return std::find(c.values.begin(), c.values.end(), v) != c.values.end(); });
}
// The dialogue asks for it, or bars it.
bool has_been(const Walk& walk, Constraint::Op op, const Constraint& said) {
  return std::any_of(walk.dialogue.wants.constraints.begin(), walk.dialogue.wants.constraints.end(), [&](const Constraint& c) { return c.op == op && names_any(c, said); });
}

// The list shown last was none: the reply asked which condition may go.
bool nothing_fits(const Walk& walk) {
  const std::vector<Constraint>& held = walk.dialogue.wants.constraints;
  if (held.empty()) return false;
  const std::vector<std::uint8_t> mask = fitting(walk.lexicon, held);
  return std::find(mask.begin(), mask.end(), 1) == mask.end();
}

// Nothing but names of attributes and values that are asked for, where nothing fits: "the category", 价格吧.
bool answers_what_may_go(const Walk& walk) {
  for (const Segment& s : walk.segments) {
    if (s.kind == Segment::mark || is_filler_segment(s) || s.kind == Segment::named || s.is(Cue::attribute) || s.is(Cue::yes) || s.is(Cue::and_) || s.is(Cue::or_)) continue;
    if (s.kind != Segment::value) return false;
    const ValueAt* best = likeliest(walk, s);
    if (best == nullptr || !has_been(walk, Constraint::is, wanted_value(walk, s, *best))) return false;
  }
  return std::none_of(walk.segments.begin(), walk.segments.end(), [](const Segment& s) { return s.is(Cue::attribute) && s.text().starts_with("how "); }) && walk.reading.text.find('?') == std::string::npos && nothing_fits(walk);
}

void withdraw_values(Walk& walk, const Constraint& said) {
  for (const std::string& value : said.values) walk.reading.withdrawn.push_back(said.attribute + "=" + value);
}

// What was barred is so no more; what is asked for need not be it alone; nothing of either: it is wanted.
void permit(Walk& walk, Constraint c) {
  if (walk.is_unwanted() && has_been(walk, Constraint::is, c)) return withdraw_values(walk, c);      // 不是红色也行
  if (walk.is_unwanted()) {
    c.op = Constraint::is_not;
    return add_constraint(walk, std::move(c));
  }
  if (has_been(walk, Constraint::is_not, c)) return withdraw_values(walk, c);
  const bool was_also = walk.is_also;
  walk.is_also = true;
  add_constraint(walk, std::move(c));
  walk.is_also = was_also;
}

bool is_same(const Constraint& a, const Constraint& b) { return a.op == b.op && a.attribute == b.attribute && a.number == b.number; }

// "without price under 5", 去掉类别为“台灯”: the condition itself is named behind its attribute; it says nothing more.
void swallow_condition(Walk& walk, std::size_t at, const std::string& attribute) {
  const std::vector<Constraint>& held = walk.dialogue.wants.constraints;
  for (std::size_t i = at + 1; walk.has(i) && i <= at + 5; ++i) {
    Segment& s = walk.segments[i];
    if (is_comma(s) || s.is(Cue::but) || s.is(Cue::and_)) return;
    if (s.kind == Segment::value) {
      const ValueAt* best = likeliest(walk, s);
      if (best == nullptr) return;
      const Constraint c = wanted_value(walk, s, *best);
      if (c.attribute != attribute || !std::any_of(held.begin(), held.end(), [&](const Constraint& h) { return names_any(h, c); })) return;
      s.used = true;
    } else if (s.kind == Segment::numeral) {
      const std::vector<Segment> before = walk.segments;
      const RangeFound found = read_range(walk.lexicon, walk.dialogue, walk.segments, i, false);
      const bool is_held = !found.constraints.empty() && std::all_of(found.constraints.begin(), found.constraints.end(), [&](const Constraint& c) { return std::any_of(held.begin(), held.end(), [&](const Constraint& h) { return is_same(h, c); }); });
      if (!is_held) walk.segments = before;
      return;
    }
  }
}

bool holds(const Walk& walk, const std::string& attribute) {
  return std::any_of(walk.dialogue.wants.constraints.begin(), walk.dialogue.wants.constraints.end(), [&](const Constraint& c) { return c.attribute == attribute; });
}

bool value_follows(const Walk& walk, std::size_t at) {
  for (std::size_t i = at + 1; walk.has(i) && i <= at + 4; ++i) {
    if (walk.segments[i].kind == Segment::value || walk.segments[i].kind == Segment::numeral) return !walk.segments[i].used;
    if (is_comma(walk.segments[i]) || walk.segments[i].is(Cue::but) || walk.segments[i].is(Cue::and_)) return false;
  }
  return false;
}

// "without the category", 类别不要了, and "the category" after "which one may go?": of a condition that holds.
bool lets_go(Walk& walk, std::size_t at, const std::string& attribute) {
  if (!holds(walk, attribute) || (walk.how != Mention::unknown && walk.how != Mention::dislike)) return false;
  const std::size_t after = walk.behind(at);
  if (walk.has(after) && walk.segments[after].is(Cue::negation_after) && walk.ends_here(after)) {
    walk.segments[after].used = true;
    return true;
  }
  if (walk.negated) swallow_condition(walk, at, attribute);
  return (walk.negated || answers_what_may_go(walk)) && !value_follows(walk, at);
}

bool takes_withdraw_after(Walk& walk, std::size_t at) {
  const std::size_t after = walk.next(at);
  if (!walk.has(after) || !walk.segments[after].is(Cue::withdraw_after)) return false;
  walk.segments[after].used = true;
  return true;
}

void withdraw(Walk& walk, const std::string& attribute) {
  std::vector<std::string>& withdrawn = walk.reading.withdrawn;
  std::vector<Constraint>& all = walk.reading.constraints;
  for (std::size_t i = all.size(); i-- > 0;) {      // 绿色看腻了，颜色随便: what is said last holds
    if (all[i].attribute != attribute || all[i].op != Constraint::is) continue;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    walk.reading.adds.erase(walk.reading.adds.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (std::find(withdrawn.begin(), withdrawn.end(), attribute) == withdrawn.end()) withdrawn.push_back(attribute);
}

bool number_follows(const Walk& walk, std::size_t at) {
  for (std::size_t i = at + 1; walk.has(i) && i <= at + 4; ++i) {
    if (walk.segments[i].kind == Segment::numeral) return true;
    if (walk.segments[i].kind == Segment::mark && !walk.segments[i].is(Cue::currency)) return false;
  }
  return false;
}

// The value by which a flag says yes.
std::string yes_of(const Attribute& flag) {
  for (const Attribute::Value& v : flag.values)
    if (v.text == "true" || v.text == "True" || v.text == "yes" || v.text == "Yes" || v.text == "是" || v.text == "有") return v.text;
  return "true";
}

// "a blue mug, sorry, I mean green", 蓝色！啊不，绿色: what was said before goes.
void correct(Walk& walk, const Constraint& c) {
  std::vector<Constraint>& all = walk.reading.constraints;
  for (std::size_t i = std::min(walk.corrected, all.size()); i-- > 0;) {
    const bool is_bound = c.op > Constraint::is_not && all[i].op > Constraint::is_not;
    if (all[i].attribute != c.attribute || c.attribute.empty() || !(is_bound || (all[i].op == Constraint::is && c.op == Constraint::is))) continue;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    walk.reading.adds.erase(walk.reading.adds.begin() + static_cast<std::ptrdiff_t>(i));
    --walk.corrected;
    walk.is_or = false;
  }
}

// "other brands too", 别的牌子: the one that was asked for is not the only one.
bool names_others(const Walk& walk, std::size_t at) {
  if (at == 0) return false;
  const std::string before = walk.segments[at - 1].text();
  for (const char* word : {"other", "different", "another", "any other", "别 的", "其 他", "其 它", "另 外 的"})
    if (before == word) return true;
  return false;
}

}  // namespace

void add_constraint(Walk& walk, Constraint c) {
  std::vector<Constraint>& all = walk.reading.constraints;
  walk.last = Walk::constraint;
  correct(walk, c);
  // "red or blue": one constraint with several values
  if (walk.is_or && !all.empty()) {
    Constraint& last = all.back();
    if (last.attribute == c.attribute && last.op == c.op && c.op <= Constraint::is_not) {
      for (const std::string& value : c.values)
        if (std::find(last.values.begin(), last.values.end(), value) == last.values.end()) last.values.push_back(value);
      last.said += " / " + c.said;
      return;
    }
  }
  const bool adds = walk.is_also || (walk.is_or && all.empty());      // "or Denby": beside what was said before
  all.push_back(std::move(c));
  walk.reading.adds.push_back(adds);
}

// 不含咖啡因的茶叶: tea is wanted, of it what has none.
void end_lack(Walk& walk, std::size_t at, bool is_of) {
  if (!walk.negated || !is_of || walk.last != Walk::constraint) return;
  for (std::size_t i = at; i-- > 0;) {
    if (!walk.segments[i].is(Cue::negation)) continue;
    const std::string text = walk.segments[i].text();
    walk.negated = !(text == "不 含" || text == "不 带" || text == "没 有" || text == "无");
    return;
  }
}

void read_value(Walk& walk, std::size_t at) {
  const bool is_of = at > 0 && walk.segments[at - 1].tokens.back().text == "的";
  flush_words(walk);
  end_lack(walk, at, is_of);
  const ValueAt* best = likeliest(walk, walk.segments[at]);
  if (best == nullptr) return;
  Constraint c = wanted_value(walk, walk.segments[at], *best);
  if (walk.negated && walk.is_apart && !walk.reading.constraints.empty() && walk.reading.constraints.back().attribute != c.attribute) walk.negated = false, walk.is_or = false;
  if (has_been(walk, Constraint::is, c) && (answers_what_may_go(walk) || (walk.is_unwanted() && nothing_fits(walk)))) return withdraw_values(walk, c);
  if (walk.withdraws && (walk.drops == 0 || has_been(walk, Constraint::is, c) || has_been(walk, Constraint::is_not, c))) return withdraw_values(walk, c);
  if (walk.withdraws) {      // "skip the lamps" where no lamp was asked for
    c.op = Constraint::is_not;
    return add_constraint(walk, std::move(c));
  }
  if (is_permitted(walk, at)) {
    permit(walk, std::move(c));
    walk.is_or = false;
    return;
  }
  const bool negated_behind = is_negated_behind(walk, at);
  if (!negated_behind && takes_withdraw_after(walk, at)) return withdraw(walk, c.attribute);
  if (negated_behind && withdraws_behind(walk, at) && has_been(walk, Constraint::is, c)) return withdraw_values(walk, c);      // 红色去掉, where red was asked for
  if (walk.is_unwanted() || negated_behind) c.op = Constraint::is_not;
  if (c.op == Constraint::is && walk.how == Mention::similar) return wish(walk, c.said);     // "in the style of Tolkien": near, not only
  add_constraint(walk, std::move(c));
  walk.is_or = false;
}

// The name of an attribute: of a flag it is a wish; beside "more" it is a comparative; beside "never mind" it is withdrawn; else it is asked about.
void read_attribute(Walk& walk, std::size_t at) {
  flush_words(walk);
  const Attribute& attribute = *walk.segments[at].attribute;
  const std::string said = written(walk.segments[at].tokens);
  if (walk.withdraws) swallow_condition(walk, at, attribute.name);
  if (walk.withdraws || takes_withdraw_after(walk, at) || lets_go(walk, at, attribute.name) || (names_others(walk, at) && holds(walk, attribute.name))) return withdraw(walk, attribute.name);
  if (attribute.is_flag) return add_constraint(walk, {.op = walk.negated ? Constraint::is_not : Constraint::is, .attribute = attribute.name, .values = {yes_of(attribute)}, .said = said});
  if (attribute.is_number && compares_beside(walk, at, attribute.name, said)) return;
  if (walk.negated && attribute.role == Role::price) return withdraw(walk, attribute.name);      // "no price limit"; of "no sugar" it is the number
  if (walk.negated && attribute.is_number) return add_constraint(walk, {.op = Constraint::at_most, .attribute = attribute.name, .values = {}, .number = 0, .said = "no " + said});
  if (!number_follows(walk, at)) walk.reading.attributes.push_back(attribute.name);     // else the number takes it
}

void read_role(Walk& walk, std::size_t at) {
  flush_words(walk);
  const Role role = walk.segments[at].sense(Cue::attribute)->role;
  const Attribute* attribute = walk.lexicon.of_role(role);
  if (walk.withdraws && attribute != nullptr) swallow_condition(walk, at, attribute->name);
  const bool withdrawn = walk.withdraws || takes_withdraw_after(walk, at) || (attribute != nullptr && (lets_go(walk, at, attribute->name) || (names_others(walk, at) && holds(walk, attribute->name))));
  if (attribute == nullptr) {
    if (!withdrawn && !number_follows(walk, at)) walk.reading.missing.push_back(std::string(name(role)));
    return;
  }
  if (withdrawn || (walk.negated && role == Role::price && !number_follows(walk, at))) return withdraw(walk, attribute->name);
  if (attribute->is_number && compares_beside(walk, at, attribute->name, written(walk.segments[at].tokens))) return;
  if (!number_follows(walk, at)) walk.reading.attributes.push_back(attribute->name);
}

}  // namespace attune::talk
