// Check: see the header. Both texts are cut into pieces; those that claim nothing are taken out; the rest must be equal.
#include "attune/talk/check.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "attune/core/utf8.h"
#include "attune/talk/safety/injection.h"

namespace attune::talk {
namespace {

// Words that tie sentences together and claim nothing about an item. Not among them, since they change what is said: negations, quantities (only, more, all, some), bounds and comparisons (than, most, very),
// conditions (if, or, unless), reasons (because, since), possibility (may, might), time (was, still, now), praise (good, best).
constexpr std::string_view kPlain =
    "a an the this that these those it it's its they they're them you you're you'd you'll your i i'm i'd i'll i've my we we're we'd we'll our here here's there there's is are am be do does let let's to of for at and so also please thanks "
    "thank welcome happy glad pleased hello hi hey sure okay ok well yes help see look looking find found show suggest suggestion recommend recommendation pick choose know tell say said ask asked want wanted would like need item items thing things "
    "think idea ideas option options about following feel course indeed hope";
constexpr std::string_view kPlainHan = "的了吗呢吧哦呀啊嗯呵您你我们咱它这那请来为给可以看帮推荐想要找是有就好";

bool is_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019; }
// Marks that may come and go: they end and tie sentences and say nothing alone.
bool is_loose_mark(char32_t c) { return c == ' ' || c == '\n' || c == '.' || c == ',' || c == '!' || c == ':' || c == ';' || c == 0x3002 || c == 0xFF0C || c == 0xFF01 || c == 0xFF1A || c == 0xFF1B || c == 0x3001 || c == 0x2014 || c == 0x2013; }
bool ends_sentence(char32_t c) { return c == '.' || c == '!' || c == '?' || c == ':' || c == '\n' || c == 0x3002 || c == 0xFF01 || c == 0xFF1F; }

struct Piece {
  std::string text;             // words in lower case; a name as it is; else one character
  bool is_word = false;         // of Latin letters
  bool is_plain = false;
  bool is_capital = false;      // began with a capital in the middle of a sentence
};

bool is_plain_word(const std::string& word) {
  static const std::unordered_set<std::string> words = [] {
    std::unordered_set<std::string> all;
    std::string one;
    for (const char c : std::string(kPlain) + " ") {
      if (c != ' ') one += c;
      else if (!one.empty()) all.insert(one), one.clear();
    }
    return all;
  }();
  return words.count(word) > 0;
}

// `names` longest first: they are one piece each.
std::vector<Piece> pieces_of(std::string_view text, const std::vector<std::string_view>& names) {
  std::vector<Piece> all;
  bool is_start = true;
  for (std::size_t i = 0; i < text.size();) {
    const auto name = std::find_if(names.begin(), names.end(), [&](std::string_view n) { return text.substr(i).starts_with(n); });
    if (name != names.end()) {
      // "Mug" inside "Mugs" or "Smug" is another word
      const bool open = i > 0 && is_letter(static_cast<unsigned char>(text[i - 1])) && is_letter(static_cast<unsigned char>((*name)[0]));
      const std::size_t after = i + name->size();
      const bool shut = after < text.size() && is_letter(static_cast<unsigned char>(text[after])) && is_letter(static_cast<unsigned char>(name->back()));
      if (!open && !shut) {
        all.push_back({.text = "=" + std::string(*name)});
        i = after;
        is_start = false;
        continue;
      }
    }
    const Character c = first_character(text.substr(i));
    if (is_letter(c.point)) {
      Piece piece{.is_word = true, .is_capital = !is_start && text[i] >= 'A' && text[i] <= 'Z'};
      while (i < text.size()) {
        const Character next = first_character(text.substr(i));
        const bool joins = is_apostrophe(next.point) && i + next.bytes < text.size() && is_letter(static_cast<unsigned char>(text[i + next.bytes]));
        if (!is_letter(next.point) && !joins) break;
        piece.text += joins ? '\'' : static_cast<char>(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
        i += next.bytes;
      }
      piece.is_plain = is_plain_word(piece.text);
      piece.is_capital = piece.is_capital && piece.text != "i" && !piece.text.starts_with("i'");
      all.push_back(std::move(piece));
      is_start = false;
      continue;
    }
    if (is_digit(c.point)) {
      Piece piece;
      if (i > 0 && (text[i - 1] == '-' || text[i - 1] == '+' || text[i - 1] == '.' || text[i - 1] == ',')) piece.text += text[i - 1];
      while (i < text.size() && (is_digit(static_cast<unsigned char>(text[i])) || ((text[i] == '.' || text[i] == ',' || text[i] == ':') && i + 1 < text.size() && is_digit(static_cast<unsigned char>(text[i + 1]))))) piece.text += text[i++];
      all.push_back(std::move(piece));
      is_start = false;
      continue;
    }
    const std::string one(text.substr(i, c.bytes));
    i += c.bytes;
    if (ends_sentence(c.point)) is_start = true;
    if (!is_loose_mark(c.point)) all.push_back({.text = one, .is_plain = c.point >= 0x3400 && c.point <= 0x9FFF && kPlainHan.find(one) != std::string_view::npos});
  }
  return all;
}

// "42..", "go?.", "，。": two marks that end or part, one after the other.
std::size_t doubled_marks(std::string_view text) {
  std::size_t n = 0;
  bool was_mark = false;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = first_character(text.substr(i));
    i += c.bytes;
    if (c.point == ' ' || c.point == '\n') continue;
    const bool is_mark = (is_loose_mark(c.point) || c.point == '?' || c.point == 0xFF1F);
    n += is_mark && was_mark;
    was_mark = is_mark;
  }
  return n;
}

bool is_repeating(const std::vector<Piece>& pieces) {
  std::map<std::string, int> triples;
  for (std::size_t i = 0; i + 2 < pieces.size(); ++i)
    if (pieces[i].is_word && pieces[i + 1].is_word && pieces[i + 2].is_word && ++triples[pieces[i].text + ' ' + pieces[i + 1].text + ' ' + pieces[i + 2].text] > 1) return true;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
    if (pieces[i].is_word && pieces[i].text == pieces[i + 1].text) return true;
  return false;
}

std::vector<std::string> capitals(const std::vector<Piece>& pieces) {
  std::vector<std::string> all;
  for (const Piece& t : pieces)
    if (t.is_capital) all.push_back(t.text);
  std::sort(all.begin(), all.end());
  return all;
}

// What is said once the words that claim nothing are out.
std::vector<std::string> claims(const std::vector<Piece>& pieces) {
  std::vector<std::string> all;
  for (const Piece& t : pieces)
    if (!t.is_plain) all.push_back(t.text);
  return all;
}

std::vector<std::string> some_of(const std::vector<std::string>& claims, bool names) {
  std::vector<std::string> some;
  for (const std::string& c : claims)
    if (names ? c[0] == '=' : std::any_of(c.begin(), c.end(), [](char x) { return x >= '0' && x <= '9'; }) && c[0] != '=') some.push_back(c);
  return some;
}

}  // namespace

