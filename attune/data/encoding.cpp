// Encoding: see the header. Windows-1252 differs from Latin-1 only in 0x80..0x9F (WHATWG Encoding Standard, index windows-1252).
#include "attune/data/encoding.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

namespace attune::data {
namespace {

void put(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

constexpr std::array<std::uint16_t, 32> kWindows = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

// The code point of the entity between '&' and ';', or 0.
std::uint32_t entity(std::string_view name) {
  static constexpr std::pair<std::string_view, std::uint32_t> kNamed[] = {
      {"amp", '&'},     {"lt", '<'},        {"gt", '>'},        {"quot", '"'},      {"apos", '\''},     {"nbsp", ' '},
      {"pound", 0xA3},  {"copy", 0xA9},     {"reg", 0xAE},      {"deg", 0xB0},      {"eacute", 0xE9},   {"egrave", 0xE8},
      {"trade", 0x2122}, {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"ldquo", 0x201C},
      {"rdquo", 0x201D}, {"hellip", 0x2026}, {"bull", 0x2022},  {"euro", 0x20AC}};
  for (const auto& [word, code] : kNamed)
    if (word == name) return code;
  if (name.size() < 2 || name[0] != '#') return 0;
  const int base = name[1] == 'x' || name[1] == 'X' ? 16 : 10;
  name.remove_prefix(base == 16 ? 2 : 1);
  std::uint32_t code = 0;
  const auto got = std::from_chars(name.data(), name.data() + name.size(), code, base);
  const bool is_whole = got.ec == std::errc() && got.ptr == name.data() + name.size() && !name.empty();
  if (!is_whole || code < 0x20 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return 0;
  return code;
}

}  // namespace

bool is_ascii(std::string_view s) noexcept {
  std::uint64_t any = 0, block = 0;
  std::size_t i = 0;
  for (; i + 8 <= s.size(); i += 8) {
    std::memcpy(&block, s.data() + i, 8);
    any |= block;
  }
  for (; i < s.size(); ++i) any |= static_cast<unsigned char>(s[i]);
  return (any & 0x8080808080808080u) == 0;
}

bool is_utf8(std::string_view s) noexcept { return is_ascii(s) || simdjson::validate_utf8(s.data(), s.size()); }

std::string latin1_to_utf8(std::string_view s) {
  std::string out;
  out.reserve(s.size() + s.size() / 8);
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) out += c;
    else put(out, byte < 0xA0 ? kWindows[byte - 0x80] : byte);
  }
  return out;
}

std::string shown(std::string_view s, std::size_t size_bytes) {
  if (s.size() > size_bytes) {
    s = s.substr(0, size_bytes);
    std::size_t back = 0;  // a character cut in the middle goes
    while (back < 3 && back < s.size() && (static_cast<unsigned char>(s[s.size() - 1 - back]) & 0xC0) == 0x80) ++back;
    if (back < s.size() && !is_utf8(s.substr(s.size() - 1 - back))) s.remove_suffix(back + 1);
  }
  std::string out(s);
  const bool is_text = is_utf8(out);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F || (byte >= 0x80 && !is_text)) c = '?';
  }
  return out;
}

std::string without_entities(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  while (!s.empty()) {
    const std::size_t at = s.find('&');
    out.append(s.substr(0, at));
    if (at == std::string_view::npos) break;
    s.remove_prefix(at);
    const std::size_t end = s.substr(0, 12).find(';');
    const std::uint32_t code = end == std::string_view::npos ? 0 : entity(s.substr(1, end - 1));
    if (code == 0) {
      out += '&';
      s.remove_prefix(1);
    } else {
      put(out, code);
      s.remove_prefix(end + 1);
    }
  }
  return out;
}

}  // namespace attune::data
