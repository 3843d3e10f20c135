// Reading: see the header. Phrases are looked up by their words, up to eight at each place, so that the time is linear.
#include "attune/talk/safety/reading.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/core/utf8.h"
#include "attune/talk/safety/lexicon.h"

namespace attune::talk::safety {
namespace {

constexpr std::size_t kLongestPhrase = 8;   // words
constexpr std::string_view kNames[] = {
#define LIST(name, text) name,
#include "attune/talk/safety/lexicon_en.inc"
#include "attune/talk/safety/lexicon_zh.inc"
#undef LIST
};
static_assert(std::size(kNames) <= kMostLists);

char32_t folded(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;           // full-width
  if (c == 0x2018 || c == 0x2019 || c == 0x02BC || c == 0x60 || c == 0xB4) return '\'';
  if (c == 0x2010 || c == 0x2011 || c == 0x2013) return '-';
  return c;
}

bool is_invisible(char32_t c) { return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD; }
bool is_han(char32_t c) { return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2FFFF); }
bool is_end(char32_t c) { return c == '?' || c == '!' || c == '\n' || c == 0x3002 || c == ';'; }
bool is_inner(char32_t c) { return c == '\'' || c == '-' || c == '&' || c == '+' || c == '/' || c == '_' || c == '#' || c == '|' || c == '<' || c == '>' || c == '%'; }

void append(std::string& text, char32_t c) {
  if (c < 0x80) text += static_cast<char>(c);
  else if (c < 0x800) text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
  else if (c < 0x10000) text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
  else text += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)), static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
}

std::vector<Word> words_in(std::string_view text) {
  std::vector<Word> words;
  std::string word;
  bool is_capital = false, is_start = true;
  const auto close = [&] {
    while (!word.empty() && (word.back() == '\'' || word.back() == '-' || word.back() == '/' || word.back() == '&')) word.pop_back();
    std::size_t lead = 0;
    while (lead < word.size() && (word[lead] == '\'' || word[lead] == '-' || word[lead] == '/')) ++lead;
    word.erase(0, lead);
    if (!word.empty()) {
      const bool owns = word.size() > 2 && word.ends_with("'s");
      words.push_back({.text = owns ? word.substr(0, word.size() - 2) : word, .is_capital = is_capital && !is_start});
      if (owns) words.push_back({.text = "'s"});
      is_start = false;
    }
    word.clear();
    is_capital = false;
  };
  const auto finish = [&] {
    close();
    if (!words.empty() && !words.back().is_end) words.push_back({.text = ".", .is_end = true});
    is_start = true;
  };
  for (std::size_t i = 0; i < text.size();) {
    const Character next = first_character(text.substr(i));
    i += next.bytes;
    char32_t c = folded(next.point);
    if (is_invisible(c)) continue;
    if (is_han(c)) {
      close();
      append(word, c);
      words.push_back({.text = word});
      word.clear();
    } else if (c >= 'A' && c <= 'Z') {
      if (word.empty()) is_capital = true;
      word += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 0xC0 && c != 0xFFFD && !(c >= 0x2000 && c <= 0x303F))) {
      append(word, c);
    } else if (c == '.') {
      const bool is_inside = i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0;
      const bool is_short = word.size() <= 2 && !word.empty() && is_capital;       // Dr. House, Mr. Bean, E.T.
      if (is_inside || is_short) {
        if (!is_inside) close();
      } else {
        finish();
      }
    } else if (is_end(c)) {
      finish();
    } else if (is_inner(c)) {
      append(word, c);
    } else {
      close();
    }
    if (word.size() > 64) close();     // no word, but it must not grow for ever
  }
  close();
  return words;
}

bool is_letters(std::string_view word) { return static_cast<unsigned char>(word[0]) < 0x80; }

std::string joined(const std::vector<Word>& words, std::size_t begin, std::size_t n) {
  std::string key;
  for (std::size_t k = begin; k < begin + n; ++k) {
    if (k > begin && (is_letters(words[k].text) || is_letters(words[k - 1].text))) key += ' ';
    key += words[k].text;
  }
  return key;
}

struct Phrases {
  std::unordered_map<std::string, Lists> by_text;
  std::unordered_map<std::string, std::size_t> longest;   // by first word
};

const Phrases& phrases() {
  static const Phrases made = [] {
    Phrases p;
    for (std::size_t k = 0; k < std::size(kNames); ++k)
      for (const std::string_view phrase : lexicon(kNames[k])) {
        const auto words = words_in(phrase);
        if (words.empty()) continue;
        const std::size_t n = std::min(words.size(), kLongestPhrase);
        p.by_text[joined(words, 0, n)].set(k);
        std::size_t& longest = p.longest[words[0].text];
        longest = std::max(longest, n);
      }
    return p;
  }();
  return made;
}

}  // namespace

std::size_t list(std::string_view name) {
  const auto* at = std::find(std::begin(kNames), std::end(kNames), name);
  ATTUNE_ASSERT(at != std::end(kNames), "a list is asked for by a name that is in lexicon_en.inc or lexicon_zh.inc");
  return static_cast<std::size_t>(at - std::begin(kNames));
}

Reading read(std::string_view text) {
  const Phrases& known = phrases();
  Reading reading{.words = words_in(text)};
  const auto& words = reading.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto most = known.longest.find(words[i].text);
    if (most == known.longest.end()) continue;
    for (std::size_t n = std::min(most->second, words.size() - i); n > 0; --n) {
      const auto hit = known.by_text.find(joined(words, i, n));
      if (hit == known.by_text.end()) continue;
      reading.found.push_back({i, i + n, hit->second});
      reading.all |= hit->second;
    }
  }
  return reading;
}

bool has(const Reading& reading, std::string_view list_name) { return reading.all.test(list(list_name)); }
bool has_any(const Reading& reading, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return has(reading, name); });
}
bool has_within(const Reading& reading, std::string_view list_name, std::size_t begin, std::size_t end) {
  const std::size_t k = list(list_name);
  return std::any_of(reading.found.begin(), reading.found.end(), [&](const Found& f) { return f.begin >= begin && f.end <= end && f.in.test(k); });
}

}  // namespace attune::talk::safety
