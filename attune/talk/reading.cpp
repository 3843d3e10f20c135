// Reading: one walk over the segments with a small state: is it negated, how are items meant.
#include "attune/talk/reading.h"

#include <memory>

#include "attune/talk/intent.h"
#include "attune/talk/walk.h"

namespace attune::talk {
namespace {

bool is_stop(const Segment& s) {
  if (s.kind != Segment::mark) return false;
  const std::string& m = s.tokens[0].text;
  return m == "." || m == "!" || m == "?" || m == ";" || m == "。" || m == "…" || m == ":";
}

// What follows is meant as this.
void mean(Walk& walk, Mention::How how) {
  flush_words(walk);
  walk.how = how;
}

void withdraw_one(Walk& walk, std::size_t at, int drops) {
  walk.withdraws = true, walk.drops = drops;
  read_segment(walk, at);
  walk.segments[at].used = true;
  walk.withdraws = false;
}

// "never mind the price and the brand": false when no attribute or value is named behind it.
bool read_withdrawal(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  const std::size_t after = walk.next(at);
  const auto names_attribute = [&](std::size_t i) { return walk.has(i) && (walk.segments[i].kind == Segment::named || walk.segments[i].is(Cue::attribute) || walk.segments[i].text() == "budget" || walk.segments[i].text() == "预 算"); };
  const bool names_value = walk.has(after) && walk.segments[after].kind == Segment::value && !s.is(Cue::request) && !s.is(Cue::any);
  if (!names_attribute(after) && !names_value) return false;
  flush_words(walk);
  const int drops = s.is(Cue::withdraw) ? s.sense(Cue::withdraw)->direction : 0;
  withdraw_one(walk, after, drops);
  for (std::size_t more = walk.next(after); walk.has(more) && (walk.segments[more].is(Cue::and_) || walk.segments[more].is(Cue::or_) || is_comma(walk.segments[more])); more = walk.next(more)) {
    const std::size_t other = walk.next(more);
    if (!names_attribute(other)) break;
    withdraw_one(walk, other, drops);
    more = other;
  }
  return true;
}

// "the red is out", 第二个不行, 青山和小鹿都不要: of what was read last in this clause.
bool read_rejection_behind(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  if (!s.is(Cue::negation_after) || !walk.ends_here(at) || !walk.words.empty()) return false;
  if (s.is(Cue::negation) && walk.is_parted(at) && walk.is_parted(at + 1) && walk.segments[at + 1].kind != Segment::mark) return false;      // mug 不要 blue: what follows
  const bool all = s.text().starts_with("都");
  if (walk.last == Walk::item && walk.reading.mentions.back().how == Mention::unknown) {
    for (auto it = walk.reading.mentions.rbegin(); it != walk.reading.mentions.rend() && it->how == Mention::unknown && (all || it == walk.reading.mentions.rbegin()); ++it) it->how = Mention::dislike;
    return true;
  }
  std::vector<Constraint>& constraints = walk.reading.constraints;
  if (walk.last != Walk::constraint || constraints.empty() || constraints.back().op != Constraint::is) return false;
  for (std::size_t n = constraints.size(); n > walk.clause && constraints[n - 1].op == Constraint::is && (all || n == constraints.size()); --n) constraints[n - 1].op = Constraint::is_not;
  return true;
}

// 没有第一个贵: "not" and an item with a comparative behind it.
bool compares_item_behind(const Walk& walk, std::size_t at) {
  const std::size_t after = walk.next(at);
  if (!walk.has(after) || !(walk.segments[after].is(Cue::ordinal) || walk.segments[after].is(Cue::last) || walk.segments[after].is(Cue::this_one))) return false;
  const std::size_t behind = walk.next(after);
  return walk.has(behind) && walk.segments[behind].is(Cue::comparative);
}

// "no, green": what comes takes the place of what was asked for.
bool is_correction(const Walk& walk, std::size_t at) {
  const std::string text = walk.segments[at].text();
  if (!(text == "no" || text == "non" || text == "不 是" || text == "不" || text == "别") || !walk.has(at + 1) || !is_comma(walk.segments[at + 1])) return false;
  return std::all_of(walk.segments.begin(), walk.segments.begin() + static_cast<std::ptrdiff_t>(at), [](const Segment& s) { return s.kind == Segment::mark || is_filler_segment(s); });
}

// "not": false when the cue says something else here.
bool read_negation(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  const bool is_before_value = s.is(Cue::no) && s.text() == "不" && walk.has(at + 1) && walk.segments[at + 1].kind == Segment::value;      // 不红不绿
  if (!s.is(Cue::negation) && !is_before_value) return false;
  if (is_correction(walk, at)) {
    end_phrase(walk);
    return true;
  }
  if (s.is(Cue::negation_after) && !walk.words.empty() && walk.has(at + 1) && walk.segments[at + 1].kind == Segment::mark) {      // 便宜货不要，: what stands before it
    walk.negated = true;
    flush_words(walk);
    walk.negated = false;
    return true;
  }
  mean(walk, Mention::unknown);      // "like the first but not white": white is of no item
  if (compares_item_behind(walk, at)) {
    walk.how = Mention::than, walk.is_inverted = true;
    return true;
  }
  walk.negated = true, walk.last = Walk::nothing;
  return true;
}

// "why not the modern blue lamp": the item that has all of the words, whatever each of them says by itself.
bool read_item_behind(Walk& walk, std::size_t at) {
  std::vector<Token> tokens;
  std::size_t end = at + 1, words = 0, titled = 0;
  for (; walk.has(end) && walk.segments[end].kind != Segment::mark; ++end) {
    const Segment& s = walk.segments[end];
    if (s.used || s.kind == Segment::numeral || s.is(Cue::ordinal) || s.is(Cue::this_one) || s.is(Cue::last)) return false;
    for (const Token& token : s.tokens) {
      const bool says = token.kind == Token::word && !is_filler(token.text);
      words += says ? 1 : 0, titled += says && s.kind == Segment::titled ? 1 : 0;
      tokens.push_back(token);
    }
  }
  if (words < 2 || titled == words) return false;
  std::vector<ItemId> shown;
  for (const std::string& item : walk.shown)
    if (const auto id = walk.lexicon.world().find(item)) shown.push_back(*id);
  const auto item = walk.lexicon.item_by_words(tokens, shown);
  if (!item) return false;
  mention(walk, walk.lexicon.world().item(*item).name, written(tokens));
  for (std::size_t i = at + 1; i < end; ++i) walk.segments[i].used = true;
  return true;
}

// How items and words behind it are meant: "similar to", "I hate", "why": false when it says nothing of that.
bool read_attitude(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  if (s.is(Cue::like)) {
    end_phrase(walk);
    walk.how = Mention::like;
  } else if (s.is(Cue::similar_to)) {
    mean(walk, walk.negated ? Mention::unlike : Mention::similar);
  } else if (s.is(Cue::than)) {
    const bool is_inverted = s.sense(Cue::than)->direction < 0;
    if (is_inverted && !compares_item_behind(walk, at)) return true;      // 没钱: compares nothing
    mean(walk, Mention::than);
    walk.is_inverted = is_inverted;
  } else if (s.is(Cue::take)) {
    end_phrase(walk);
    walk.how = Mention::take;
  } else if (s.is(Cue::about_item) || s.is(Cue::compare) || s.is(Cue::explain) || s.is(Cue::why_not)) {
    const bool is_offer = s.text() == "how about" || s.text() == "what about";      // "how about red": of no item unless it is named by two words or more
    mean(walk, walk.how == Mention::unknown && !is_offer ? Mention::about : walk.how);
    if (s.is(Cue::why_not)) read_item_behind(walk, at);
  } else {
    return false;
  }
  return true;
}

// "but", "only", "I want", "or": false when it joins nothing.
bool read_joint(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  if (s.is(Cue::instead)) walk.corrected = walk.reading.constraints.size();
  if (s.is(Cue::but) || s.is(Cue::instead)) {
    end_phrase(walk);
  } else if (s.is(Cue::must)) {
    end_phrase(walk);
    walk.must = true;
  } else if (s.is(Cue::request) && !s.is(Cue::any)) {
    const bool was_or = walk.is_or, was_permitted = walk.permits;
    end_phrase(walk);
    walk.is_or = was_or, walk.permits = was_permitted;
  } else if (s.is(Cue::also)) {
    walk.is_also = true;
  } else if (s.is(Cue::or_)) {
    flush_words(walk);
    walk.is_or = s.text() != "还 是" || !walk.reading.constraints.empty();      // 还是蓝色吧: blue instead
  } else if (s.is(Cue::and_)) {
    if (walk.negated || s.text() != "with") flush_words(walk);
    if (walk.negated) walk.is_or = true;      // "no red and blue": neither
  } else if (s.is(Cue::pronoun) && !walk.words.empty()) {
    flush_words(walk);                        // "the babushka one"
  } else {
    return false;
  }
  return true;
}

// What is a cue only in its place is a word elsewhere: "first aid", "time".
bool is_content(const Segment& s) {
  for (const Cue cue : {Cue::unit, Cue::ordinal, Cue::magnitude, Cue::decade, Cue::last, Cue::negation_after, Cue::withdraw_after, Cue::age})
    if (s.is(cue)) return s.tokens.size() == 1 && s.tokens[0].kind == Token::word && s.tokens[0].text.size() > 2;
  return false;
}

// "no price limit", 多少钱都行: said of what an attribute is about, in a phrase of its own.
bool withdraws_role(Walk& walk, const Segment& s) {
  const Sense* sense = s.sense(Cue::withdraw);
  if (sense == nullptr || sense->role == Role::none) return false;
  flush_words(walk);
  if (const Attribute* attribute = walk.lexicon.of_role(sense->role)) walk.reading.withdrawn.push_back(attribute->name);
  return true;
}

void read_cue(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  if (s.is(Cue::budget) && withdraws_budget(walk, at)) return;
  if (read_place(walk, at)) return;
  if (withdraws_role(walk, s) || read_rejection_behind(walk, at)) return;
  if (s.is(Cue::keep) && read_keeping(walk, at)) return;
  if ((s.is(Cue::withdraw) || s.is(Cue::any)) && read_withdrawal(walk, at)) return;
  if (s.is(Cue::permit)) {
    flush_words(walk);
    walk.permits = true;
    return;
  }
  if (s.is(Cue::attribute)) return read_role(walk, at);
  if (const Sense* comparative = s.sense(Cue::comparative)) return read_comparative(walk, at, *comparative);
  if (s.is(Cue::dislike)) return mean(walk, s.text() == "less like" || s.text() == "nothing like" || s.text() == "unlike" ? Mention::unlike : Mention::dislike);
  if (read_negation(walk, at) || read_attitude(walk, at) || read_joint(walk, at)) return;
  if (is_content(s)) walk.words.push_back(at);
}

// A blank in Chinese: what was negated before it is so no more, once something was.
void part(Walk& walk) {
  flush_words(walk);
  if (walk.last == Walk::nothing || walk.how == Mention::similar || walk.how == Mention::than) return;
  walk.negated = false;
  if (walk.how == Mention::dislike || walk.how == Mention::unlike) walk.how = Mention::unknown;
}

// "not under 40, and not too cheap": the number says it better.
void drop_vague(Reading& reading) {
  std::erase_if(reading.comparatives, [&](const Comparative& c) {
    return c.than.empty() && !c.is_most && std::any_of(reading.constraints.begin(), reading.constraints.end(), [&](const Constraint& n) { return n.attribute == c.attribute && n.op > Constraint::is_not; });
  });
}

void read_mark(Walk& walk, const Segment& s) {
  if (is_stop(s)) end_phrase(walk);
  if (!is_comma(s)) return;
  flush_words(walk);
  walk.is_apart = walk.negated && walk.last == Walk::constraint;      // 不要不锈钢，水壶: of another attribute it is wanted
}

// The language by what most of the message is written in.
std::string language_of(const Segmented& cut, const Dialogue& dialogue) {
  std::size_t han = 0, words = 0;
  for (const Token& token : cut.tokens) han += token.kind == Token::han ? 1 : 0, words += token.kind == Token::word ? 1 : 0;
  return han > words ? "zh" : words > 0 ? "en" : dialogue.language;
}

}  // namespace

void end_phrase(Walk& walk) {
  flush_words(walk);
  walk.negated = false, walk.is_or = false, walk.is_apart = false, walk.must = false, walk.permits = false, walk.is_inverted = false;
  walk.how = Mention::unknown;
  walk.last = Walk::nothing;
  walk.clause = walk.reading.constraints.size();
}

void read_segment(Walk& walk, std::size_t at) {
  switch (walk.segments[at].kind) {
    case Segment::mark: return read_mark(walk, walk.segments[at]);
    case Segment::numeral: return read_number(walk, at);
    case Segment::value: return read_value(walk, at);
    case Segment::named: return read_attribute(walk, at);
    case Segment::titled: return read_title(walk, at);
    case Segment::cue: return read_cue(walk, at);
    case Segment::word: walk.words.push_back(at); return;
  }
}

Reading read(const Lexicon& lexicon, const Dialogue& dialogue, std::string_view message) {
  Reading reading;
  reading.text = cleaned(message, kMostBytes);
  reading.is_cut = message.size() > kMostBytes && reading.text.size() + 4 > kMostBytes;
  const std::unique_ptr<const Segmented> cut = segmented(lexicon, reading.text, dialogue.question ? std::string_view(dialogue.question->attribute) : std::string_view());
  reading.language = language_of(*cut, dialogue);
  reading.corrected = cut->corrected;
  Walk walk{.lexicon = lexicon, .dialogue = dialogue, .reading = reading, .segments = cut->segments, .shown = dialogue.lists.empty() ? std::vector<std::string>() : dialogue.lists.back(), .words = {}};
  for (std::size_t at = 0; at < walk.segments.size(); ++at) {
    if (walk.is_parted(at)) part(walk);
    if (!walk.segments[at].used) read_segment(walk, at);
  }
  end_phrase(walk);
  point_superlatives(walk);
  pair_comparatives(walk);
  drop_vague(reading);
  decide_intent(lexicon, dialogue, walk.segments, reading);
  if (reading.wish.size() > Dialogue::kText) reading.wish = cleaned(reading.wish, Dialogue::kText);      // longer ones cost an encoder time and say nothing more
  return reading;
}

}  // namespace attune::talk
