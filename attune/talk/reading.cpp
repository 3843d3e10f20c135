// Reading: one walk over the segments with a small state: is it negated, how are items meant.
#include "attune/talk/reading.h"

#include <algorithm>
#include <memory>

#include "attune/talk/intent.h"
#include "attune/talk/ranges.h"
#include "attune/talk/segments.h"

namespace attune::talk {
namespace {

bool is_stop(const Segment& s) {
  if (s.kind != Segment::mark) return false;
  const std::string& m = s.tokens[0].text;
  return m == "." || m == "!" || m == "?" || m == ";" || m == "。" || m == "…" || m == ":";
}
bool is_comma(const Segment& s) { return s.kind == Segment::mark && (s.tokens[0].text == "," || s.tokens[0].text == "、"); }

class Walker {
 public:
  Walker(const Lexicon& lexicon, const Dialogue& dialogue, Reading& reading, std::vector<Segment> segments)
      : lexicon_(lexicon), dialogue_(dialogue), reading_(reading), segments_(std::move(segments)) {
    if (!dialogue.lists.empty())
      for (const std::string& item : dialogue.lists.back()) shown_.push_back(item);
  }

  void run() {
    for (std::size_t at = 0; at < segments_.size(); ++at)
      if (!segments_[at].used) step(at);
    end_phrase();
    pair_comparatives();
    decide_intent(lexicon_, dialogue_, segments_, reading_);
  }

 private:
  bool has(std::size_t i) const { return i < segments_.size(); }
  // The next segment after `at` that is no filler; segments_.size() = none.
  std::size_t next(std::size_t at) const {
    for (++at; has(at) && is_filler_segment(segments_[at]); ++at) {}
    return at;
  }
  void step(std::size_t at) {
    const Segment& s = segments_[at];
    switch (s.kind) {
      case Segment::mark: on_mark(s); return;
      case Segment::numeral: on_number(at); return;
      case Segment::value: on_value(at); return;
      case Segment::named: on_attribute(at); return;
      case Segment::titled: on_title(at); return;
      case Segment::cue: on_cue(at); return;
      case Segment::word: on_word(at); return;
    }
  }

  void on_mark(const Segment& s) {
    if (is_comma(s)) {
      flush_words();
      return;
    }
    if (is_stop(s)) end_phrase();
  }

  void end_phrase() {
    flush_words();
    negated_ = false, is_or_ = false, must_ = false;
    how_ = Mention::unknown;
  }

  // --- words left over: a wish, an item named by some of its words, or something unwanted
  void on_word(std::size_t at) { words_.push_back(at); }

  std::vector<Token> words_tokens() const {
    std::vector<Token> tokens;
    for (const std::size_t i : words_) tokens.insert(tokens.end(), segments_[i].tokens.begin(), segments_[i].tokens.end());
    return tokens;
  }

  void flush_words() {
    std::vector<Token> tokens = words_tokens();
    const bool is_pointed = !tokens.empty() && (tokens.front().text == "the" || tokens.front().text == "that" || tokens.front().text == "this" || tokens.front().kind == Token::han);   // "I hate velvet" is of no item
    while (!tokens.empty() && is_filler(tokens.front().text)) tokens.erase(tokens.begin());
    while (!tokens.empty() && is_filler(tokens.back().text)) tokens.pop_back();
    words_.clear();
    if (tokens.empty()) return;
    const bool means_item = how_ == Mention::similar || how_ == Mention::than || how_ == Mention::about || how_ == Mention::take || how_ == Mention::unlike ||
                            ((how_ == Mention::like || how_ == Mention::dislike) && !shown_.empty() && (is_pointed || tokens.size() >= 3));
    if (means_item) {
      std::vector<ItemId> first;
      for (const std::string& item : shown_)
        if (const auto id = lexicon_.world().find(item)) first.push_back(*id);
      if (const auto item = lexicon_.item_by_words(tokens, first)) {
        mention(*item, written(tokens));
        return;
      }
    }
    if (negated_ || how_ == Mention::dislike || how_ == Mention::unlike) {
      unwanted(tokens);
      return;
    }
    std::string text;
    std::vector<Token> kept;
    for (const Token& token : tokens)
      if (token.kind == Token::han || !is_filler(token.text)) kept.push_back(token);
    text = written(kept);
    if (text.empty()) return;
    if (must_ && !lexicon_.with_words(text).empty()) add_constraint({.op = Constraint::is, .attribute = "", .values = {text}, .said = text});
    wish(text);
  }

