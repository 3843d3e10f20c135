// Lexicon: the phrases that name attributes and values.
#include <algorithm>

#include "attune/talk/han_sounds.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/translate.h"

namespace attune::talk {
namespace {

constexpr std::size_t kLongestValue = 8;        // tokens; longer ones are descriptions
constexpr std::size_t kLongestHanValue = 24;

// Names are said, descriptions are not: values that come again, few of them, or short ones of a list.
bool is_vocabulary(const Attribute& attribute) {
  if (attribute.name == "title" || attribute.name == "name") return false;
  std::size_t tokens_in_all = 0, entries = 0;
  for (const Attribute::Value& v : attribute.values) {
    entries += v.items.size();
    tokens_in_all += v.text.size() < 200 ? tokens_of(v.text).size() : 100;
  }
  const bool is_short = tokens_in_all <= 6 * attribute.values.size();     // names of dishes are a vocabulary, also those that stand once; descriptions are none
  return attribute.values.size() * 10 <= entries * 9 || attribute.values.size() <= 50 || (attribute.is_list && is_short);
}

bool parts_names(const Token& token) {
  return token.kind == Token::mark && (token.text == "," || token.text == ";" || token.text == "/" || token.text == "&" || token.text == "、");
}

// Keys of several names in one value ("J.K. Rowling, Mary GrandPré"), and of people by their last names.
std::vector<std::string> keys_of_parts(std::span<const Token> tokens, Role role) {
  std::vector<std::string> keys;
  std::size_t first = 0;
  for (std::size_t t = 0; t <= tokens.size(); ++t) {
    if (t < tokens.size() && !parts_names(tokens[t])) continue;
    const std::span<const Token> part = tokens.subspan(first, t - first);
    if (!part.empty() && part.size() < tokens.size() && !is_filler(key_of(part)) && !(part.size() == 1 && part[0].kind != Token::word)) keys.push_back(key_of(part));
    if (role == Role::maker && part.size() >= 2 && part.back().kind == Token::word && part.back().text.size() >= 4 && !is_known_word(part.back().text)) keys.push_back(part.back().text);
    first = t + 1;
  }
  return keys;
}

// Keys that name a value as a whole, its own first: in the singular and the plural, in the other language.
std::vector<std::string> keys_of_whole(std::span<const Token> tokens, bool han) {
  const std::string key = key_of(tokens);
  std::vector<std::string> keys = {key};
  if (tokens.size() == 1 && tokens[0].kind == Token::word) keys.push_back(singular(key)), keys.push_back(key + "s");
  for (const std::string& other : translations(han ? written(tokens) : key))
    if (!is_filler(key_of(other))) keys.push_back(key_of(other));
  return keys;
}

bool names_nothing(const Token& token, const std::string& key) { return is_filler(key) || token.kind == Token::mark || token.kind == Token::number; }

// Han characters, few enough that they may be meant by others that sound alike.
bool can_be_misheard(std::span<const Token> tokens) {
  return tokens.size() >= 2 && tokens.size() <= 6 && std::all_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.kind == Token::han; });
}

std::string spaced(std::string name) {
  for (char& c : name)
    if (c == '_' || c == '-' || c == '.') c = ' ';
  return name;
}

}  // namespace

void Lexicon::index_names() {
  const auto speak = [&](std::span<const Token> tokens) {
    for (const Token& token : tokens)
      if (token.kind == Token::word) spoken_.insert(token.text);
  };
  for (std::size_t a = 0; a < attributes_.size(); ++a) {
    const Attribute& attribute = attributes_[a];
    for (const std::string& form : {attribute.name, spaced(attribute.name)}) {
      const std::string key = key_of(simplified(cleaned(form)));
      if (key.empty()) continue;
      for (const std::string& name : {key, singular(key), key + "s"}) attribute_names_.emplace(name, a);
      const std::vector<Token> tokens = tokens_of(key);
      longest_ = std::max(longest_, tokens.size());
      speak(tokens);
    }
    if (attribute.is_number || attribute.is_flag || !is_vocabulary(attribute)) continue;      // a flag is named by itself: "vegan: yes" by "vegan"
    for (std::size_t v = 0; v < attribute.values.size(); ++v) {
      const std::string text = simplified(cleaned(attribute.values[v].text, 200));
      const std::vector<Token> tokens = tokens_of(text);
      const bool han = has_han(text);
      if (tokens.empty() || tokens.size() > (han ? kLongestHanValue : kLongestValue)) continue;
      speak(tokens);
      const std::string key = key_of(tokens);
      if (tokens.size() == 1 && names_nothing(tokens[0], key)) continue;
      const auto add = [&](const std::string& k, bool is_part) {
        std::vector<ValueAt>& at = values_[k];
        const auto same = [&](const ValueAt& x) { return x.attribute == a && x.value == v; };
        if (std::none_of(at.begin(), at.end(), same)) at.push_back({a, v, is_part});
      };
      for (const std::string& k : keys_of_whole(tokens, han)) add(k, false);
      for (const std::string& k : keys_of_parts(tokens, attribute.role)) add(k, true);
      if (can_be_misheard(tokens))
        for (const std::string& sound : sound_keys(tokens)) by_sound_[sound].push_back(key);
      longest_ = std::max(longest_, tokens.size());
    }
  }
}

}  // namespace attune::talk
