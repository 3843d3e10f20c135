// Words left over by the rules: a wish, an item named by some of its words, or something that is not wanted.
#include <algorithm>

#include "attune/talk/walk.h"

namespace attune::talk {
namespace {

std::vector<Token> tokens_left(const Walk& walk) {
  std::vector<Token> tokens;
  for (const std::size_t i : walk.words) tokens.insert(tokens.end(), walk.segments[i].tokens.begin(), walk.segments[i].tokens.end());
  return tokens;
}

// 本 of 笔记本 is no filler: some text has it together with the two characters before it.
bool ends_word(const Lexicon& lexicon, std::span<const Token> tokens) {
  if (tokens.size() < 2) return false;
  const auto last = tokens.last(std::min<std::size_t>(3, tokens.size()));
  return std::all_of(last.begin(), last.end(), [](const Token& token) { return token.kind == Token::han && token.text != "的"; }) && !lexicon.with_word(written(last)).empty();
}

void strip_fillers(const Lexicon& lexicon, std::vector<Token>& tokens) {
  while (!tokens.empty() && is_filler(tokens.front().text)) tokens.erase(tokens.begin());
  while (!tokens.empty() && is_filler(tokens.back().text) && !ends_word(lexicon, tokens)) tokens.pop_back();
}

bool means_item(const Walk& walk, std::size_t words, bool is_pointed) {
  switch (walk.how) {
    case Mention::similar:
    case Mention::than:
    case Mention::about:
    case Mention::take:
    case Mention::unlike: return true;
    case Mention::like:
    case Mention::dislike: return !walk.shown.empty() && (is_pointed || words >= 3);
    default: return false;
  }
}

std::optional<ItemId> item_named(const Walk& walk, std::span<const Token> tokens) {
  std::vector<ItemId> first;
  for (const std::string& item : walk.shown)
    if (const auto id = walk.lexicon.world().find(item)) first.push_back(*id);
  return walk.lexicon.item_by_words(tokens, first);
}

// The longest piece of some Han characters that any text has: 辣的 -> 辣.
std::span<const Token> longest_known(const Lexicon& lexicon, std::span<const Token> han) {
  for (std::size_t n = han.size(); n > 0; --n)
    for (std::size_t i = 0; i + n <= han.size(); ++i) {
      const std::span<const Token> piece = han.subspan(i, n);
      if (n == 1 && is_filler(piece[0].text)) continue;
      if (!lexicon.with_word(written(piece)).empty()) return piece;
    }
  return {};
}

// Words that the text of an item must not have: those of them that stand in the catalogue at all.
void unwanted(Walk& walk, std::span<const Token> tokens) {
  std::vector<Token> known;
  for (std::size_t at = 0; at < tokens.size();) {
    std::size_t end = at;
    while (end < tokens.size() && tokens[end].kind == Token::han) ++end;
    if (end > at) {
      const auto piece = longest_known(walk.lexicon, tokens.subspan(at, end - at));
      known.insert(known.end(), piece.begin(), piece.end());
      at = end;
      continue;
    }
    const Token& token = tokens[at++];
    if (token.kind == Token::word && !is_filler(token.text) && walk.lexicon.rareness(token.text) > 0) known.push_back(token);
  }
  const std::string text = written(known);
  if (!text.empty() && !walk.lexicon.with_words(text).empty()) add_constraint(walk, {.op = Constraint::is_not, .attribute = "", .values = {text}, .said = text});
}

}  // namespace

void wish(Walk& walk, const std::string& text) {
  if (!walk.reading.wish.empty()) walk.reading.wish += ' ';
  walk.reading.wish += text;
}

void flush_words(Walk& walk) {
  std::vector<Token> tokens = tokens_left(walk);
  walk.words.clear();
  const bool is_pointed = !tokens.empty() && (tokens.front().text == "the" || tokens.front().text == "that" || tokens.front().text == "this" || tokens.front().kind == Token::han);   // "I hate velvet" is of no item
  strip_fillers(walk.lexicon, tokens);
  if (tokens.empty()) return;
  if (means_item(walk, tokens.size(), is_pointed))
    if (const auto item = item_named(walk, tokens)) return mention(walk, walk.lexicon.world().item(*item).name, written(tokens));
  if (walk.is_unwanted()) return unwanted(walk, tokens);
  std::erase_if(tokens, [](const Token& token) { return token.kind != Token::han && is_filler(token.text); });
  const std::string text = written(tokens);
  if (text.empty()) return;
  if (walk.must && !walk.lexicon.with_words(text).empty()) add_constraint(walk, {.op = Constraint::is, .attribute = "", .values = {text}, .said = text});
  wish(walk, text);
}

}  // namespace attune::talk
