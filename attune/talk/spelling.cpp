// Spelling: the word that was meant. Words of the catalogue and of the conversation are passed through by length and letters.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "attune/talk/lexicon.h"

namespace attune::talk {
namespace {

constexpr std::size_t kShortest = 4;       // letters; shorter words have too many neighbours
constexpr std::size_t kTwoSlips = 8;       // letters from which on two slips may have happened
constexpr std::size_t kLongest = 24;
constexpr std::size_t kTakenForAnother = 5;     // letters up to which a letter taken for another makes another word too often

// Same letters but one: as likely another word as a slip ("safe" is no "same", "scary" no "scarf"); two swapped are none.
bool is_substituted(std::string_view a, std::string_view b) {
  std::size_t others = 0;
  for (std::size_t i = 0; i < a.size(); ++i) others += a[i] != b[i] ? 1 : 0;
  return others == 1;
}

// A word of the conversation that a message turns on. Of four letters there are too many that are words anyway: "safe" is no "same".
bool turns_on(std::size_t letters, std::string_view word) {
  static constexpr std::array<std::string_view, 9> kShort = {"like", "more", "less", "than", "show", "none", "only", "want", "undo"};
  return letters > 4 ? is_cue_word(word) : std::find(kShort.begin(), kShort.end(), word) != kShort.end();
}

std::uint32_t letters_of(std::string_view word) {
  std::uint32_t set = 0;
  for (const char c : word) set |= 1u << (static_cast<unsigned char>(c) % 32u);
  return set;
}

}  // namespace

int slips_between(std::string_view a, std::string_view b, int most) {
  const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  if (std::abs(n - m) > most || n > 63 || m > 63) return most + 1;
  std::array<std::array<int, 64>, 3> rows{};
  for (int j = 0; j <= m; ++j) rows[0][static_cast<std::size_t>(j)] = j;
  for (int i = 1; i <= n; ++i) {
    auto& now = rows[static_cast<std::size_t>(i % 3)];
    const auto& before = rows[static_cast<std::size_t>((i + 2) % 3)];
    const auto& two_before = rows[static_cast<std::size_t>((i + 1) % 3)];
    now[0] = i;
    int least = i;
    for (int j = 1; j <= m; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const bool same = a[static_cast<std::size_t>(i - 1)] == b[at - 1];
      int best = std::min({before[at] + 1, now[at - 1] + 1, before[at - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[static_cast<std::size_t>(i - 1)] == b[at - 2] && a[static_cast<std::size_t>(i - 2)] == b[at - 1])
        best = std::min(best, two_before[at - 2] + 1);
      now[at] = best;
      least = std::min(least, best);
    }
    if (least > most) return most + 1;
  }
  return rows[static_cast<std::size_t>(n % 3)][static_cast<std::size_t>(m)];
}

void Lexicon::index_spelling() {
  spellings_.assign(kLongest + 1, {});
  std::unordered_map<std::string, std::uint32_t> counts;
  const auto add = [&](const std::string& word, std::size_t count) {
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '\''; });
    if (plain && word.size() >= kShortest - 1 && word.size() <= kLongest) counts[word] += static_cast<std::uint32_t>(count);
  };
  for (const auto& [word, items] : postings_) add(word, items.size());
  for (const std::string& word : spoken_) add(word, 2);
  for (const std::string& word : known_words())
    if (is_cue_word(word)) add(word, 50);     // a slip in a word that says nothing is left alone
  for (const auto& [word, count] : counts) spellings_[word.size()].push_back({word, letters_of(word), count});
  for (std::vector<Spelling>& some : spellings_)
    std::sort(some.begin(), some.end(), [](const Spelling& a, const Spelling& b) { return a.count != b.count ? a.count > b.count : a.word < b.word; });
}

bool Lexicon::names(const std::string& word, Role role) const {
  const auto at = values(word);
  return std::any_of(at.begin(), at.end(), [&](const ValueAt& value) { return attributes_[value.attribute].role == role; });
}

std::string Lexicon::spelled(const std::string& word) const {
  // Words of three letters have too many neighbours, but for those that a message turns on.
  if (word.size() == 3)
    for (const char* cue : {"like", "more", "less", "than", "show", "none", "else", "only"})
      if (word.front() == cue[0] && slips_between(word, cue, 1) == 1 && std::string_view(cue).size() > 3) return cue;
  // A colour that lacks its last letter, "blu": nothing else is as likely.
  if (word.size() == 3)
    for (const Spelling& known : spellings_[4])
      if (known.word.starts_with(word) && names(known.word, Role::colour)) return known.word;
  if (word.size() < kShortest || word.size() > kLongest) return "";
  const int most = word.size() >= kTwoSlips ? 2 : 1;
  const std::uint32_t letters = letters_of(word);
  std::string best;
  double best_cost = 1e9;
  for (std::size_t n = word.size() - static_cast<std::size_t>(most); n <= std::min(word.size() + static_cast<std::size_t>(most), kLongest); ++n)
    for (const Spelling& known : spellings_[n]) {
      if (__builtin_popcount(known.letters ^ letters) > 2 * most) continue;
      if (word.size() <= 5 && known.word.front() != word.front()) continue;      // "book" is no "cook"
      const int slips = slips_between(word, known.word, most);
      if (slips > most) continue;
      if (word.size() <= kTakenForAnother && known.word.size() == word.size() && is_substituted(word, known.word) && !turns_on(word.size(), known.word) && !names(known.word, Role::maker)) continue;
      // fewer slips first, then the same first letter, the more frequent word, the longer one ("cheapr" lacks a letter)
      const double cost = slips + (known.word.front() == word.front() ? 0 : 0.5) - 0.01 * static_cast<double>(known.word.size()) - 0.1 * std::min(4.0, 0.25 * static_cast<double>(known.count > 0 ? 64 - __builtin_clzll(known.count) : 0));
      if (cost < best_cost) best = known.word, best_cost = cost;
    }
  return best;
}

}  // namespace attune::talk