  void wish(const std::string& text) {
    if (!reading_.wish.empty()) reading_.wish += ' ';
    reading_.wish += text;
  }

  // Words that the text of an item must not have: those of them that stand in the catalogue at all.
  void unwanted(const std::vector<Token>& tokens) {
    std::vector<Token> known;
    std::vector<Token> han;
    const auto flush_han = [&] {
      // the longest piece that any text has; 辣的 -> 辣
      for (std::size_t n = han.size(); n > 0; --n)
        for (std::size_t i = 0; i + n <= han.size(); ++i) {
          const std::vector<Token> piece(han.begin() + static_cast<std::ptrdiff_t>(i), han.begin() + static_cast<std::ptrdiff_t>(i + n));
          if (n == 1 && is_filler(piece[0].text)) continue;
          if (!lexicon_.with_word(written(piece)).empty()) {
            known.insert(known.end(), piece.begin(), piece.end());
            han.clear();
            return;
          }
        }
      han.clear();
    };
    for (const Token& token : tokens) {
      if (token.kind == Token::han) {
        han.push_back(token);
        continue;
      }
      flush_han();
      if (token.kind == Token::word && !is_filler(token.text) && lexicon_.rareness(token.text) > 0) known.push_back(token);
    }
    flush_han();
    const std::string text = written(known);
    if (!text.empty() && !lexicon_.with_words(text).empty()) add_constraint({.op = Constraint::is_not, .attribute = "", .values = {text}, .said = text});
  }

  void add_constraint(Constraint c) {
    const bool is_also = is_also_;
    // "red or blue": one constraint with several values
    if (is_or_ && !reading_.constraints.empty()) {
      Constraint& last = reading_.constraints.back();
      if (last.attribute == c.attribute && last.op == c.op && c.op <= Constraint::is_not) {
        last.values.insert(last.values.end(), c.values.begin(), c.values.end());
        last.said += " / " + c.said;
        return;
      }
    }
    reading_.constraints.push_back(std::move(c));
    reading_.adds.push_back(is_also);
  }

  // --- values and attributes
  void on_value(std::size_t at) {
    flush_words();
    const Segment& s = segments_[at];
    // Of several attributes with that value: one that is asked for just now, else the one whose value is named whole by most items.
    const ValueAt* best = nullptr;
    std::size_t best_items = 0;
    for (const ValueAt& v : s.values) {
      const Attribute& a = lexicon_.attributes()[v.attribute];
      std::size_t n = a.values[v.value].items.size() + (v.is_part ? 0 : 1000000);
      if (dialogue_.question && dialogue_.question->attribute == a.name) n += 10000000;
      if (s.attribute == &a) n += 100000000;
      if (best == nullptr || n > best_items) best = &v, best_items = n;
    }
    if (best == nullptr) return;
    const Attribute& attribute = lexicon_.attributes()[best->attribute];
    std::vector<std::string> values;
    for (const ValueAt& v : s.values)
      if (v.attribute == best->attribute && v.is_part == best->is_part && values.size() < Dialogue::kValues) values.push_back(attribute.values[v.value].text);
    Constraint c{.op = Constraint::is, .attribute = attribute.name, .values = std::move(values), .said = written(s.tokens)};
    const std::size_t after = next(at);
    const bool negated_after = has(after) && segments_[after].is(Cue::negation_after) && (next(after) >= segments_.size() || segments_[next(after)].kind == Segment::mark);
    const bool withdrawn_after = has(after) && segments_[after].is(Cue::withdraw_after);
    if (withdraws_) {
      for (const std::string& value : c.values) reading_.withdrawn.push_back(attribute.name + "=" + value);
      return;
    }
    if (withdrawn_after) {
      reading_.withdrawn.push_back(attribute.name);
      segments_[after].used = true;
      return;
    }
    if (negated_ || negated_after || how_ == Mention::dislike || how_ == Mention::unlike) c.op = Constraint::is_not;
    if (negated_after && !negated_) segments_[after].used = true;
    if (c.op == Constraint::is && how_ == Mention::similar) {     // "in the style of Tolkien": near, not only
      wish(c.said);
      return;
    }
    add_constraint(std::move(c));
    is_or_ = false;
  }

