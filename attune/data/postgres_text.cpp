// PostgreSQL text: see the header. U+10FE00 + b in UTF-8 is F4 8F (B8 + b/64) (80 + b%64).
#include "attune/data/postgres_text.h"

#include <simdjson.h>

namespace attune::data {
namespace {

bool is_stand_in(std::string_view text, std::size_t at) noexcept {
  if (at + 4 > text.size() || text[at] != '\xf4' || text[at + 1] != '\x8f') return false;
  const auto third = static_cast<unsigned char>(text[at + 2]), fourth = static_cast<unsigned char>(text[at + 3]);
  return third >= 0xb8 && third <= 0xbb && fourth >= 0x80 && fourth <= 0xbf;
}

void add_stand_in(std::string& out, char byte) {
  const auto b = static_cast<unsigned char>(byte);
  out += {'\xf4', '\x8f', static_cast<char>(0xb8 + (b >> 6)), static_cast<char>(0x80 + (b & 63))};
}

// Bytes of the character that begins here; 0 = none that is valid.
std::size_t character(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (n > text.size()) return 0;
  const std::string_view one = text.substr(0, n);
  return simdjson::validate_utf8(one.data(), one.size()) ? n : 0;
}

}  // namespace

std::string to_postgres(std::string_view bytes) {
  if (bytes.find('\0') == std::string_view::npos && bytes.find("\xf4\x8f") == std::string_view::npos && simdjson::validate_utf8(bytes.data(), bytes.size()))
    return std::string(bytes);
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t n = bytes[at] == '\0' || is_stand_in(bytes, at) ? 0 : character(bytes.substr(at));
    if (n > 0) {
      out += bytes.substr(at, n);
      at += n;
    } else {
      const std::size_t end = at + (is_stand_in(bytes, at) ? 4 : 1);
      while (at < end) add_stand_in(out, bytes[at++]);
    }
  }
  return out;
}

std::string from_postgres(std::string_view text) {
  if (text.find("\xf4\x8f") == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_stand_in(text, at)) {
      out += text[at++];
      continue;
    }
    out += static_cast<char>((static_cast<unsigned char>(text[at + 2]) - 0xb8) * 64 + (static_cast<unsigned char>(text[at + 3]) - 0x80));
    at += 4;
  }
  return out;
}

}  // namespace attune::data
