// Intent: the first rule that holds, from what is most surely meant to what is left.
#include "attune/talk/intent.h"

#include <algorithm>

namespace attune::talk {
namespace {

class Decision {
 public:
  Decision(const Lexicon& lexicon, const Dialogue& dialogue, std::span<const Segment> segments, Reading& reading)
      : lexicon_(lexicon), dialogue_(dialogue), segments_(segments), reading_(reading) {}

  void decide() {
    Reading& r = reading_;
    const bool asks = r.text.find('?') != std::string::npos || asks_attribute() || (!segments_.empty() && first_is(Cue::ask)) || r.text.ends_with("吗");
    const bool has_wants = !r.constraints.empty() || !r.comparatives.empty() || !r.wish.empty() || !r.kept.empty();
    const auto any_how = [&](Mention::How how) { return std::any_of(r.mentions.begin(), r.mentions.end(), [&](const Mention& m) { return m.how == how; }); };
    r.is_instead = says(Cue::instead) || (is_new_wish() && knows_a_word(r.wish));
    r.wants_others = says(Cue::more_items) || says(Cue::reject_all) || any_how(Mention::similar) || any_how(Mention::unlike);      // of what is disliked the others may stay
    r.is_unclear = r.mentions.empty() && !has_wants && r.withdrawn.empty() && is_pointing_away();
    if (says(Cue::undo)) r.intent = Intent::undo;
    else if (says(Cue::reset)) r.intent = Intent::reset;
    else if (is_service(has_wants)) r.intent = Intent::service;
    else if (says(Cue::why_not) && (!r.mentions.empty())) r.intent = Intent::why_not;
    else if (is_why_no_such()) r.intent = Intent::why_not;
    else if (says(Cue::explain) && !says(Cue::why_not)) r.intent = Intent::explain;
    else if (compares_shown(asks)) r.comparatives.clear(), r.intent = Intent::compare;
    else if (says(Cue::compare) && (r.mentions.size() >= 2 || (r.mentions.empty() && !has_wants))) r.intent = Intent::compare;
    else if (asks && r.mentions.size() == 1 && !r.constraints.empty() && r.mentions[0].how == Mention::unknown && !says(Cue::request)) ask_of_constraints();
    else if (!r.attributes.empty() && !has_wants && (asks || !r.mentions.empty() || !dialogue_.focus.empty() || says(Cue::ask))) r.intent = Intent::ask;
    else if (says(Cue::about_item) && !r.mentions.empty() && !has_wants) r.intent = Intent::about;
    else if (any_how(Mention::take) || (says(Cue::take) && is_only({Cue::take, Cue::this_one, Cue::pronoun, Cue::these, Cue::yes}))) r.intent = Intent::take;
    else if ((says(Cue::reject_all) || (says(Cue::negation_after) && says(Cue::these))) && !has_wants && r.mentions.empty() && r.withdrawn.empty()) r.intent = Intent::reject;
    else if (has_wants || any_how(Mention::similar) || any_how(Mention::unlike)) r.intent = Intent::wish;
    else if (any_how(Mention::dislike)) r.intent = Intent::reject;
    else if (any_how(Mention::like)) r.intent = Intent::like;
    else if (!r.withdrawn.empty()) r.intent = Intent::withdraw;
    else if (dialogue_.question && (says(Cue::any) || says(Cue::withdraw_after) || says(Cue::no))) r.intent = Intent::any;
    else if (r.mentions.size() == 1 && r.mentions[0].how == Mention::unknown) r.intent = Intent::about;
    else if (r.mentions.size() >= 2) r.intent = Intent::compare;
    else if (!r.mentions.empty()) r.intent = Intent::about;
    else if (says(Cue::withdraw) && is_only({Cue::withdraw, Cue::any})) r.intent = says(Cue::any) || !takes_back() ? Intent::any : Intent::undo;
    else if (says(Cue::any) || says(Cue::withdraw_after)) r.intent = Intent::any;
    else if (says(Cue::help)) r.intent = Intent::help;
    else if (says(Cue::bye)) r.intent = Intent::bye;
    else if (says(Cue::more_items) || (says(Cue::more) && is_only({Cue::more, Cue::more_items, Cue::request, Cue::pronoun}))) r.intent = Intent::more;
    else if (says(Cue::thanks)) r.intent = Intent::thanks;
    else if (says(Cue::request) || (says(Cue::yes) && is_only({Cue::yes}))) r.intent = Intent::wish;
    else if (says(Cue::greet)) r.intent = Intent::greet;
    else if (!r.missing.empty()) r.intent = Intent::wish;
    else if (says(Cue::no) || says(Cue::negation)) r.intent = is_only({Cue::no, Cue::negation, Cue::yes, Cue::this_one, Cue::these, Cue::pronoun, Cue::request, Cue::negation_after}) ? Intent::reject : Intent::wish;
  }

