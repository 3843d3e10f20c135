// Check: see the header.
#include "attune/talk/check.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <unordered_set>

#include "attune/core/words.h"
#include "attune/talk/safety/injection.h"

namespace attune::talk {
namespace {

// Words that tie sentences together and claim nothing about an item.
constexpr std::string_view kPlain =
    "a an the this that these those it its they them their you your i my we our here there is are was be being been am do does did have has had will would can could may might should shall let to of for from in on at by with "
    "and or but so as if then than because since while also too just only even still yet both each all any some other another more most such what which who how when where why hello hi hey sure okay ok well yes please thanks thank "
    "welcome happy glad pleased great help like love enjoy think see look looking take find found show suggest suggests suggestion recommend recommended recommendation pick picked choose chose choice might maybe perhaps try note know tell "
    "say said ask asked want wanted wish need needed based fit fits match matches suit suits suitable good nice along following list item items one ones thing things idea ideas option options way about into up out over again now next first "
    "today anything something else let's i'd i'll i've you'd you'll you've that's it's here's there's they're we've we'd feel free hope of course course indeed rather quite really very much many lot kind taken took previously earlier before "
    "recently since already interest interested interests taste tastes preference preferences";
// In Chinese the same, by character.
constexpr std::string_view kPlainHan =
    "的了吗呢吧哦呀啊嗯和与及也都还就这那您你我们他它她为给可以请很一下些个是有在到要想看找喜欢推荐帮忙建议觉得可能也许或者因此所以因为之前曾经如果那么不妨试试来说起以下如下比较适合合您好希望需求根据按照此外另外其中其他它们咱对";

struct Number {
  std::string digits;
};

// Runs of digits with their inner points and commas, in order: "4.50", "1,200".
std::vector<std::string> numbers(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < text.size();) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      ++i;
      continue;
    }
    std::string number;
    while (i < text.size() && (std::isdigit(static_cast<unsigned char>(text[i])) != 0 || ((text[i] == '.' || text[i] == ',') && i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0)))
      number += text[i++];
    if (i < text.size() && text[i] == '%') number += '%';
    all.push_back(number);
  }
  return all;
}

bool is_number_word(const std::string& w) {
  static const std::set<std::string> words = {"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "hundred", "thousand", "million", "half", "double", "twice", "dozen", "percent", "second", "third", "zero"};
  return words.count(w) > 0;
}
bool is_negation(const std::string& w) {
  static const std::set<std::string> words = {"not", "no", "never", "none", "nothing", "without", "t", "cannot", "neither", "nor", "hardly", "except", "unless"};
  return words.count(w) > 0;
}

// Every character of three bytes that is Han, and every plain word.
void parts(std::string_view text, std::vector<std::string>& words, std::vector<std::string>& han) {
  std::string word;
  const auto close = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      if (std::isalpha(c) != 0) word += static_cast<char>(std::tolower(c));
      else close();
      ++i;
      continue;
    }
    const std::size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    const std::string one(text.substr(i, n));
    if (c >= 0xE4 && c <= 0xE9 && n == 3) close(), han.push_back(one);
    else if (c >= 0xC3 && c < 0xE0) word += one;        // letters with marks, Greek, Cyrillic
    else close();
    i += n;
  }
  close();
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos && !what.empty(); at = text.find(what, at + what.size())) ++n;
  return n;
}

std::string without(std::string text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos && !what.empty(); at = text.find(what, at + 1)) text.replace(at, what.size(), " ");
  return text;
}

std::vector<std::size_t> order_of(std::string_view text, const std::vector<std::string>& names) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t k = 0; k < names.size(); ++k)
    for (std::size_t at = text.find(names[k]); at != std::string_view::npos && !names[k].empty(); at = text.find(names[k], at + names[k].size())) found.emplace_back(at, k);
  std::sort(found.begin(), found.end());
  std::vector<std::size_t> order;
  for (const auto& [at, k] : found) order.push_back(k);
  return order;
}