  void withdraw(const std::string& attribute) {
    if (std::find(reading_.withdrawn.begin(), reading_.withdrawn.end(), attribute) == reading_.withdrawn.end()) reading_.withdrawn.push_back(attribute);
  }

  // The name of an attribute: of a flag it is a wish; beside "more" it is a comparative; beside "never mind" it is withdrawn; else it is asked about.
  void on_attribute(std::size_t at) {
    flush_words();
    const Attribute& attribute = *segments_[at].attribute;
    const std::string said = written(segments_[at].tokens);
    if (withdraws_ || takes_withdraw_after(at)) {
      withdraw(attribute.name);
      return;
    }
    if (attribute.is_flag) {
      std::string yes = "true";
      for (const Attribute::Value& v : attribute.values) {
        const std::string low = v.text;
        if (low == "true" || low == "True" || low == "yes" || low == "Yes" || low == "是" || low == "有") yes = low;
      }
      add_constraint({.op = negated_ ? Constraint::is_not : Constraint::is, .attribute = attribute.name, .values = {yes}, .said = said});
      return;
    }
    if (attribute.is_number && compares_beside(at, attribute.name, said)) return;
    if (negated_ && attribute.is_number) {
      add_constraint({.op = Constraint::at_most, .attribute = attribute.name, .values = {}, .number = 0, .said = "no " + said});
      return;
    }
    if (number_follows(at)) return;     // the number takes it
    reading_.attributes.push_back(attribute.name);
  }

  bool takes_withdraw_after(std::size_t at) {
    const std::size_t after = next(at);
    if (!has(after) || !segments_[after].is(Cue::withdraw_after)) return false;
    segments_[after].used = true;
    return true;
  }

  bool number_follows(std::size_t at) const {
    for (std::size_t i = at + 1; has(i) && i <= at + 4; ++i) {
      if (segments_[i].kind == Segment::numeral) return true;
      if (segments_[i].kind == Segment::mark && !segments_[i].is(Cue::currency)) return false;
    }
    return false;
  }

  // "higher rating", 评分更高
  bool compares_beside(std::size_t at, const std::string& attribute, const std::string& said) {
    std::size_t behind = at + 1;      // 评分比第一个高的: the item stands between
    const auto stands_between = [](const Segment& s) { return s.is(Cue::than) || s.is(Cue::ordinal) || s.is(Cue::this_one) || s.is(Cue::last) || s.kind == Segment::titled || is_filler_segment(s); };
    while (has(behind) && behind < at + 5 && stands_between(segments_[behind])) ++behind;
    for (const std::size_t i : {at == 0 ? segments_.size() : at - 1, behind}) {
      if (!has(i)) continue;
      for (const Cue cue : {Cue::more, Cue::less})
        if (const Sense* sense = segments_[i].sense(cue); segments_[i].kind == Segment::cue && sense != nullptr) {
          segments_[i].used = true;
          compare(attribute, negated_ ? -sense->direction : sense->direction, false, written(segments_[i].tokens) + " " + said);
          return true;
        }
    }
    return false;
  }

  void compare(const std::string& attribute, int direction, bool is_absolute, const std::string& said) {
    reading_.comparatives.push_back({.attribute = attribute, .direction = direction, .is_absolute = is_absolute, .than = "", .said = said});
  }

