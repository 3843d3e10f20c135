// ASCII: letters, digits and case by the byte, whatever the locale. Bytes above 0x7f are neither and stay as they are.
#pragma once
#include <string>
#include <string_view>

namespace attune {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr char to_lower(char c) noexcept { return is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_letter(char c) noexcept { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_alnum(char c) noexcept { return is_letter(c) || is_digit(c); }

inline std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = to_lower(c);
  return low;
}

}  // namespace attune
