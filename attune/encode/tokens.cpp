// Tokens: one pass over the code points.
#include "attune/encode/tokens.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace attune::encode {
namespace {

enum class Shape { separator, word, pair };

Shape shape_of(utf8proc_int32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return Shape::word;
  if (c < 128) return Shape::separator;
  const bool has_no_spaces = (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
                             (c >= 0x20000 && c <= 0x323AF) || (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
                             (c >= 0x1780 && c <= 0x17FF);
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_NL:
      return has_no_spaces ? Shape::pair : Shape::word;
    default: return Shape::separator;
  }
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 128) return false;
  return true;
}

// NFKC with case folding; bad bytes become spaces.
std::string folded(std::string_view text) {
  std::string clean;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);
    if (n <= 0) {
      clean += ' ';
      ++at, --left;
      continue;
    }
    clean.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(n));
    at += n, left -= n;
  }
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(clean.data()),
                                             static_cast<utf8proc_ssize_t>(clean.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return size < 0 ? clean : std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

std::vector<std::string> ascii_tokens(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      word += c;
    } else if (!word.empty()) {
      found.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) found.push_back(std::move(word));
  return found;
}

}  // namespace

std::vector<std::string> tokens(std::string_view text) {
  if (is_ascii(text)) return ascii_tokens(text);
  const std::string clean = folded(text);
  std::vector<std::string> found;
  std::string word, before;   // `before` = the character before in a run of pairs
  bool paired = false;        // has `before` been part of a pair
  const auto end_run = [&] {
    if (!word.empty()) found.push_back(std::move(word));
    if (!before.empty() && !paired) found.push_back(before);
    word.clear();
    before.clear();
    paired = false;
  };
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(clean.data());
  auto left = static_cast<utf8proc_ssize_t>(clean.size());
  while (left > 0) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);
    if (n <= 0) break;
    const std::string letter(reinterpret_cast<const char*>(at), static_cast<std::size_t>(n));
    at += n, left -= n;
    switch (shape_of(c)) {
      case Shape::separator: end_run(); break;
      case Shape::word:
        if (!before.empty()) end_run();
        word += letter;
        break;
      case Shape::pair:
        if (!word.empty()) end_run();
        if (!before.empty()) found.push_back(before + letter), paired = true;
        else paired = false;
        before = letter;
        break;
    }
  }
  end_run();
  return found;
}

}  // namespace attune::encode