  // --- numbers
  void on_number(std::size_t at) {
    flush_words();
    bool negated = false;     // "not over 20"; "no Denby, under 10" is another matter
    for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
      const Segment& s = segments_[at - back];
      if (s.is(Cue::negation)) negated = true;
      if (s.kind == Segment::mark || s.kind == Segment::value || (s.kind == Segment::word && !is_filler_segment(s)) || negated) break;
    }
    RangeFound found = read_range(lexicon_, dialogue_, segments_, at, negated);
    if (found.next > 0) {
      for (Constraint& c : found.constraints) add_constraint(std::move(c));
      if (!found.missing.empty()) reading_.missing.push_back(found.missing);
      return;
    }
    const double n = segments_[at].number;
    if (is_only_number() && n >= 1 && n <= static_cast<double>(shown_.size()) && n == static_cast<double>(static_cast<std::size_t>(n))) {
      mention_name(shown_[static_cast<std::size_t>(n) - 1], written(segments_[at].tokens));
      return;
    }
    words_.push_back(at);
  }
  bool is_only_number() const {
    return std::all_of(segments_.begin(), segments_.end(), [](const Segment& s) { return s.kind == Segment::numeral || s.kind == Segment::mark || is_filler_segment(s); });
  }

  // --- items
  void mention_name(const std::string& item, const std::string& said) {
    Mention::How how = how_;
    if (negated_ && (how == Mention::unknown || how == Mention::like || how == Mention::take)) how = Mention::dislike;
    if (negated_ && how == Mention::similar) how = Mention::unlike;
    for (const Mention& m : reading_.mentions)
      if (m.item == item && m.how == how) return;
    reading_.mentions.push_back({item, how, said});
    if (how_ == Mention::than) how_ = Mention::unknown;
  }
  void mention(ItemId id, const std::string& said) { mention_name(lexicon_.world().item(id).name, said); }

  void on_title(std::size_t at) {
    flush_words();
    const Segment& s = segments_[at];
    std::uint32_t best = s.items.front();
    for (const std::uint32_t i : s.items) {     // of several of one title: one that was shown, else the most taken
      const auto rank = [&](std::uint32_t x) {
        const bool shown = std::find(shown_.begin(), shown_.end(), lexicon_.world().item(item_at(x)).name) != shown_.end();
        return std::pair(shown, lexicon_.world().takers(item_at(x)));
      };
      if (rank(i) > rank(best)) best = i;
    }
    mention(item_at(best), written(s.tokens));
  }

  bool on_place(std::size_t at) {
    const Segment& s = segments_[at];
    if (const Sense* ordinal = s.sense(Cue::ordinal)) {
      flush_words();
      const auto n = static_cast<std::size_t>(ordinal->direction);
      if (n <= shown_.size()) mention_name(shown_[n - 1], written(s.tokens));
      else if (!shown_.empty()) reading_.missing.push_back("#" + std::to_string(n));
      return !shown_.empty();
    }
    if (s.is(Cue::last) && !shown_.empty()) {
      flush_words();
      mention_name(shown_.back(), written(s.tokens));
      return true;
    }
    if (s.is(Cue::this_one)) {
      if (dialogue_.focus.size() == 1) {
        flush_words();
        mention_name(dialogue_.focus.front(), written(s.tokens));
      } else if (shown_.size() == 1) {
        mention_name(shown_.front(), written(s.tokens));
      }
      return true;
    }
    return false;
  }

