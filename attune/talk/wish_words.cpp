// Words of a wish: those that say something, each with the items that have it; Han text is cut into the longest pieces that some item has.
#include <algorithm>
#include <cmath>

#include "attune/core/sorted.h"
#include "attune/talk/listing.h"
#include "attune/talk/ordinary_words.h"
#include "attune/talk/translate.h"

namespace attune::talk {
namespace {

constexpr std::size_t kLongestPiece = 4;      // Han characters

class Cutting {
 public:
  Cutting(const Lexicon& lexicon, std::string& gloss) : lexicon_(lexicon), gloss_(gloss) {}

  std::vector<WishWord> run(std::span<const Token> tokens) {
    for (std::size_t t = 0; t < tokens.size();) {
      if (tokens[t].kind == Token::han)
        if (const std::size_t used = take_piece(tokens.subspan(t)); used > 0) {
          t += used;
          continue;
        }
      if (tokens[t].kind == Token::word && !is_filler(tokens[t].text) && !says_little(tokens[t].text)) take(tokens[t].text);
      ++t;
    }
    return std::move(found_);
  }

 private:
  // Tokens used. A lone character only when it can be translated, or a kind of items begins or ends with it: 包 of 包袋.
  std::size_t take_piece(std::span<const Token> tokens) {
    std::size_t most = 0;
    while (most < std::min(kLongestPiece, tokens.size()) && tokens[most].kind == Token::han) ++most;
    for (std::size_t n = most; n > 0; --n) {
      const std::string piece = written(tokens.first(n));
      if (says_little(piece) || (n == 1 && (is_filler(piece) || (translations(piece).empty() && lexicon_.with_value(piece).empty())))) continue;
      if (take(piece)) return n;
    }
    return 0;
  }

  bool take(const std::string& word) {
    std::vector<std::uint32_t> items = lexicon_.with_word(word);
    const std::vector<std::uint32_t> more = lexicon_.with_value(word);
    if (items.empty() && more.empty()) return false;
    items.insert(items.end(), more.begin(), more.end());
    sort_unique(items);
    const double n = static_cast<double>(items.size());
    found_.push_back({word, std::move(items), std::log(1 + static_cast<double>(lexicon_.world().item_count()) / n)});
    if (has_han(word))
      for (const std::string& other : translations(word)) gloss_ += " " + other;
    return true;
  }

  const Lexicon& lexicon_;
  std::string& gloss_;
  std::vector<WishWord> found_;
};

}  // namespace

std::vector<WishWord> wish_words(const Lexicon& lexicon, const std::string& wish, std::string& gloss) { return Cutting(lexicon, gloss).run(tokens_of(wish)); }

}  // namespace attune::talk
