// Lexicon: the phrases that name attributes and values.
#include <algorithm>

#include "attune/talk/han_sounds.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/translate.h"

namespace attune::talk {
namespace {

constexpr std::size_t kLongestValue = 8;        // tokens; longer ones are descriptions
constexpr std::size_t kLongestHanValue = 24;

}  // namespace

void Lexicon::index_names() {
  for (std::size_t a = 0; a < attributes_.size(); ++a) {
    const Attribute& attribute = attributes_[a];
    std::string spaced;
    for (const char c : attribute.name) spaced += c == '_' || c == '-' || c == '.' ? ' ' : c;
    for (const std::string& form : {attribute.name, spaced}) {
      const std::string key = key_of(simplified(cleaned(form)));
      if (key.empty()) continue;
      attribute_names_.emplace(key, a);
      attribute_names_.emplace(singular(key), a);
      attribute_names_.emplace(key + "s", a);
      longest_ = std::max(longest_, tokens_of(key).size());
      for (const Token& token : tokens_of(key))
        if (token.kind == Token::word) spoken_.insert(token.text);
    }
    if (attribute.is_number) continue;
    std::size_t tokens_in_all = 0, entries = 0;
    for (const Attribute::Value& v : attribute.values) {
      entries += v.items.size();
      if (v.text.size() < 200) tokens_in_all += tokens_of(v.text).size();
      else tokens_in_all += 100;
    }
    const bool is_short = tokens_in_all <= 6 * attribute.values.size();     // names of dishes are a vocabulary, also those that stand once; descriptions are none
    const bool is_vocabulary = attribute.values.size() * 10 <= entries * 9 || attribute.values.size() <= 50 || (attribute.is_list && is_short);
    if (!is_vocabulary || attribute.name == "title" || attribute.name == "name") continue;
    for (std::size_t v = 0; v < attribute.values.size(); ++v) {
      if (attribute.is_flag) continue;      // "vegan: yes" is named by "vegan"
      const std::string text = simplified(cleaned(attribute.values[v].text, 200));
      const std::vector<Token> tokens = tokens_of(text);
      const bool han = has_han(text);
      if (tokens.empty() || tokens.size() > (han ? kLongestHanValue : kLongestValue)) continue;
      for (const Token& token : tokens)
        if (token.kind == Token::word) spoken_.insert(token.text);
      const std::string key = key_of(tokens);
      if (tokens.size() == 1 && (is_filler(key) || tokens[0].kind == Token::mark || tokens[0].kind == Token::number)) continue;
      const auto add = [&](const std::string& k, bool is_part) {
        std::vector<ValueAt>& at = values_[k];
        const auto same = [&](const ValueAt& x) { return x.attribute == a && x.value == v; };
        if (std::none_of(at.begin(), at.end(), same)) at.push_back({a, v, is_part});
      };
      add(key, false);
      if (tokens.size() >= 2 && tokens.size() <= 6 && std::all_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.kind == Token::han; }))
        for (const std::string& sound : sound_keys(tokens)) by_sound_[sound].push_back(key);
      longest_ = std::max(longest_, tokens.size());
      if (tokens.size() == 1 && tokens[0].kind == Token::word) {
        add(singular(key), false);
        add(key + "s", false);
      }
      for (const std::string& other : translations(han ? written(tokens) : key))
        if (!is_filler(key_of(other))) add(key_of(other), false);
      // Several names in one value ("J.K. Rowling, Mary GrandPré"), and people by their last names
      std::size_t first = 0;
      for (std::size_t t = 0; t <= tokens.size(); ++t) {
        const bool ends = t == tokens.size() || (tokens[t].kind == Token::mark && (tokens[t].text == "," || tokens[t].text == ";" || tokens[t].text == "/" || tokens[t].text == "&" || tokens[t].text == "、"));
        if (!ends) continue;
        const std::span<const Token> part = std::span(tokens).subspan(first, t - first);
        if (!part.empty() && part.size() < tokens.size() && !is_filler(key_of(part)) && !(part.size() == 1 && part[0].kind != Token::word)) add(key_of(part), true);
        if (attribute.role == Role::maker && part.size() >= 2 && part.back().kind == Token::word && part.back().text.size() >= 4 && !is_known_word(part.back().text)) add(part.back().text, true);
        first = t + 1;
      }
    }
  }
}

}  // namespace attune::talk
