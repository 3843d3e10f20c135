// Vocabulary: see the header.
#include "attune/talk/desk/vocabulary.h"


#include "attune/core/ascii.h"
#include "attune/talk/desk/customer_text.h"
#include "attune/talk/lexicon.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kShortest = 4, kTwoSlips = 8, kLongest = 24;


// One letter for another in a short word is as likely another word ("bold" is no "bolt").
bool is_other_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size() || a.size() > 5) return false;
  std::size_t others = 0;
  for (std::size_t i = 0; i < a.size(); ++i) others += a[i] != b[i];
  return others == 1;
}

}  // namespace

Vocabulary::Vocabulary(const Content& content) {
  for (const Template& t : content.templates) add(without_gaps(t.text));
  for (const Example& e : content.examples) add(e.text);
  for (const Faq& f : content.faq) add(f.question), add(f.answer);
  for (const Passage& p : content.passages) add(p.heading), add(p.text);
}

void Vocabulary::add(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end - at >= kShortest && end - at <= kLongest) ++words_[lowered(text.substr(at, end - at))];
    at = end + 1;
  }
}

std::string Vocabulary::mended(std::string_view text) const {
  std::string made;
  bool in_gap = false;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at) {
      in_gap = text[at] == '{' || (in_gap && text[at] != '}');
      made += text[at++];
      continue;
    }
    std::string_view word = text.substr(at, end - at);
    const std::string low = lowered(word);
    at = end;
    if (!in_gap && low.size() >= kShortest && low.size() <= kLongest && !words_.contains(low)) {
      int least = low.size() >= kTwoSlips ? 2 : 1;
      std::size_t times = 0;
      for (auto known = words_.lower_bound(low.substr(0, 1)); known != words_.end() && known->first[0] == low[0]; ++known) {
        const int slips = slips_between(low, known->first, least);
        if (slips > least || is_other_word(low, known->first) || (slips == least && known->second <= times)) continue;
        least = slips, times = known->second, word = known->first;
      }
    }
    made += word;
  }
  return made;
}

}  // namespace attune::talk::desk
