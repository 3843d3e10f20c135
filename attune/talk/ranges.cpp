// Ranges: the bound stands before or behind the number, the attribute is told by a unit, by its name, or by what it can only be.
#include "attune/talk/ranges.h"

#include <algorithm>
#include <cmath>

namespace attune::talk {
namespace {

constexpr std::size_t kReach = 5;            // segments looked at on each side
constexpr double kAround = 0.25;             // "around 20": 15 to 25

enum class Bound { none, below, at_most, above, at_least, around, exactly };

bool is_skipped(const Segment& s) {
  if (s.kind == Segment::word) return s.tokens.size() == 1 && (is_filler(s.tokens[0].text));
  return s.is(Cue::slightly) || s.is(Cue::currency) || s.is(Cue::instead);
}
bool ends_clause(const Segment& s) {
  return s.kind == Segment::mark && s.tokens[0].text.find_first_of(".,;!?") == 0;
}

class Range {
 public:
  Range(const Lexicon& lexicon, const Dialogue& dialogue, std::vector<Segment>& segments, std::size_t at, bool is_negated)
      : lexicon_(lexicon), dialogue_(dialogue), segments_(segments), at_(at), is_negated_(is_negated) {}

  RangeFound read() {
    first_ = at_, last_ = at_;
    low_ = segments_[at_].number;
    if (segments_[at_].kind == Segment::numeral && segments_[at_].tokens[0].kind == Token::word && (segments_[at_].text() == "fiver" || segments_[at_].text() == "tenner")) role_ = Role::price;     // a fiver, a tenner
    look_before();
    last_ = at_;
    low_ = scaled(low_);
    look_behind_units();
    if (has(last_ + 1) && segments_[last_ + 1].is(Cue::age)) return of_a_person();
    second_number();
    look_behind();
    return decide();
  }

 private:
  bool has(std::size_t i) const { return i < segments_.size(); }

  // "my 30 year old sister": nothing of an item.
  RangeFound of_a_person() {
    take(last_ + 1);
    mark();
    return {.constraints = {}, .next = last_ + 1, .missing = ""};
  }

  void take(std::size_t i) {
    taken_.push_back(i);
    first_ = std::min(first_, i);
    last_ = std::max(last_, i);
  }

  // A currency, a unit, the name of an attribute, beside the number.
  bool take_unit(std::size_t i) {
    const Segment& s = segments_[i];
    if (s.is(Cue::currency)) {
      role_ = Role::price;
    } else if (const Sense* unit = s.sense(Cue::unit); s.kind == Segment::cue && unit != nullptr) {
      role_ = unit->role;
    } else if (s.is(Cue::decade) && segments_[at_].number >= 10) {
      is_decade_ = true, role_ = Role::year;
    } else {
      return false;
    }
    take(i);
    return true;
  }

  double scaled(double number) {
    if (has(last_ + 1) && segments_[last_ + 1].is(Cue::magnitude) && segments_[last_ + 1].tokens[0].begin == segments_[last_].tokens.back().end) {
      number *= segments_[last_ + 1].sense(Cue::magnitude)->direction;
      take(last_ + 1);
    }
    return number;
  }

  void look_before() {
    for (std::size_t back = 1; back <= kReach && back <= at_; ++back) {
      const std::size_t i = at_ - back;
      const Segment& s = segments_[i];
      if (ends_clause(s) || s.used) break;
      if (s.is(Cue::currency)) {
        take_unit(i);
      } else if (s.kind == Segment::named) {
        if (attribute_ == nullptr) attribute_ = s.attribute, take(i);
        if (bound_ != Bound::none) break;
      } else if (s.is(Cue::attribute)) {
        if (role_ == Role::none && attribute_ == nullptr) role_ = s.sense(Cue::attribute)->role, is_named_ = true, take(i);
      } else if (s.is(Cue::around) && bound_ == Bound::none && back == 1) {
        bound_ = s.sense(Cue::around)->direction == 1 ? Bound::exactly : Bound::around, take(i);
      } else if (const Bound found = bound_of(s); found != Bound::none && bound_ == Bound::none) {
        bound_ = found, take(i);
      } else if (s.is(Cue::comparative) || s.is(Cue::more) || s.is(Cue::less)) {
        // "cheaper than 20", "longer than 2 hours"
        const bool has_than = back > 1 && segments_[i + 1].is(Cue::than);
        if (!has_than || bound_ != Bound::none) break;
        const Sense& sense = s.senses.front();
        bound_ = sense.direction < 0 ? Bound::below : Bound::above;
        if (s.is(Cue::comparative)) role_ = sense.role;
        take(i);
        break;
      } else if (s.is(Cue::than)) {
        continue;
      } else if (s.is(Cue::budget)) {
        if (bound_ == Bound::none || bound_ == Bound::around) bound_ = Bound::at_most;
        role_ = Role::price, is_budget_ = true, take(i);
        break;
      } else if (!is_skipped(s) && !(s.kind == Segment::cue && s.is(Cue::ask))) {
        break;
      }
    }
  }