bool is_repeating(const std::vector<std::string>& words) {
  std::map<std::string, int> triples;
  for (std::size_t i = 0; i + 2 < words.size(); ++i)
    if (++triples[words[i] + ' ' + words[i + 1] + ' ' + words[i + 2]] > 1) return true;
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == words[i + 1] && words[i] != "very") return true;
  return false;
}

}  // namespace

std::string what_changed(std::string_view reply, std::string_view rewritten, const Facts& facts) {
  if (rewritten.find_first_not_of(" \t\r\n") == std::string_view::npos) return "nothing was said";
  if (rewritten.size() > reply.size() * 3 / 2 + 120) return "it is much longer";
  if (rewritten.size() * 3 < reply.size()) return "it is much shorter";
  for (const char c : rewritten)
    if ((static_cast<unsigned char>(c) < 0x20) || std::string_view("<>{}[]|#*`@\\").find(c) != std::string_view::npos)
      if (reply.find(c) == std::string_view::npos) return "it holds marks that were not there";
  if (rewritten.find("http") != std::string_view::npos && reply.find("http") == std::string_view::npos) return "it holds an address that was not there";
  if (safety::gives_orders(rewritten) && !safety::gives_orders(reply)) return "it gives orders";
  if (order_of(reply, facts.names) != order_of(rewritten, facts.names)) return "names were lost, added or moved";
  for (const std::string& name : facts.names)
    if (count_of(reply, name) != count_of(rewritten, name)) return "a name was lost or said more often";
  if (numbers(reply) != numbers(rewritten)) return "numbers were lost, added, changed or moved";
  for (const std::string_view mark : {"$", "€", "£", "¥", "%", "?", "？"})
    if (count_of(reply, mark) != count_of(rewritten, mark)) return "a currency, a percentage or a question was lost or added";
  // What stands in names was compared; the rest is compared word by word.
  std::string before(reply), after(rewritten);
  std::vector<std::string> names = facts.names;
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  for (const std::string& name : names) before = without(before, name), after = without(after, name);
  std::vector<std::string> old_words, old_han, new_words, new_han;
  parts(before, old_words, old_han);
  parts(after, new_words, new_han);
  static const std::unordered_set<std::string> plain = [] {
    std::unordered_set<std::string> all;
    std::vector<std::string> words, han;
    parts(kPlain, words, han);
    parts(kPlainHan, words, han);
    all.insert(words.begin(), words.end());
    all.insert(han.begin(), han.end());
    return all;
  }();
  const auto negations = [](const std::vector<std::string>& words, const std::vector<std::string>& han) {
    std::ptrdiff_t n = std::count_if(words.begin(), words.end(), is_negation);
    for (const std::string& h : han) n += h == "不" || h == "没" || h == "无" || h == "别" || h == "非";
    return n;
  };
  if (negations(old_words, old_han) != negations(new_words, new_han)) return "a negation was lost or added";
  std::multiset<std::string> old_numbers, new_numbers;
  for (const std::string& w : old_words)
    if (is_number_word(w)) old_numbers.insert(w);
  for (const std::string& w : new_words)
    if (is_number_word(w)) new_numbers.insert(w);
  if (old_numbers != new_numbers) return "a number in words was lost or added";
  const std::unordered_set<std::string> known(old_words.begin(), old_words.end()), known_han(old_han.begin(), old_han.end());
  for (const std::string& w : new_words)
    if (known.count(w) == 0 && plain.count(w) == 0) return "a word was added that may claim something";
  for (const std::string& h : new_han)
    if (known_han.count(h) == 0 && plain.count(h) == 0) return "a word was added that may claim something";
  // What the template said beyond plain words must still be said.
  const std::unordered_set<std::string> said(new_words.begin(), new_words.end()), said_han(new_han.begin(), new_han.end());
  for (const std::string& w : old_words)
    if (plain.count(w) == 0 && said.count(w) == 0) return "something was left out";
  for (const std::string& h : old_han)
    if (plain.count(h) == 0 && said_han.count(h) == 0) return "something was left out";
  if (is_repeating(new_words) && !is_repeating(old_words)) return "it repeats itself";
  return {};
}

}  // namespace attune::talk
