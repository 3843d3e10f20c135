// UTF-8: the first character of a text, byte for byte where it is none.
#pragma once
#include <cstddef>
#include <string_view>

namespace attune {

// One character: its code point and length in bytes; 0xFFFD and 1 for a byte that is no UTF-8.
struct Character {
  char32_t point = 0xFFFD;
  std::size_t bytes = 1;
};

// `text` is not empty.
inline Character first_character(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return {first, 1};
  const std::size_t n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (n == 0 || n > text.size()) return {};
  char32_t point = first & (0xFFu >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((at(i) & 0xC0u) != 0x80u) return {};
    point = point << 6 | (at(i) & 0x3Fu);
  }
  return {point, n};
}

}  // namespace attune