  // --- cues
  void on_cue(std::size_t at) {
    const Segment& s = segments_[at];
    if (on_place(at)) return;
    if (s.is(Cue::withdraw) || s.is(Cue::any)) {
      const std::size_t after = next(at);
      const bool names = has(after) && (segments_[after].kind == Segment::named || segments_[after].is(Cue::attribute) || (segments_[after].kind == Segment::value && !s.is(Cue::request) && !s.is(Cue::any)));
      if (names) {
        flush_words();
        withdraws_ = true;
        step(after);
        segments_[after].used = true;
        withdraws_ = false;
        // "the price and the brand"
        for (std::size_t more = next(after); has(more) && (segments_[more].is(Cue::and_) || segments_[more].is(Cue::or_) || is_comma(segments_[more])); more = next(more)) {
          const std::size_t other = next(more);
          if (!has(other) || !(segments_[other].kind == Segment::named || segments_[other].is(Cue::attribute))) break;
          withdraws_ = true;
          step(other);
          segments_[other].used = true, withdraws_ = false, more = other;
        }
        return;
      }
    }
    if (s.is(Cue::attribute)) return on_role(at);
    if (const Sense* comparative = s.sense(Cue::comparative)) return on_comparative(at, *comparative);
    if (s.is(Cue::dislike)) {
      flush_words();
      how_ = s.text() == "less like" || s.text() == "nothing like" || s.text() == "unlike" ? Mention::unlike : Mention::dislike;
      return;
    }
    if (s.is(Cue::negation) && !(s.is(Cue::negation_after) && ends_here(at) && !reading_.constraints.empty())) {
      flush_words();
      negated_ = true;
      how_ = Mention::unknown;      // "like the first but not white": white is of no item
      return;
    }
    if (s.is(Cue::negation_after) && !reading_.constraints.empty() && reading_.constraints.back().op == Constraint::is && ends_here(at)) {
      reading_.constraints.back().op = Constraint::is_not;
      return;
    }
    if (s.is(Cue::like)) {
      end_phrase();
      how_ = Mention::like;
      return;
    }
    if (s.is(Cue::similar_to)) {
      flush_words();
      how_ = negated_ ? Mention::unlike : Mention::similar;
      return;
    }
    if (s.is(Cue::than)) {
      flush_words();
      how_ = Mention::than;
      return;
    }
    if (s.is(Cue::take)) {
      end_phrase();
      how_ = Mention::take;
      return;
    }
    if (s.is(Cue::about_item) || s.is(Cue::compare) || s.is(Cue::explain) || s.is(Cue::why_not)) {
      flush_words();
      if (how_ == Mention::unknown) how_ = Mention::about;
      return;
    }
    if (s.is(Cue::but) || s.is(Cue::instead)) {
      end_phrase();
      return;
    }
    if (s.is(Cue::must)) {
      end_phrase();
      must_ = true;
      return;
    }
    if (s.is(Cue::request) && !(s.is(Cue::any))) {
      const bool was_or = is_or_;
      end_phrase();
      is_or_ = was_or;
      return;
    }
    if (s.is(Cue::also)) {
      is_also_ = true;
      return;
    }
    if (s.is(Cue::or_)) {
      flush_words();
      is_or_ = true;
      return;
    }
    if (s.is(Cue::and_)) {
      if (negated_) flush_words();
      else if (s.text() != "with") flush_words();
      if (negated_) is_or_ = true;      // "no red and blue": neither
      return;
    }
    if (s.is(Cue::pronoun) && !words_.empty()) {     // "the babushka one"
      if (!shown_.empty() && points_back_) {}
      flush_words();
      return;
    }
    // What is a cue only in its place is a word elsewhere: "first aid", "time".
    if (is_content(s)) words_.push_back(at);
  }

  // Units, ordinals without a list and the like, which did not find their place.
  static bool is_content(const Segment& s) {
    for (const Cue cue : {Cue::unit, Cue::ordinal, Cue::magnitude, Cue::decade, Cue::last})
      if (s.is(cue)) return s.tokens.size() == 1 && s.tokens[0].kind == Token::word && s.tokens[0].text.size() > 2;
    return false;
  }

  bool ends_here(std::size_t at) const {
    const std::size_t after = next(at);
    return !has(after) || segments_[after].kind == Segment::mark;
  }

  void on_role(std::size_t at) {
    flush_words();
    const Role role = segments_[at].sense(Cue::attribute)->role;
    const Attribute* attribute = lexicon_.of_role(role);
    const std::string said = written(segments_[at].tokens);
    const bool withdrawn = withdraws_ || takes_withdraw_after(at);
    if (attribute == nullptr) {
      if (!withdrawn && !number_follows(at)) reading_.missing.push_back(std::string(name(role)));
      return;
    }
    if (withdrawn) {
      withdraw(attribute->name);
      return;
    }
    if (attribute->is_number && compares_beside(at, attribute->name, said)) return;
    if (!number_follows(at)) reading_.attributes.push_back(attribute->name);
  }

