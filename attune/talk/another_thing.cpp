// Another thing: "now show me mugs" after "a red lamp under 20": what was said of the lamp goes, what was said for all or not wanted at all stays.
#include <algorithm>
#include <array>

#include "attune/talk/constraints.h"
#include "attune/talk/telling.h"

namespace attune::talk {
namespace {

// The thing itself is told by a kind that an item has one of; of several (genres, dishes) one more is no other thing.
bool is_kind(const Lexicon& lexicon, const Constraint& c) {
  const Attribute* attribute = lexicon.attribute(c.attribute);
  return c.op == Constraint::is && attribute != nullptr && attribute->role == Role::kind && !attribute->is_list;
}

bool shares_value(const Constraint& a, const Constraint& b) {
  return std::any_of(a.values.begin(), a.values.end(), [&](const std::string& v) { return std::find(b.values.begin(), b.values.end(), v) != b.values.end(); });
}

// A kind that was not asked for takes the place of one that was.
bool is_another_kind(const Telling& telling) {
  const Reading& r = telling.reading();
  for (std::size_t i = 0; i < r.constraints.size(); ++i)
    for (const Constraint& held : telling.dialogue.wants.constraints)
      if (!r.adds[i] && is_kind(telling.lexicon, r.constraints[i]) && held.attribute == r.constraints[i].attribute && held.op == Constraint::is && !shares_value(held, r.constraints[i])) return true;
  return false;
}

// "show me", "how about", 看看: said of a thing; 周末和朋友聚餐 tells more of the one that is wanted.
bool requests(const std::string& text) {
  const std::vector<Token> tokens = tokens_of(text);
  for (std::size_t at = 0; at < tokens.size();) {
    const FoundCue cue = find_cue(std::span<const Token>(tokens).subspan(at));
    if (cue.find(Cue::request) != nullptr || cue.find(Cue::instead) != nullptr || cue.find(Cue::why_not) != nullptr || tokens[at].text == "now") return true;
    at += std::max<std::size_t>(cue.tokens, 1);
  }
  return false;
}

// A wish with no word of those before it takes their place.
bool is_another_wish(const Telling& telling) {
  const Reading& r = telling.reading();
  const std::vector<std::string>& wishes = telling.dialogue.wants.wish;
  if (!r.is_instead || r.wish.empty() || wishes.empty() || !requests(r.text)) return false;
  std::string gloss;
  const std::vector<WishWord> now = wish_words(telling.lexicon, r.wish, gloss);
  std::vector<WishWord> before;
  for (const std::string& wish : wishes)
    for (WishWord& word : wish_words(telling.lexicon, wish, gloss)) before.push_back(std::move(word));
  const auto shares = [&](const WishWord& a) { return std::any_of(before.begin(), before.end(), [&](const WishWord& b) { return singular(a.text) == singular(b.text); }); };
  return !now.empty() && !before.empty() && std::none_of(now.begin(), now.end(), shares);
}

bool is_said_again(const Reading& r, const Constraint& c) {
  return std::any_of(r.constraints.begin(), r.constraints.end(), [&](const Constraint& said) { return said.attribute == c.attribute && !c.attribute.empty(); });
}

// "everything under 20", 所有东西都不超过20: not of this thing alone.
bool is_said_for_all(const std::string& text) {
  static constexpr std::array<std::string_view, 9> kEnglish = {"everything", "anything i", "for all", "all of it", "in general", "always", "overall", "in total", "whatever i"};
  static constexpr std::array<std::string_view, 9> kChinese = {"所有", "一律", "全部", "每样", "每件", "总共", "统统", "买什么", "任何"};
  std::string lower;
  for (const Token& token : tokens_of(text)) lower += " " + token.text;
  lower += " ";
  return std::any_of(kEnglish.begin(), kEnglish.end(), [&](std::string_view w) { return lower.find(" " + std::string(w) + " ") != std::string::npos; }) ||
         std::any_of(kChinese.begin(), kChinese.end(), [&](std::string_view w) { return text.find(w) != std::string::npos; });
}

}  // namespace

void leave_old_thing(Telling& telling) {
  const bool by_kind = is_another_kind(telling);
  if (!by_kind && !is_another_wish(telling)) return;
  Wants& wants = telling.dialogue.wants;
  const Reading& r = telling.reading();
  std::vector<Constraint> gone, kept;
  for (const Constraint& c : wants.constraints) {
    if (is_said_again(r, c)) continue;
    (c.of_thing && c.op != Constraint::is_not ? gone : kept).push_back(c);
  }
  std::erase_if(wants.constraints, [&](const Constraint& c) { return std::find(gone.begin(), gone.end(), c) != gone.end(); });
  wants.wish.clear();
  wants.toward.clear();
  wants.away.clear();
  wants.order.reset();
  telling.add(telling.speech->moved_on(gone, kept));
}

bool is_of_thing(const Telling& telling) {
  const Reading& r = telling.reading();
  if (is_said_for_all(r.text)) return false;
  const auto kind = [&](const Constraint& c) { return is_kind(telling.lexicon, c); };
  const Wants& wants = telling.dialogue.wants;
  return !r.wish.empty() || !wants.wish.empty() || std::any_of(r.constraints.begin(), r.constraints.end(), kind) || std::any_of(wants.constraints.begin(), wants.constraints.end(), kind);
}

void bring_back(Telling& telling) {
  std::vector<Constraint>& held = telling.dialogue.wants.constraints;
  for (const std::string& attribute : telling.reading().kept) {
    const auto names = [&](const Constraint& c) { return attribute == "*" || c.attribute == attribute; };
    for (auto wants = telling.dialogue.before.rbegin(); wants != telling.dialogue.before.rend(); ++wants) {
      if (attribute != "*" && std::any_of(held.begin(), held.end(), names)) break;      // it is still there
      bool found = false;
      for (const Constraint& c : wants->constraints) {
        const bool is_taken = std::any_of(held.begin(), held.end(), [&](const Constraint& h) { return h.attribute == c.attribute && (h.op == c.op || h.op == Constraint::is); });
        if (names(c) && !is_taken) held.push_back(c), found = true;
      }
      if (found) break;
    }
  }
}

}  // namespace attune::talk
