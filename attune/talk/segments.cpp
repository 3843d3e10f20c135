// Segments: one walk over the tokens, at each the longest phrase that is known.
#include "attune/talk/segments.h"

#include <algorithm>
#include <array>
#include <memory>

namespace attune::talk {
namespace {

constexpr std::size_t kLongestPhrase = 24;
constexpr std::size_t kMostSlips = 12;          // words looked at for a slip in one message

// Numbers in words. `used` tokens; 0 = none here.
struct Spoken {
  double number = 0;
  std::size_t used = 0;
};
Spoken han_number(std::span<const Token> tokens) {
  static constexpr std::array<std::pair<std::string_view, int>, 12> kDigits = {{{"零", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4}, {"五", 5}, {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}, {"〇", 0}}};
  static constexpr std::array<std::pair<std::string_view, int>, 4> kUnits = {{{"十", 10}, {"百", 100}, {"千", 1000}, {"万", 10000}}};
  double total = 0, digit = -1;
  int last_unit = 0;
  std::size_t used = 0;
  for (; used < tokens.size() && tokens[used].kind == Token::han; ++used) {
    const std::string& c = tokens[used].text;
    if (const auto d = std::find_if(kDigits.begin(), kDigits.end(), [&](const auto& x) { return x.first == c; }); d != kDigits.end()) {
      if (digit >= 0 && d->second != 0 && digit != 0) return {};
      digit = d->second;
    } else if (const auto u = std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& x) { return x.first == c; }); u != kUnits.end()) {
      if (u->second == 10000) total = (total + std::max(digit, 0.0)) * 10000;
      else total += (digit < 0 ? 1 : digit) * u->second;
      digit = -1, last_unit = u->second;
    } else {
      break;
    }
  }
  if (used == 0) return {};
  if (digit > 0) total += last_unit >= 100 && tokens[used - 1].text != "零" && used >= 2 && tokens[used - 2].text != "零" ? digit * last_unit / 10 : digit;   // 一百五 = 150
  return {total, used};
}
Spoken word_number(std::span<const Token> tokens) {
  static constexpr std::array<std::pair<std::string_view, int>, 29> kWords = {{{"one", 1}, {"two", 2}, {"three", 3}, {"four", 4}, {"five", 5}, {"six", 6}, {"seven", 7}, {"eight", 8}, {"nine", 9}, {"ten", 10}, {"eleven", 11},
      {"twelve", 12}, {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20}, {"thirty", 30}, {"forty", 40}, {"fifty", 50}, {"sixty", 60},
      {"seventy", 70}, {"eighty", 80}, {"ninety", 90}, {"hundred", 100}, {"thousand", 1000}}};
  double total = 0, part = 0;
  std::size_t used = 0;
  for (; used < tokens.size() && tokens[used].kind == Token::word; ++used) {
    const auto w = std::find_if(kWords.begin(), kWords.end(), [&](const auto& x) { return x.first == tokens[used].text; });
    if (w == kWords.end()) {
      if (!(used > 0 && (tokens[used].text == "a" || tokens[used].text == "and") && used + 1 < tokens.size())) break;
      const auto n = std::find_if(kWords.begin(), kWords.end(), [&](const auto& x) { return x.first == tokens[used + 1].text; });
      if (n == kWords.end() || part < 100) break;
      continue;
    }
    if (w->second == 100) part = (part == 0 ? 1 : part) * 100;
    else if (w->second == 1000) total += (part == 0 ? 1 : part) * 1000, part = 0;
    else part += w->second;
  }
  return {total + part, used};
}

class Cutter {
 public:
  Cutter(const Lexicon& lexicon, const std::string& text, std::string_view asked, Segmented& out) : lexicon_(lexicon), text_(text), asked_(asked), out_(out) {}

  void run() {
    out_.tokens = tokens_of(text_);
    out_.codes.reserve(out_.tokens.size());
    find_codes();
    mend();
    const std::span<const Token> tokens = out_.tokens;
    for (std::size_t at = 0; at < tokens.size();) {
      Segment segment = longest(tokens.subspan(at), at);
      at += segment.tokens.size();
      out_.segments.push_back(std::move(segment));
    }
  }

 private:
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

  void mend() {
    std::size_t looked = 0;
    for (std::size_t t = 0; t < out_.tokens.size(); ++t) {
      if (code_end_[t] > 0) {
        t += code_end_[t] - 1;
        continue;
      }
      Token& token = out_.tokens[t];
      if (token.kind != Token::word || is_known_word(token.text) || lexicon_.is_word(token.text) || is_known_word(singular(token.text))) continue;
      if (t > 0 && out_.tokens[t - 1].kind == Token::number && out_.tokens[t - 1].end == token.begin) continue;   // "2nd", "15cm"
      if (++looked > kMostSlips) return;
      const std::string meant = lexicon_.spelled(token.text);
      if (meant.empty()) continue;
      out_.corrected.emplace_back(token.text, meant);
      token.text = meant;
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
    const FoundCue cue = find_cue(rest);
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
      if (const auto values = lexicon_.values(key); !values.empty()) {
        best.kind = Segment::value, best.values = values, best.tokens = rest.first(n);
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
    if (length > 0) return best;
    return spoken(rest, best);
  }

  // Numbers in words count only beside what makes them a number: a bound, a unit, a currency.
  Segment spoken(std::span<const Token> rest, Segment plain) const {
    const Spoken found = rest[0].kind == Token::han ? han_number(rest) : rest[0].kind == Token::word ? word_number(rest) : Spoken{};
    if (found.used == 0) return plain;
    bool beside = false;
    if (found.used < rest.size()) {
      const FoundCue after = find_cue(rest.subspan(found.used));
      for (const Cue cue : {Cue::currency, Cue::unit, Cue::below_after, Cue::at_most_after, Cue::at_least_after, Cue::around_after, Cue::to}) beside = beside || after.find(cue) != nullptr;
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
