// Named: see the header.
#include "attune/talk/named.h"

#include <algorithm>

#include "attune/talk/tokens.h"

namespace attune::talk {

std::vector<std::string> titles_in(const Lexicon& lexicon, std::string_view text) {
  std::vector<std::string> all;
  const std::vector<Token> tokens = tokens_of(text);
  for (std::size_t i = 0; i < tokens.size();) {
    std::size_t found = 0;
    for (std::size_t n = std::min(lexicon.longest_phrase(), tokens.size() - i); n > 0 && found == 0; --n) {
      if (lexicon.titled(key_of(std::span(tokens).subspan(i, n))).empty()) continue;
      const char first = text[tokens[i].begin];
      const bool is_plain_word = n == 1 && first >= 'a' && first <= 'z';       // "it", "mug": a word before it is a title
      if (!is_plain_word) found = n;
    }
    if (found > 0) {
      const std::size_t begin = tokens[i].begin, end = tokens[i + found - 1].end;
      std::string title(text.substr(begin, end - begin));
      if (std::find(all.begin(), all.end(), title) == all.end()) all.push_back(std::move(title));
    }
    i += std::max<std::size_t>(found, 1);
  }
  return all;
}

Facts facts_of(const Lexicon& lexicon, const Reply& reply) {
  Facts facts{titles_in(lexicon, reply.say)};
  const auto add = [&](std::string name) {
    if (!name.empty() && reply.say.find(name) != std::string::npos && std::find(facts.names.begin(), facts.names.end(), name) == facts.names.end()) facts.names.push_back(std::move(name));
  };
  for (const ReplyItem& item : reply.items) {
    add(item.text);
    add(item.item);
    if (const auto id = lexicon.world().find(item.item)) add(lexicon.title(*id));
  }
  return facts;
}

}  // namespace attune::talk
