// Segments: one walk over the tokens, at each the longest phrase that is known.
#include "attune/talk/segments.h"

#include <algorithm>
#include <array>
#include <memory>

#include "attune/talk/han_sounds.h"
#include "attune/talk/mending.h"
#include "attune/talk/spoken_numbers.h"

namespace attune::talk {
namespace {

constexpr std::size_t kLongestPhrase = 24;
constexpr std::size_t kLongestHeard = 6;

class Cutter {
 public:
  Cutter(const Lexicon& lexicon, const std::string& text, std::string_view asked, Segmented& out) : lexicon_(lexicon), text_(text), asked_(asked), out_(out) {}

  void run() {
    out_.tokens = tokens_of(simplified(text_));      // as many bytes: places stay
    out_.codes.reserve(out_.tokens.size());
    find_codes();
    mend_words();
    const std::span<const Token> tokens = out_.tokens;
    for (std::size_t at = 0; at < tokens.size();) {
      Segment segment = longest(tokens.subspan(at), at);
      at += segment.tokens.size();
      out_.segments.push_back(std::move(segment));
    }
  }

 private:
  void mend_words() {
    std::unique_ptr<bool[]> is_code(new bool[out_.tokens.size() + 1]());
    for (std::size_t t = 0; t < out_.tokens.size(); ++t)
      for (std::size_t n = 0; n < code_end_[t]; ++n) is_code[t + n] = true;
    mend(lexicon_, out_.tokens, std::span<const bool>(is_code.get(), out_.tokens.size()), out_.corrected);
  }

  static bool is_code_letter(unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c >= 0x80; }

