// Words: Unicode categories and case folding by utf8proc. Cost: one pass over the characters.
#include "attune/core/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace attune {
namespace {

bool is_word(std::int32_t c) noexcept {
  const auto kind = utf8proc_category(c);
  return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) || (kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME) ||
         (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}
bool is_unspaced(std::int32_t c) noexcept {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF) || (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
         (c >= 0x1780 && c <= 0x17FF) || c == 0x3005 || c == 0x3007;
}
void append(std::int32_t c, std::string& to) {
  std::uint8_t utf8[4];
  to.append(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(utf8proc_encode_char(c, utf8)));
}

class Splitter {
 public:
  void read(std::int32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;  // full-width forms
    if (!is_word(c)) return flush();
    const bool unspaced = is_unspaced(c);
    if (unspaced != run_is_unspaced_) flush();
    run_is_unspaced_ = unspaced;
    run_.push_back(c);
  }
  void flush() {
    if (!run_.empty() && run_is_unspaced_) grams();
    else if (!run_.empty()) word();
    run_.clear();
  }
  std::vector<std::string> words;

 private:
  void grams() {
    for (const std::size_t n : {std::size_t{2}, std::size_t{3}})
      for (std::size_t i = 0; i + n <= run_.size(); ++i) gram(i, n);
    if (run_.size() == 1) gram(0, 1);
  }
  void gram(std::size_t first, std::size_t n) {
    words.emplace_back();
    for (std::size_t i = first; i < first + n; ++i) append(run_[i], words.back());
  }
  // Accents typed in one piece or two are one word: composed after folding.
  void word() {
    std::string text;
    for (const std::int32_t c : run_) append(c, text);
    std::uint8_t* folded = nullptr;
    const auto n = utf8proc_map(reinterpret_cast<const std::uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &folded,
                                static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    words.push_back(n > 0 ? std::string(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(n)) : text);
    std::free(folded);
  }
  std::vector<std::int32_t> run_;
  bool run_is_unspaced_ = false;
};

bool is_plain(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (is_plain(c)) {
      if (!inside) words.emplace_back();
      words.back() += c;
    }
    inside = is_plain(c);
  }
  return words;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; })) return plain_words(text);
  Splitter splitter;
  for (std::size_t at = 0; at < text.size();) {
    std::int32_t c = -1;
    const auto used = utf8proc_iterate(reinterpret_cast<const std::uint8_t*>(text.data()) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
    if (used > 0) splitter.read(c);
    else splitter.flush();
    at += used > 0 ? static_cast<std::size_t>(used) : 1;
  }
  splitter.flush();
  return std::move(splitter.words);
}

}  // namespace attune
