// Printable: see the header. Cost: one pass.
#include "attune/core/printable.h"

#include <utf8proc.h>

#include <cstdio>

namespace attune {
namespace {

bool turns_direction(utf8proc_int32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}
bool is_control(utf8proc_int32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029; }

}  // namespace

std::string printable(std::string_view text, Lines lines, std::size_t most_bytes) {
  std::string out;
  out.reserve(text.size());
  char escape[16];
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() >= most_bytes) return out + "…";
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (n <= 0) {
      std::snprintf(escape, sizeof escape, "\\x%02x", at[i++]);
      out += escape;
      continue;
    }
    if (c == '\n' || c == '\t') {
      if (lines == Lines::keep) out += static_cast<char>(c);
      else out += c == '\n' ? "\\n" : "\\t";
    } else if (is_control(c) || turns_direction(c)) {
      std::snprintf(escape, sizeof escape, c < 0x80 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out.append(text.substr(i, static_cast<std::size_t>(n)));
    }
    i += static_cast<std::size_t>(n);
  }
  return out;
}

}  // namespace attune