  // "newer than 2009": the number says it all.
  bool number_after_than(std::size_t at) const {
    std::size_t i = next(at);
    if (!has(i) || !segments_[i].is(Cue::than)) return false;
    for (i = next(i); has(i) && (segments_[i].is(Cue::currency) || segments_[i].is(Cue::around)); i = next(i)) {}
    return has(i) && segments_[i].kind == Segment::numeral;
  }

  void on_comparative(std::size_t at, const Sense& sense) {
    if (number_after_than(at)) return;
    const Segment& s = segments_[at];
    const Attribute* attribute = lexicon_.of_role(sense.role);
    if (attribute != nullptr && !attribute->is_number) attribute = nullptr;
    const bool is_absolute = sense.direction == 2 || sense.direction == -2;
    if (attribute == nullptr && is_absolute) {       // "a long dress" where nothing has a length: words
      words_.push_back(at);
      return;
    }
    flush_words();
    if (attribute == nullptr && sense.role == Role::rating) attribute = lexicon_.of_role(Role::popularity);
    if (attribute == nullptr) {
      reading_.missing.push_back(std::string(name(sense.role)));
      return;
    }
    const std::string said = written(s.tokens);
    const bool says_too = said.starts_with("too ") || said.starts_with("太") || said.starts_with("that's too");
    int direction = sense.direction > 0 ? 1 : -1;
    if (negated_ && !says_too) direction = -direction;
    compare(attribute->name, direction, is_absolute || (negated_ && says_too), said);
    negated_ = false;
  }

  // "cheaper than the second", "the second is too expensive", 比第二个便宜
  void pair_comparatives() {
    if (reading_.comparatives.empty()) return;
    for (Mention& m : reading_.mentions) {
      const bool says_too = std::any_of(reading_.comparatives.begin(), reading_.comparatives.end(), [](const Comparative& c) { return c.said.find("too ") != std::string::npos || c.said.find("太") != std::string::npos; });
      if (m.how != Mention::than && !(m.how == Mention::unknown && says_too) && !((m.how == Mention::similar || m.how == Mention::like || m.how == Mention::about) && reading_.comparatives.size() >= 1)) continue;
      for (Comparative& c : reading_.comparatives)
        if (c.than.empty() && (!c.is_absolute || m.how == Mention::than)) c.than = m.item, c.is_absolute = false;
      if (m.how == Mention::unknown) m.how = Mention::than;
    }
  }

  const Lexicon& lexicon_;
  const Dialogue& dialogue_;
  Reading& reading_;
  std::vector<Segment> segments_;
  std::vector<std::string> shown_;            // the list shown last
  std::vector<std::size_t> words_;            // segments of words not read yet
  bool negated_ = false, is_or_ = false, is_also_ = false, must_ = false, withdraws_ = false, points_back_ = false;
  Mention::How how_ = Mention::unknown;
};

}  // namespace

Reading read(const Lexicon& lexicon, const Dialogue& dialogue, std::string_view message) {
  Reading reading;
  reading.text = cleaned(message, kMostBytes);
  reading.is_cut = message.size() > kMostBytes && reading.text.size() + 4 > kMostBytes;
  const std::unique_ptr<const Segmented> cut = segmented(lexicon, reading.text, dialogue.question ? std::string_view(dialogue.question->attribute) : std::string_view());
  std::size_t han = 0, words = 0;
  for (const Token& token : cut->tokens) han += token.kind == Token::han ? 1 : 0, words += token.kind == Token::word ? 1 : 0;
  reading.language = han > words ? "zh" : words > 0 ? "en" : dialogue.language;
  reading.corrected = cut->corrected;
  Walker(lexicon, dialogue, reading, cut->segments).run();
  if (reading.wish.size() > Dialogue::kText) reading.wish = cleaned(reading.wish, Dialogue::kText);      // longer ones cost an encoder time and say nothing more
  return reading;
}

}  // namespace attune::talk