  Bound bound_of(const Segment& s) {
    if (s.kind != Segment::cue) return Bound::none;
    if (s.is(Cue::below)) return Bound::below;
    if (s.is(Cue::at_most)) return Bound::at_most;
    if (s.is(Cue::above)) return Bound::above;
    if (s.is(Cue::at_least)) return Bound::at_least;
    if (s.is(Cue::between)) {
      is_between_ = true;
      return Bound::none;
    }
    if (s.is(Cue::before) || s.is(Cue::after)) {
      if (role_ == Role::none) role_ = Role::year;
      return s.is(Cue::before) ? Bound::below : Bound::above;
    }
    return Bound::none;
  }

  void look_behind_units() {
    for (int n = 0; n < 2 && has(last_ + 1) && !segments_[last_ + 1].used; ++n)
      if (!take_unit(last_ + 1)) break;
    // 12块5: the digit behind is tenths
    if (role_ == Role::price && has(last_ + 1) && last_ > at_ && !has_high_ && segments_[last_ + 1].kind == Segment::numeral && segments_[last_].tokens.back().kind == Token::han) {
      const Segment& tenths = segments_[last_ + 1];
      if (tenths.tokens[0].begin == segments_[last_].tokens.back().end && tenths.number < 10 && tenths.number == std::floor(tenths.number)) low_ += tenths.number / 10, take(last_ + 1);
    }
  }

  // "20 to 30", "between 20 and 30", "20-30块"
  void second_number() {
    std::size_t i = last_ + 1;
    if (!has(i) || !(segments_[i].is(Cue::to) || (segments_[i].kind == Segment::mark && segments_[i].tokens[0].text == "-"))) return;
    const std::string word = segments_[i].text();
    if ((word == "and" || word == "和") && !is_between_ && !(at_ > 0 && segments_[at_ - 1].is(Cue::between))) return;
    std::size_t j = i + 1;
    while (has(j) && (segments_[j].is(Cue::currency) || is_skipped(segments_[j]))) ++j;
    if (!has(j) || segments_[j].kind != Segment::numeral) return;
    for (std::size_t k = i; k < j; ++k)
      if (!take_unit(k)) take(k);
    take(j);
    last_ = j;
    high_ = scaled(segments_[j].number);
    has_high_ = true;
    look_behind_units();
    while (has(last_ + 1) && (segments_[last_ + 1].text() == "之 间" || segments_[last_ + 1].is(Cue::below_after)) && !segments_[last_ + 1].used) take(last_ + 1);
    if (low_ > high_) std::swap(low_, high_);
  }

  void look_behind() {
    for (std::size_t n = 0; n < kReach && has(last_ + 1); ++n) {
      const std::size_t i = last_ + 1;
      const Segment& s = segments_[i];
      if (s.used) return;
      const bool open = (bound_ == Bound::none || bound_ == Bound::around) && !has_high_;     // "40ish tops": at most
      if (s.is(Cue::below_after) && open) bound_ = Bound::at_most, take(i);
      else if (s.is(Cue::at_most_after) && open) bound_ = Bound::at_most, take(i);
      else if ((s.is(Cue::at_least_after) || s.is(Cue::above_after)) && open) bound_ = Bound::at_least, take(i);
      else if ((s.is(Cue::around_after) || (s.is(Cue::more) && s.tokens[0].text == "多")) && (open || (is_budget_ && !has_high_))) bound_ = Bound::around, take(i);
      else if (is_between_ && open && (s.text() == "on" || s.text() == "up")) bound_ = Bound::at_least, take(i);      // "from 2020 on"
      else if (s.is(Cue::budget) && open) bound_ = Bound::at_most, role_ = Role::price, take(i);      // "20 to spend"
      else if ((s.is(Cue::before_after) || s.is(Cue::after_after)) && open) {
        bound_ = s.is(Cue::before_after) ? Bound::below : Bound::at_least;
        if (role_ == Role::none) role_ = Role::year;
        take(i);
      } else if (take_unit(i)) {
        continue;
      } else if (s.kind == Segment::named && s.attribute->is_number && attribute_ == nullptr && n == 0) {
        attribute_ = s.attribute, take(i);
      } else if (s.is(Cue::attribute) && role_ == Role::none && attribute_ == nullptr && n == 0) {
        role_ = s.sense(Cue::attribute)->role, is_named_ = true, take(i);
      } else {
        return;
      }
    }
  }

