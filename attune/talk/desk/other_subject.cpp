// Other subject: names by their form, compared without regard to capitals.
#include "attune/talk/desk/other_subject.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "attune/core/ascii.h"

namespace attune::talk::desk {
namespace {



struct Name {
  std::string word;        // small letters
  std::string before;      // the word to, in, from ... before it; empty = another
  bool has_capital = false;
};

bool leads_to_place(const std::string& word) { return word == "to" || word == "in" || word == "from" || word == "into"; }
bool is_common(const std::string& word) {
  static const std::set<std::string> words = {"i", "i'm", "i'd", "i've", "i'll", "a", "an", "the", "my", "our", "your", "his", "her", "their", "this", "that", "these", "those", "me", "you", "us", "it", "them", "him", "all", "any", "some",
                                              "other", "another", "be", "get", "have", "do", "go", "pay", "buy", "see", "know", "use", "send", "return", "order", "change", "cancel", "ask", "make", "take", "one", "two", "time", "stock", "store",
                                              "faq", "pdf", "ok", "no", "yes", "hi", "hello", "thanks", "and", "or", "not", "case", "general", "advance", "here", "there", "what", "how", "where", "which", "who", "mr", "ms", "mrs"};
  return word.size() < 3 || words.contains(word);
}

// The names in Latin letters: words with a capital that do not begin a sentence, and the words after to, in, from.
std::vector<Name> names_in(std::string_view text) {
  std::vector<Name> names;
  const auto capitals = std::count_if(text.begin(), text.end(), is_capital), letters = std::count_if(text.begin(), text.end(), is_letter);
  const bool is_shouted = 2 * capitals > letters;
  std::string before;
  bool begins = true;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(text[at])) {
      begins = begins || text[at] == '.' || text[at] == '!' || text[at] == '?' || text[at] == '\n';
      if (text[at] != ' ' && text[at] != '\'') before.clear();
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_letter(text[end]) || text[end] == '\'' || text[end] == '-')) ++end;
    const std::string word = lowered(text.substr(at, end - at));
    const bool has_capital = is_capital(text[at]) && !begins && !is_shouted;
    if (!is_common(word) && (has_capital || leads_to_place(before))) names.push_back({word, leads_to_place(before) ? before : "", has_capital});
    before = word, begins = false, at = end;
  }
  return names;
}

bool holds_word(std::string_view low, const std::string& word) {
  for (std::size_t at = low.find(word); at != std::string_view::npos; at = low.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_letter(low[at - 1])) && (end == low.size() || !is_letter(low[end]) || low[end] == 's')) return true;
  }
  return false;
}

// Chinese characters are of three bytes, nearly all.
bool starts_han(std::string_view text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  return c >= 0xe4 && c <= 0xe9 && at + 3 <= text.size();
}

// The place after 寄到, 发往 ...: up to a character that no place has. Empty = none is named.
std::string place_in_chinese(std::string_view text) {
  static constexpr std::string_view leads[] = {"寄到", "发到", "送到", "运到", "寄往", "发往", "运往", "送往", "寄去", "发去"};
  static constexpr std::string_view stops = "吗要的需多几是有能可费呢得贵运怎么我你您家货账哪了期底达店手付这那什";
  for (const auto lead : leads)
    if (std::size_t at = text.find(lead); at != std::string_view::npos) {
      at += lead.size();
      std::size_t end = at;
      while (end < text.size() && end - at < 15 && starts_han(text, end) && stops.find(text.substr(end, 3)) == std::string_view::npos) end += 3;
      if (end - at >= 6) return std::string(text.substr(at, end - at));
    }
  return {};
}

// What a Chinese question asks: 多久, 多少钱; and the two characters or more before it that it asks of, without those that say nothing.
std::string asked_of(std::string_view text, std::string_view how) {
  const std::size_t at = text.find(how);
  if (at == std::string_view::npos) return {};
  std::string subject;
  static constexpr std::string_view empty = "你们您我的是要能可以请问了有请想知道一下吗呢会需大概最";
  for (std::size_t i = 0; i < at;) {
    if (!starts_han(text, i)) {
      ++i;
      continue;
    }
    if (empty.find(text.substr(i, 3)) == std::string_view::npos) subject += text.substr(i, 3);
    i += 3;
  }
  return subject;
}

bool shares_character(std::string_view some, std::string_view text) {
  for (std::size_t i = 0; i + 3 <= some.size(); i += 3)
    if (text.find(some.substr(i, 3)) != std::string_view::npos) return true;
  return false;
}

}  // namespace

bool is_about_another(std::string_view message, std::string_view question, std::string_view text) {
  const std::string low_message = lowered(message), low_text = lowered(text);
  const std::vector<Name> asked = names_in(message), known = names_in(question);
  for (const Name& one : asked) {
    if (holds_word(low_text, one.word)) continue;
    for (const Name& other : known)
      if (other.has_capital && !holds_word(low_message, other.word) && (one.has_capital || (!one.before.empty() && one.before == other.before))) return true;
  }
  if (const std::string place = place_in_chinese(message); !place.empty() && text.find(place) == std::string_view::npos)
    if (const std::string other = place_in_chinese(question); !other.empty() && message.find(other) == std::string_view::npos) return true;
  for (const std::string_view how : {"多久", "多长时间", "多少钱", "几天"}) {
    const std::string subject = asked_of(message, how), other = asked_of(question, how);
    const bool is_passage = question.size() == text.size();   // which need not ask to answer
    if (subject.size() >= 6 && (other.size() >= 6 || is_passage) && !shares_character(subject, text)) return true;
  }
  return false;
}

}  // namespace attune::talk::desk
