// Numbers as they stand in files: see values.h.
#include "attune/data/values.h"

#include <charconv>

#include "attune/core/ascii.h"

namespace attune::data {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }
bool take(std::string_view& s, char c) noexcept {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

// Strips thousands marks where every group has three digits; false when the groups are uneven.
bool strip_groups(std::string_view s, char mark, char* out, std::size_t& size) noexcept {
  size = 0;
  std::size_t group = 0;
  bool had_mark = false, is_fraction = false;
  for (const char c : s) {
    if (c == mark && !is_fraction) {
      if (group == 0 || group > 3 || (had_mark && group != 3)) return false;
      had_mark = true;
      group = 0;
      continue;
    }
    if (c == '.' || c == ',') {
      if (had_mark && group != 3) return false;
      is_fraction = true;
    }
    if (is_digit(c) && !is_fraction) ++group;
    out[size++] = c == ',' ? '.' : c;
  }
  return !(had_mark && !is_fraction && group != 3);
}

}  // namespace

std::string_view trim(std::string_view s) noexcept {
  for (;;) {
    if (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    else if (s.size() >= 2 && s[0] == '\xC2' && s[1] == '\xA0') s.remove_prefix(2);
    else break;
  }
  for (;;) {
    if (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    else if (s.size() >= 2 && s[s.size() - 2] == '\xC2' && s.back() == '\xA0') s.remove_suffix(2);
    else return s;
  }
}

ParsedNumber parse_number(std::string_view text, bool decimal_comma) noexcept {
  std::string_view s = trim(text);
  bool is_negative = false;
  if (take(s, '-')) is_negative = true;
  else take(s, '+');
  if (take(s, '$')) {
  } else if (s.starts_with("\xC2\xA3") || s.starts_with("\xC2\xA5")) s.remove_prefix(2);  // pound, yen
  else if (s.starts_with("\xE2\x82\xAC")) s.remove_prefix(3);                             // euro
  if (s.empty() || !(is_digit(s.front()) || s.front() == '.' || s.front() == ',')) {
    char word[9] = {};
    for (std::size_t i = 0; i < s.size() && i < 8; ++i) word[i] = to_lower(s[i]);
    const std::string_view w = word;
    if (w == "nan" || w == "inf" || w == "infinity") return {0, "is not a finite number"};
    return {0, "is not a number"};
  }
  char plain[64];
  const char mark = decimal_comma ? '.' : ',';
  if (s.find(',') != std::string_view::npos || (decimal_comma && s.find('.') != std::string_view::npos)) {
    std::size_t size = 0;
    if (s.size() > sizeof plain || !strip_groups(s, mark, plain, size)) return {0, "is not a number"};
    s = {plain, size};
  }
  double value = 0;
  const auto got = std::from_chars(s.data(), s.data() + s.size(), value);
  if (got.ec == std::errc::result_out_of_range) {
    const std::size_t e = s.find_first_of("eE");
    if (e != std::string_view::npos && e + 1 < s.size() && s[e + 1] == '-') return {0, nullptr};
    return {0, "is too large for a number"};
  }
  if (got.ec != std::errc() || got.ptr != s.data() + s.size()) return {0, "is not a number"};
  return {is_negative ? -value : value, nullptr};
}

}  // namespace attune::data