 private:
  // "not that one", 不要这个: of several shown, which?
  bool is_pointing_away() const {
    const bool one = std::any_of(segments_.begin(), segments_.end(), [](const Segment& s) { return s.is(Cue::this_one) && s.text() != "this" && s.text() != "that" && !s.text().starts_with("it"); });
    return one && !dialogue_.lists.empty() && dialogue_.lists.back().size() > 1 && (says(Cue::negation) || says(Cue::negation_after) || says(Cue::dislike) || says(Cue::no)) &&
           is_only({Cue::no, Cue::negation, Cue::negation_after, Cue::dislike, Cue::this_one, Cue::pronoun, Cue::yes, Cue::take, Cue::like});
  }

  // "why no lamps?", 为什么不推荐钢笔, after a list: asked, and not wished for as "how about lamps" is.
  bool is_why_no_such() const {
    const auto is_why = [](const Segment& s) { return s.is(Cue::why_not) && (s.text().starts_with("why") || s.text().starts_with("为") || s.text().starts_with("怎")); };
    const Reading& r = reading_;
    return !dialogue_.lists.empty() && std::any_of(segments_.begin(), segments_.end(), is_why) && r.mentions.empty() && r.comparatives.empty() && !r.constraints.empty() && !says(Cue::pronoun) && !asks_in_another_clause() &&
           std::all_of(r.constraints.begin(), r.constraints.end(), [](const Constraint& c) { return c.op == Constraint::is || c.op == Constraint::is_not; });
  }
  // 怎么没有台灯，我要台灯: wished for all the same.
  bool asks_in_another_clause() const {
    bool comma = false;
    for (const Segment& s : segments_) {
      comma = comma || s.kind == Segment::mark;
      if (comma && s.is(Cue::request)) return true;
    }
    return false;
  }
  // 第一和第二哪个便宜, "is the first cheaper than the second?": asked of what is shown.
  bool compares_shown(bool asks) const {
    const Reading& r = reading_;
    const bool asks_which = std::any_of(segments_.begin(), segments_.end(), [](const Segment& s) { return s.text().starts_with("which") || s.text().starts_with("哪"); });
    const auto is_named = [](const Mention& m) { return m.how == Mention::unknown || m.how == Mention::about || m.how == Mention::than; };
    const bool all_than = std::all_of(r.mentions.begin(), r.mentions.end(), [](const Mention& m) { return m.how == Mention::than; });
    return r.mentions.size() >= 2 && !r.comparatives.empty() && r.constraints.empty() && std::all_of(r.mentions.begin(), r.mentions.end(), is_named) && (asks_which || (asks && !all_than));
  }
  // "how much is it", 哪个牌子: asked whether a question mark stands there or not.
  bool asks_attribute() const {
    for (const Segment& s : segments_)
      if (s.is(Cue::attribute))
        for (const char* head : {"how", "what", "which", "who", "when", "where", "多", "几", "什", "哪", "谁"})
          if (s.text().starts_with(head)) return true;
    return false;
  }
  bool says(Cue cue) const {
    return std::any_of(segments_.begin(), segments_.end(), [&](const Segment& s) { return s.is(cue); });
  }
  // Is nothing but fillers and marks beside what these cues say.
  bool is_only(std::initializer_list<Cue> cues) const {
    for (const Segment& s : segments_) {
      if (s.kind == Segment::mark || is_filler_segment(s)) continue;
      if (s.kind != Segment::cue || std::none_of(cues.begin(), cues.end(), [&](Cue c) { return s.is(c); })) return false;
    }
    return true;
  }

