// Mending: by the catalogue's words and the conversation's; and words that are words, but not in this place: "more line the third".
#include "attune/talk/mending.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "attune/talk/ordinary_words.h"
#include "attune/talk/spoken_numbers.h"

namespace attune::talk {
namespace {

constexpr std::array<std::string_view, 10> kOrdinals = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"};

class Mending {
 public:
  Mending(const Lexicon& lexicon, std::vector<Token>& tokens, std::span<const bool> is_code, std::vector<std::pair<std::string, std::string>>& corrected)
      : lexicon_(lexicon), tokens_(tokens), is_code_(is_code), corrected_(corrected) {}

  void run() {
    std::size_t looked = 0;
    for (std::size_t t = 0; t < tokens_.size() && looked < kMostSlips; ++t) {
      if (tokens_[t].kind != Token::word || is_code_[t]) continue;
      if (std::string meant = expected_at(t); !meant.empty()) {
        become(t, std::move(meant));
        continue;
      }
      if (is_right(t)) continue;
      if (std::string stem = known_stem(tokens_[t].text); !stem.empty()) {      // "gardening" in a shop of garden things: no slip
        tokens_[t].text = std::move(stem);
        continue;
      }
      if (is_ordinary_word(tokens_[t].text)) continue;      // no slip, though the catalogue has a word beside it: "mother", "other"
      ++looked;
      if (std::string meant = lexicon_.spelled(tokens_[t].text); !meant.empty()) become(t, std::move(meant));
    }
  }

 private:
  std::string_view text(std::size_t t) const { return t < tokens_.size() ? std::string_view(tokens_[t].text) : std::string_view(); }
  bool is_one_of(std::size_t t, std::initializer_list<std::string_view> words) const { return std::find(words.begin(), words.end(), text(t)) != words.end(); }

  bool is_right(std::size_t t) const {
    const std::string& word = tokens_[t].text;
    if (word_number(std::span<const Token>(tokens_).subspan(t)).used > 0) return true;      // "fifty" is no "fifth"
    if (is_known_word(word) || lexicon_.is_word(word) || is_known_word(singular(word)) || word == "fiver" || word == "tenner" || word == "ish") return true;
    return t > 0 && tokens_[t - 1].kind == Token::number && tokens_[t - 1].end == tokens_[t].begin;   // "2nd", "15cm"
  }

  // The catalogue's word that this one is a form of; empty = none.
  std::string known_stem(const std::string& word) const {
    for (const std::string_view ending : {"ings", "ing", "ers", "er", "ed", "ly", "y", "ish"}) {
      if (!word.ends_with(ending) || word.size() < ending.size() + 4) continue;
      const std::string stem = word.substr(0, word.size() - ending.size());
      for (const std::string& form : {stem, stem + "e", stem.back() == stem[stem.size() - 2] ? stem.substr(0, stem.size() - 1) : stem})
        if (lexicon_.rareness(form) > 0) return form;
    }
    return "";
  }

  void become(std::size_t t, std::string meant) {
    corrected_.emplace_back(tokens_[t].text, meant);
    tokens_[t].text = std::move(meant);
  }

  bool is_near(std::size_t t, std::string_view meant) const { return text(t) != meant && !text(t).empty() && text(t)[0] == meant[0] && slips_between(text(t), meant, 1) == 1; }

  // Nothing of the sentence comes behind it.
  bool ends_clause(std::size_t t) const { return t + 1 >= tokens_.size() || tokens_[t + 1].kind == Token::mark; }

  // The first of `words` that is one slip away; empty = none, or it is one of them.
  std::string near_one_of(std::size_t t, std::initializer_list<std::string_view> words) const {
    if (is_one_of(t, words)) return "";
    for (const std::string_view word : words)
      if (is_near(t, word)) return std::string(word);
    return "";
  }

  // The word that only can stand here and that this one is one slip away from, though it is a word too; empty = none.
  std::string expected_at(std::size_t t) const {
    const bool points_behind = is_one_of(t + 1, {"the", "this", "that", "number"});
    if (t == 0) {
      if (is_one_of(1, {"me", "us"})) return near_one_of(t, {"show"});                                          // "sow me something"
      if (is_one_of(1, {"of"}) && is_one_of(2, {"these", "those", "them"})) return near_one_of(t, {"none"});      // "nine of these"
      return "";
    }
    if (points_behind && is_one_of(t - 1, {"more", "something", "anything"})) return near_one_of(t, {"like"});     // "more line the third"
    if (ends_clause(t) && is_one_of(t - 1, {"may", "might", "would", "could"})) return near_one_of(t, {"like"});   // "something I may lie"
    if (ends_clause(t) && is_one_of(t - 1, {"something", "anything", "nothing", "what"})) return near_one_of(t, {"else"});     // "something ease"
    if (t == 1 && is_one_of(0, {"none"}) && is_one_of(2, {"these", "those", "them"})) return near_one_of(t, {"of"});
    if (t > 1 && is_one_of(t - 1, {"of"}) && is_one_of(t - 2, {"none", "any", "neither"})) return near_one_of(t, {"these", "those", "them"});    // "none of theee"
    if (points_behind && (text(t - 1).ends_with("er") || is_one_of(t - 1, {"more", "less"}))) return near_one_of(t, {"than"});    // "cheaper then the first"
    if (is_one_of(t - 1, {"the"}) && is_one_of(t + 1, {"one", "ones"})) return ordinal_near(t);      // "the fist one"
    return "";
  }

  std::string ordinal_near(std::size_t t) const {
    if (std::find(kOrdinals.begin(), kOrdinals.end(), text(t)) != kOrdinals.end()) return "";
    for (const std::string_view ordinal : kOrdinals)
      if (is_near(t, ordinal)) return std::string(ordinal);
    return "";
  }

  const Lexicon& lexicon_;
  std::vector<Token>& tokens_;
  std::span<const bool> is_code_;
  std::vector<std::pair<std::string, std::string>>& corrected_;
};

}  // namespace

void mend(const Lexicon& lexicon, std::vector<Token>& tokens, std::span<const bool> is_code, std::vector<std::pair<std::string, std::string>>& corrected) {
  Mending(lexicon, tokens, is_code, corrected).run();
}

}  // namespace attune::talk
