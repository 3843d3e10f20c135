// Cues: the longest phrase of the table that begins a message, found by its words or by how it sounds.
#include "attune/talk/cues.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <vector>

#include "attune/talk/cue_phrases.h"
#include "attune/talk/han_sounds.h"

namespace attune::talk {
namespace {

bool may_be_heard(Cue cue) {
  switch (cue) {
    case Cue::undo: case Cue::reset: case Cue::bye: case Cue::help: case Cue::service: case Cue::greet: case Cue::thanks: case Cue::yes: case Cue::no: case Cue::take: case Cue::explain: case Cue::request:
    case Cue::and_: case Cue::or_: case Cue::but: case Cue::pronoun: case Cue::slightly: case Cue::about_item: return false;
    default: return true;
  }
}

struct Tables {
  std::unordered_map<std::string, std::vector<Sense>> cues;
  std::unordered_map<std::string, std::vector<std::vector<Token>>> by_sound;
  std::size_t longest = 1;
  std::set<std::string, std::less<>> fillers;
  std::vector<std::string> known;
  std::set<std::string, std::less<>> cue_words;
};

// Apostrophes are left out as often as not: "dont", "its".
std::string without_apostrophes(std::string text) {
  std::erase(text, '\'');
  return text;
}

const Tables& tables() {
  static const Tables made = [] {
    Tables t;
    std::set<std::string> known;
    const auto note = [&](std::span<const Token> tokens) {
      for (const Token& token : tokens)
        if (token.kind == Token::word) known.insert(token.text), known.insert(without_apostrophes(token.text));
    };
    for (const CueLine& line : cue_lines())
      split_bars(line.phrases, [&](std::string_view phrase) {
        const std::vector<Token> tokens = tokens_of(cleaned(phrase));
        t.longest = std::max(t.longest, tokens.size());
        t.cues[without_apostrophes(key_of(tokens))].push_back(line.sense);
        for (const Token& token : tokens)
          if (token.kind == Token::word) t.cue_words.insert(token.text);
        note(tokens);
        if (tokens.size() >= 2 && may_be_heard(line.sense.cue) && std::all_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.kind == Token::han; }))
          for (const std::string& key : sound_keys(tokens)) t.by_sound[key].push_back(tokens);
      });
    split_bars(filler_phrases(), [&](std::string_view phrase) {
      const std::vector<Token> tokens = tokens_of(cleaned(phrase));
      t.fillers.insert(key_of(tokens)), t.fillers.insert(without_apostrophes(key_of(tokens)));
      note(tokens);
    });
    t.known.assign(known.begin(), known.end());
    return t;
  }();
  return made;
}

}  // namespace

FoundCue find_cue(std::span<const Token> tokens) {
  const Tables& t = tables();
  for (std::size_t n = std::min(tokens.size(), t.longest); n > 0; --n) {
    if (n > 1 && n < tokens.size() && tokens[n].text == "于") continue;      // 评分高于: a bound, not "highly rated"
    if (const auto found = t.cues.find(without_apostrophes(key_of(tokens.first(n)))); found != t.cues.end()) return {found->second, n, {}};
  }
  return {};
}

FoundCue cue_sounding_like(std::span<const Token> tokens) {
  const Tables& t = tables();
  for (const std::string& key : sound_keys(tokens))
    if (const auto found = t.by_sound.find(key); found != t.by_sound.end())
      for (const std::vector<Token>& meant : found->second)
        if (shares_character(tokens, meant)) return {t.cues.at(key_of(meant)), meant.size(), written(meant)};
  return {};
}

bool is_filler(std::string_view token) { return tables().fillers.contains(token); }
bool is_known_word(std::string_view word) { return std::binary_search(tables().known.begin(), tables().known.end(), word); }
bool is_cue_word(std::string_view word) { return tables().cue_words.contains(word); }
std::span<const std::string> known_words() { return tables().known; }

}  // namespace attune::talk