  bool is_service(bool has_wants) const {
    const bool is_sure = std::any_of(segments_.begin(), segments_.end(), [](const Segment& s) { return s.is(Cue::service) && s.sense(Cue::service)->direction == 1; });
    return is_sure || (says(Cue::service) && !has_wants && reading_.mentions.empty());
  }

  // "a red bag" is another wish; "with hearts", "something red" and "also a lamp" add to the one before.
  bool is_new_wish() const {
    const Reading& r = reading_;
    if (r.wish.empty() || says(Cue::pronoun) || says(Cue::also) || !r.mentions.empty() || !r.comparatives.empty() || says(Cue::negation)) return false;
    if (says(Cue::request) || turns_to_thing()) return true;
    std::size_t words = 0, han = 0;
    for (const Token& token : tokens_of(r.wish)) words += token.kind == Token::word ? 1 : 0, han += token.kind == Token::han ? 1 : 0;
    const std::string first = segments_.empty() ? "" : segments_.front().tokens.front().text;
    const bool adds = first == "with" || first == "for" || first == "in" || first == "and" || first == "of" || first == "from" || first == "to";
    return !adds && (words >= 2 || han >= 3);
  }

  // "how about clocks", "now a lantern": a thing, by its plural or its article; "how about red" is of the thing before.
  bool turns_to_thing() const {
    const auto turns = [](const Segment& s) { return s.text() == "how about" || s.text() == "what about" || s.text() == "now"; };
    const auto article = [](const Segment& s) { return s.text() == "a" || s.text() == "an" || s.text() == "some"; };
    const std::vector<Token> words = tokens_of(reading_.wish);
    const bool is_plural = !words.empty() && words.back().kind == Token::word && singular(words.back().text) != words.back().text;
    return std::any_of(segments_.begin(), segments_.end(), turns) && (is_plural || std::any_of(segments_.begin(), segments_.end(), article));
  }

  // "never mind", 取消; "any", 不限 take nothing back.
  bool takes_back() const {
    return std::any_of(segments_.begin(), segments_.end(), [](const Segment& s) {
      const Sense* sense = s.sense(Cue::withdraw);
      return sense != nullptr && (sense->direction == 1 || s.text().starts_with("never") || s.text() == "ignore");
    });
  }

  bool first_is(Cue cue) const {
    for (const Segment& s : segments_) {
      if (s.is(cue)) return true;
      if (!is_filler_segment(s)) return false;
    }
    return false;
  }
  bool knows_a_word(const std::string& text) const {
    for (const Token& token : tokens_of(text))
      if (token.kind == Token::han || (token.kind == Token::word && lexicon_.rareness(token.text) > 0)) return true;
    return false;
  }

  // "is the second one vegan?": what would be a wish is asked of the item.
  void ask_of_constraints() {
    for (const Constraint& c : reading_.constraints)
      if (!c.attribute.empty()) reading_.attributes.push_back(c.attribute);
    reading_.constraints.clear();
    reading_.adds.clear();
    reading_.intent = reading_.attributes.empty() ? Intent::about : Intent::ask;
  }

  const Lexicon& lexicon_;
  const Dialogue& dialogue_;
  std::span<const Segment> segments_;
  Reading& reading_;
};

}  // namespace

void decide_intent(const Lexicon& lexicon, const Dialogue& dialogue, std::span<const Segment> segments, Reading& reading) {
  Decision(lexicon, dialogue, segments, reading).decide();
}

}  // namespace attune::talk