  // Items named by their own names, "85123A": runs without blanks that are such a name and no plain word or small number.
  void find_codes() {
    code_end_.assign(out_.tokens.size(), 0);
    code_item_.assign(out_.tokens.size(), 0);
    for (std::size_t t = 0; t < out_.tokens.size(); ++t) {
      const std::size_t begin = out_.tokens[t].begin;
      if (begin > 0 && is_code_letter(static_cast<unsigned char>(text_[begin - 1])) && static_cast<unsigned char>(text_[begin - 1]) < 0x80) continue;
      std::size_t end = begin;
      while (end < text_.size() && text_[end] != ' ' && static_cast<unsigned char>(text_[end]) < 0x80 && is_code_letter(static_cast<unsigned char>(text_[end]))) ++end;
      if (end - begin < 4) continue;
      const std::string code = text_.substr(begin, end - begin);
      const bool has_digit = std::any_of(code.begin(), code.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
      auto item = lexicon_.world().find(code);
      if (!item && has_digit) {
        std::string upper = code;
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        item = lexicon_.world().find(upper);
      }
      if (!item || (!has_digit && code.find('-') == std::string::npos)) continue;
      std::size_t last = t;
      while (last < out_.tokens.size() && out_.tokens[last].end <= end) ++last;
      code_end_[t] = last - t;
      code_item_[t] = static_cast<std::uint32_t>(to_index(*item));
    }
  }

  bool is_said_as_title(std::size_t at, std::size_t n) const {
    const auto quote = [](const Token& token) { return token.kind == Token::mark && (token.text == "\"" || token.text == "“" || token.text == "”" || token.text == "《" || token.text == "》" || token.text == "「" || token.text == "」" || token.text == "'" || token.text == "‘"); };
    return (at > 0 && quote(out_.tokens[at - 1])) || (at + n < out_.tokens.size() && quote(out_.tokens[at + n]));
  }

  // "others" is a value and no wish for more where its attribute is named beside it or was asked for: 类型：其他, "category others".
  // How many tokens it takes, and the attribute; 0 = it is the cue.
  std::pair<std::size_t, const Attribute*> named_as_value(std::span<const Token> rest, std::size_t at, std::size_t longest) const {
    for (std::size_t n = longest; n > 0; --n) {
      const auto values = lexicon_.values(key_of(rest.first(n)));
      for (const ValueAt& value : values)
        if (const Attribute& attribute = lexicon_.attributes()[value.attribute]; is_attribute_beside(rest, at, n, attribute)) return {n, &attribute};
    }
    return {0, nullptr};
  }

  bool is_attribute_beside(std::span<const Token> rest, std::size_t at, std::size_t n, const Attribute& attribute) const {
    const auto says_nothing = [](const Token& token) { return token.kind == Token::mark || is_filler(token.text) || token.text == "的"; };
    if (attribute.name == asked_ && std::all_of(out_.tokens.begin(), out_.tokens.begin() + static_cast<std::ptrdiff_t>(at), says_nothing) && std::all_of(rest.begin() + static_cast<std::ptrdiff_t>(n), rest.end(), says_nothing)) return true;
    const auto names = [&](const Segment& s) {
      const Sense* role = s.kind == Segment::cue ? s.sense(Cue::attribute) : nullptr;
      return s.attribute == &attribute || (role != nullptr && role->role == attribute.role);
    };
    for (auto it = out_.segments.rbegin(); it != out_.segments.rend(); ++it) {
      if (names(*it)) return true;
      const bool is_between = it->is(Cue::yes) || it->is(Cue::ask) || it->is(Cue::negation) || it->is(Cue::must) || it->is(Cue::request);      // 是, "is", "is not"
      if (!is_between && !std::all_of(it->tokens.begin(), it->tokens.end(), says_nothing)) break;
    }
    return false;
  }

  // One word alone is a title only where a title is expected.
  bool expects_title() const {
    for (auto it = out_.segments.rbegin(); it != out_.segments.rend(); ++it) {
      if (it->kind == Segment::word && it->tokens.size() == 1 && is_filler(it->tokens[0].text)) continue;
      for (const Cue cue : {Cue::similar_to, Cue::like, Cue::dislike, Cue::than, Cue::explain, Cue::why_not, Cue::compare, Cue::about_item, Cue::take, Cue::ask, Cue::attribute})
        if (it->is(cue)) return true;
      return false;
    }
    return false;
  }

  bool is_title(std::span<const Token> rest, std::size_t n, std::size_t at, std::span<const std::uint32_t> items) const {
    if (items.empty()) return false;
    if (is_said_as_title(at, n)) return true;
    bool says_something = false;
    std::size_t han = 0;
    for (const Token& token : rest.first(n)) {
      says_something = says_something || (token.kind == Token::word && !is_filler(token.text) && !is_known_word(token.text));
      han += token.kind == Token::han ? 1 : 0;
    }
    if (han >= 2) return true;
    if (!says_something) return false;
    if (n >= 2) return true;
    return rest[0].text.size() >= 3 && (expects_title() || out_.tokens.size() == 1 || lexicon_.with_word(rest[0].text).size() <= 2) && items.size() <= 3;
  }

  Segment longest(std::span<const Token> rest, std::size_t at) {
    Segment best{.kind = rest[0].kind == Token::mark ? Segment::mark : rest[0].kind == Token::number ? Segment::numeral : Segment::word, .tokens = rest.first(1)};
    best.number = rest[0].value;
    std::size_t length = 0;
    if (code_end_[at] > 0) {
      out_.codes.push_back(code_item_[at]);
      best.kind = Segment::titled, best.tokens = rest.first(code_end_[at]), best.items = std::span(&out_.codes.back(), 1);
      return best;
    }
    if (const auto sense = heard_beside_number(rest); !sense.empty()) {
      best.kind = Segment::cue, best.senses = sense;
      return best;
    }
    const FoundCue cue = cue_at(rest);
    if (cue.tokens > 0) {
      if (const auto [n, attribute] = cue.find(Cue::more_items) != nullptr ? named_as_value(rest, at, cue.tokens) : std::pair<std::size_t, const Attribute*>(0, nullptr); n > 0) {
        best.kind = Segment::value, best.attribute = attribute, best.values = lexicon_.values(key_of(rest.first(n))), best.tokens = rest.first(n);
        return best;
      }
      if (const auto items = lexicon_.titled(key_of(rest.first(cue.tokens))); !items.empty() && is_said_as_title(at, cue.tokens)) {
        best.kind = Segment::titled, best.items = items, best.tokens = rest.first(cue.tokens);
        return best;
      }
      best.kind = Segment::cue, best.senses = cue.senses, best.tokens = rest.first(cue.tokens);
      length = cue.tokens;
    }
    const bool gives_way = cue.tokens > 0 && (cue.find(Cue::comparative) != nullptr || cue.find(Cue::attribute) != nullptr || cue.find(Cue::unit) != nullptr || cue.find(Cue::ask) != nullptr);   // "classic", "price": the catalogue's own meaning comes first
    for (std::size_t n = std::min({rest.size(), lexicon_.longest_phrase(), kLongestPhrase}); n > 0 && (n > length || (n == length && gives_way)); --n) {
      const std::string key = key_of(rest.first(n));
      const auto values = lexicon_.values(key);
      if (const auto found = values.empty() && n == 1 ? short_colour(rest, at) : values; !found.empty()) {
        best.kind = Segment::value, best.values = found, best.tokens = rest.first(n);
        return best;
      }
      if (const Attribute* attribute = lexicon_.attribute_named(key); attribute != nullptr && rest[0].kind != Token::number) {
        best.kind = Segment::named, best.attribute = attribute, best.tokens = rest.first(n);
        return best;
      }
      if (const auto items = lexicon_.titled(key); n > length && is_title(rest, n, at, items)) {
        best.kind = Segment::titled, best.items = items, best.tokens = rest.first(n);
        return best;
      }
    }
    if (length <= 1 && rest[0].kind == Token::han && (length == 0 || best.kind == Segment::cue) && heard(rest, best)) return best;
    if (length > 0) return best;
    if (const std::span<const Sense> sense = bare_comparative(rest); !sense.empty()) {
      best.kind = Segment::cue, best.senses = sense;
      return best;
    }
    return spoken(rest, best);
  }

  // Characters that only sound like a value or a cue: 偏宜点, 小路 for 小鹿. Words that the catalogue has are what they are.
  bool heard(std::span<const Token> rest, Segment& best) {
    std::size_t han = 0;
    while (han < rest.size() && han < kLongestHeard && rest[han].kind == Token::han && (han == 0 || rest[han].begin == rest[han - 1].end)) ++han;
    for (std::size_t n = han; n >= 2; --n) {
      const std::span<const Token> said = rest.first(n);
      const std::string value = lexicon_.value_sounding_like(said);
      const FoundCue cue = value.empty() ? cue_sounding_like(said) : FoundCue{};
      if ((value.empty() && !(cue.tokens > 0 && fits_number(cue, rest.subspan(n)))) || out_.corrected.size() >= kMostSlips || find_cue(said).tokens == n || !lexicon_.with_word(written(said)).empty()) continue;
      best.kind = value.empty() ? Segment::cue : Segment::value;
      best.values = value.empty() ? std::span<const ValueAt>() : lexicon_.values(value);
      best.senses = cue.senses;
      best.tokens = said;
      out_.corrected.emplace_back(written(said), value.empty() ? cue.meant : written(tokens_of(value)));
      return true;
    }
    return false;
  }
  // 20快, 10倒20: one character that only sounds like what stands behind a number.
  std::span<const Sense> heard_beside_number(std::span<const Token> rest) {
    static const Sense kCurrency{Cue::currency, Role::price}, kTo{Cue::to};
    if (out_.segments.empty() || out_.segments.back().kind != Segment::numeral || rest[0].kind != Token::han) return {};
    const std::string& text = rest[0].text;
    const bool number_behind = rest.size() > 1 && rest[1].kind == Token::number;
    const std::string meant = text == "快" || text == "筷" ? "块" : (text == "倒" || text == "道") && number_behind ? "到" : "";
    if (meant.empty()) return {};
    out_.corrected.emplace_back(text, meant);
    return {meant == "块" ? &kCurrency : &kTo, 1};
  }
  // A bound is one only beside a number: 烧鱼 is no 少于.
  bool fits_number(const FoundCue& cue, std::span<const Token> behind) const {
    const bool number_behind = !behind.empty() && (behind[0].kind == Token::number || han_number(behind).used > 0);
    const bool number_before = !out_.segments.empty() && (out_.segments.back().kind == Segment::numeral || out_.segments.back().is(Cue::currency) || out_.segments.back().is(Cue::unit));
    for (const Cue before : {Cue::below, Cue::at_most, Cue::above, Cue::at_least, Cue::around, Cue::budget, Cue::between})
      if (cue.find(before) != nullptr) return number_behind;
    for (const Cue after : {Cue::below_after, Cue::at_most_after, Cue::above_after, Cue::at_least_after, Cue::around_after, Cue::before_after, Cue::after_after, Cue::currency, Cue::unit, Cue::decade, Cue::age})
      if (cue.find(after) != nullptr) return number_before;
    return true;
  }

  // 花 is to spend where an amount follows, and a flower elsewhere.
  static FoundCue cue_at(std::span<const Token> rest) {
    const FoundCue cue = find_cue(rest);
    const auto near = rest.subspan(cue.tokens, std::min<std::size_t>(4, rest.size() - cue.tokens));
    const bool is_flower = cue.tokens == 1 && rest[0].text == "花" && std::none_of(near.begin(), near.end(), [](const Token& token) { return token.kind == Token::number; }) && (near.empty() || han_number(near).used == 0);
    return is_flower ? FoundCue{} : cue;
  }

  // 红 for 红色, where it is no part of another word.
  std::span<const ValueAt> short_colour(std::span<const Token> rest, std::size_t at) const {
    if (rest[0].kind != Token::han) return {};
    const auto values = lexicon_.values(rest[0].text + " 色");
    if (values.empty()) return {};
    const bool begins = at == 0 || out_.tokens[at - 1].kind != Token::han || out_.segments.back().kind != Segment::word || is_filler_segment(out_.segments.back());
    return begins && ends_word(rest.subspan(1), rest[0].end) ? values : std::span<const ValueAt>();
  }
  bool ends_word(std::span<const Token> rest, std::size_t end) const {
    if (rest.empty() || rest[0].kind != Token::han || rest[0].begin > end || is_filler(rest[0].text) || find_cue(rest).tokens > 0) return true;
    for (std::size_t n = std::min<std::size_t>(4, rest.size()); n > 0; --n)
      if (!lexicon_.values(key_of(rest.first(n))).empty()) return true;
    return !lexicon_.values(rest[0].text + " 色").empty();      // 红蓝
  }

  // 比第一个贵, 没有第二个新: one character compares where an item stands behind 比 or 没.
  std::span<const Sense> bare_comparative(std::span<const Token> rest) const {
    static const std::array<std::pair<std::string_view, Sense>, 11> kBare = {{{"贵", {Cue::comparative, Role::price, 1}}, {"新", {Cue::comparative, Role::year, 1}}, {"老", {Cue::comparative, Role::year, -1}}, {"旧", {Cue::comparative, Role::year, -1}},
        {"早", {Cue::comparative, Role::year, -1}}, {"好", {Cue::comparative, Role::rating, 1}}, {"大", {Cue::comparative, Role::size, 1}}, {"小", {Cue::comparative, Role::size, -1}}, {"长", {Cue::comparative, Role::length, 1}},
        {"短", {Cue::comparative, Role::length, -1}}, {"轻", {Cue::comparative, Role::weight, -1}}}};
    if (rest[0].kind != Token::han || !ends_word(rest.subspan(1), rest[0].end) || !compares_item()) return {};
    for (const auto& [text, sense] : kBare)
      if (text == rest[0].text) return {&sense, 1};
    return {};
  }
  bool compares_item() const {
    bool item = false;
    for (auto it = out_.segments.rbegin(); it != out_.segments.rend() && it->kind != Segment::mark; ++it) {
      if (item && (it->is(Cue::than) || it->is(Cue::negation))) return true;
      item = item || it->is(Cue::ordinal) || it->is(Cue::last) || it->is(Cue::this_one) || it->kind == Segment::titled;
    }
    return false;
  }

  // Numbers in words count only beside what makes them a number: a bound, a unit, a currency.
  Segment spoken(std::span<const Token> rest, Segment plain) const {
    if (rest[0].text == "fiver" || rest[0].text == "tenner") {
      plain.kind = Segment::numeral, plain.number = rest[0].text == "fiver" ? 5 : 10;
      return plain;
    }
    const Spoken found = rest[0].kind == Token::han ? han_number(rest) : rest[0].kind == Token::word ? word_number(rest) : Spoken{};
    if (found.used == 0) return plain;
    bool beside = false;
    if (found.used < rest.size()) {
      const FoundCue after = find_cue(rest.subspan(found.used));
      for (const Cue cue : {Cue::currency, Cue::unit, Cue::below_after, Cue::at_most_after, Cue::at_least_after, Cue::around_after, Cue::to}) beside = beside || after.find(cue) != nullptr;
      beside = beside || rest[found.used].text == "多";     // 四十多的
    }
    if (!out_.segments.empty())
      for (const Cue cue : {Cue::below, Cue::at_most, Cue::above, Cue::at_least, Cue::between, Cue::to, Cue::around, Cue::budget, Cue::currency, Cue::than, Cue::before, Cue::after, Cue::and_}) beside = beside || out_.segments.back().is(cue);
    if (!beside) return plain;
    plain.kind = Segment::numeral, plain.number = found.number, plain.tokens = rest.first(found.used);
    return plain;
  }

  const Lexicon& lexicon_;
  const std::string& text_;
  std::string_view asked_;                     // attribute; empty = none
  Segmented& out_;
  std::vector<std::size_t> code_end_;          // [tokens] how many tokens a code takes from here; 0 = none
  std::vector<std::uint32_t> code_item_;
};

}  // namespace

std::unique_ptr<const Segmented> segmented(const Lexicon& lexicon, const std::string& text, std::string_view asked) {
  auto made = std::make_unique<Segmented>();
  Cutter(lexicon, text, asked, *made).run();
  return made;
}

}  // namespace attune::talk