std::string what_changed(std::string_view reply, std::string_view rewritten, const Facts& facts) {
  if (rewritten.find_first_not_of(" \t\r\n") == std::string_view::npos) return "nothing was said";
  if (rewritten.size() > reply.size() * 3 / 2 + 120) return "it is much longer";
  if (safety::gives_orders(rewritten) && !safety::gives_orders(reply)) return "it gives orders";
  std::vector<std::string_view> names;
  for (const std::string& name : facts.names)
    if (!name.empty()) names.push_back(name);
  std::sort(names.begin(), names.end(), [](std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  const auto before = pieces_of(reply, names), after = pieces_of(rewritten, names);
  const auto said = claims(before), says = claims(after);
  if (some_of(said, true) != some_of(says, true)) return "names were lost, added or moved";
  if (some_of(said, false) != some_of(says, false)) return "numbers were lost, added, changed or moved";
  if (said != says) {
    std::vector<std::string> a = said, b = says;
    std::sort(a.begin(), a.end()), std::sort(b.begin(), b.end());
    if (a == b) return "what it says was moved";
    return std::includes(a.begin(), a.end(), b.begin(), b.end()) ? "something was left out" : "a word was added that may claim something";
  }
  // "Also, You and I": a title can be made of plain words alone.
  const auto had = capitals(before), has = capitals(after);
  if (!std::includes(had.begin(), had.end(), has.begin(), has.end())) return "a capital was added: it may be a title";
  if (doubled_marks(rewritten) > doubled_marks(reply)) return "its marks are doubled";
  if (is_repeating(after) && !is_repeating(before)) return "it repeats itself";
  return {};
}

}  // namespace attune::talk
