// Slips: one draw a word, one a kind of slip.
#include "attune/talk/people/slips.h"

#include <utility>

#include "attune/core/ascii.h"

namespace attune::talk::people {
namespace {

constexpr double kShare = 0.1;             // of words with a slip
constexpr std::size_t kShortest = 4;       // letters


std::string slipped(std::string word, Random& random) {
  const std::size_t i = 1 + random.below(word.size() - 2);
  switch (random.below(4)) {
    case 0: word.erase(i, 1); break;
    case 1: word.insert(i, 1, word[i]); break;
    case 2: word[i] = static_cast<char>('a' + random.below(26)); break;
    default: std::swap(word[i], word[i + 1]);
  }
  return word;
}

}  // namespace

std::string with_slips(const std::string& text, Random& random) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::string word = text.substr(at, end - at);
    out += word.size() >= kShortest && random.uniform() < kShare ? slipped(word, random) : word;
    at = end;
  }
  return out;
}

}  // namespace attune::talk::people