  std::string said() const {
    std::vector<Token> tokens;
    for (std::size_t i = first_; i <= last_; ++i) tokens.insert(tokens.end(), segments_[i].tokens.begin(), segments_[i].tokens.end());
    return written(tokens);
  }

  RangeFound decide() {
    RangeFound found;
    const bool says = bound_ != Bound::none || has_high_ || role_ != Role::none || is_decade_ || (attribute_ != nullptr && attribute_->is_number) || dialogue_.question.has_value();
    if (!says) {
      if (const Constraint* before = restated(dialogue_, segments_, at_, low_)) found = {.constraints = {*before}, .next = last_ + 1, .missing = ""}, found.constraints[0].number = low_, found.constraints[0].said = said(), mark();
      return found;
    }
    const Attribute* attribute = measured_by(lexicon_, dialogue_, {.named = attribute_, .is_bound = bound_ != Bound::none || has_high_, .number = low_}, role_);
    if (attribute == nullptr) {
      if (bound_ == Bound::none && !has_high_ && !is_named_) return found;    // "a 3 litre bottle": words like others
      found.missing = role_ == Role::none ? "number" : std::string(name(role_));
      found.next = last_ + 1;
      mark();
      return found;
    }
    // "minutes" of an attribute in hours and the like are not converted: the shop's own units are spoken.
    const std::string words = said();
    const auto add = [&](Constraint::Op op, double number) { found.constraints.push_back({.op = op, .attribute = attribute->name, .values = {}, .number = number, .said = words}); };
    if (is_decade_) {
      double from = low_ < 100 ? (low_ < 30 ? 2000 + low_ : 1900 + low_) : low_;
      add(Constraint::at_least, from);
      add(Constraint::at_most, from + (static_cast<int>(from) % 100 == 0 && from < 1900 ? 99 : 9));
    } else if (has_high_) {
      add(Constraint::at_least, low_);
      add(Constraint::at_most, high_);
    } else {
      Bound bound = bound_;
      if (bound == Bound::none) bound = attribute->role == Role::price ? Bound::at_most : attribute->role == Role::rating ? Bound::at_least : Bound::around;
      if (is_negated_) bound = bound == Bound::below ? Bound::at_least : bound == Bound::at_most ? Bound::above : bound == Bound::above ? Bound::at_most : bound == Bound::at_least ? Bound::below : bound == Bound::around ? Bound::at_most : bound;
      switch (bound) {
        case Bound::below: add(Constraint::below, low_); break;
        case Bound::at_most: add(Constraint::at_most, low_); break;
        case Bound::above: add(Constraint::above, low_); break;
        case Bound::at_least: add(Constraint::at_least, low_); break;
        case Bound::exactly:
          add(Constraint::at_least, low_);
          add(Constraint::at_most, low_);
          break;
        default: {
          const double reach = attribute->role == Role::year ? (bound_ == Bound::around ? 3 : 0) : low_ * kAround;
          add(Constraint::at_least, low_ - reach);
          add(Constraint::at_most, low_ + reach);
        }
      }
    }
    found.next = last_ + 1;
    mark();
    return found;
  }

  void mark() {
    segments_[at_].used = true;
    for (const std::size_t i : taken_) segments_[i].used = true;
  }

  const Lexicon& lexicon_;
  const Dialogue& dialogue_;
  std::vector<Segment>& segments_;
  std::size_t at_, first_ = 0, last_ = 0;
  bool is_negated_;
  std::vector<std::size_t> taken_;
  Bound bound_ = Bound::none;
  Role role_ = Role::none;
  const Attribute* attribute_ = nullptr;
  bool is_between_ = false, is_decade_ = false, has_high_ = false, is_named_ = false, is_budget_ = false;
  double low_ = 0, high_ = 0;
};

}  // namespace

RangeFound read_range(const Lexicon& lexicon, const Dialogue& dialogue, std::vector<Segment>& segments, std::size_t at, bool is_negated) {
  return Range(lexicon, dialogue, segments, at, is_negated).read();
}

}  // namespace attune::talk
