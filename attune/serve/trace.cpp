// Trace context: see the header.
#include "attune/serve/trace.h"

#include <algorithm>
#include <random>

namespace attune::serve {
namespace {

bool is_id(std::string_view text) {   // lower-case hex, not all zero
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }) && text.find_first_not_of('0') != std::string_view::npos;
}

int hex_value(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

}  // namespace

std::string random_hex(int digits) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string text;
  while (static_cast<int>(text.size()) < digits) {
    std::uint64_t bits = random();
    for (int i = 0; i < 16 && static_cast<int>(text.size()) < digits; ++i, bits >>= 4) text += "0123456789abcdef"[bits & 15];
  }
  return text;
}

// 00-TRACE-PARENT-FLAGS; later versions may have more behind.
std::optional<TraceContext> parse_traceparent(std::string_view header) {
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  const int high = hex_value(header[0]), low = hex_value(header[1]);
  if (high < 0 || low < 0 || (high == 15 && low == 15)) return std::nullopt;
  const bool is_version_0 = high == 0 && low == 0;
  if (is_version_0 ? header.size() != 55 : header.size() > 55 && header[55] != '-') return std::nullopt;
  TraceContext context{.trace = std::string(header.substr(3, 32)), .span = random_hex(16), .parent = std::string(header.substr(36, 16))};
  const int flags_high = hex_value(header[53]), flags = hex_value(header[54]);
  if (!is_id(context.trace) || !is_id(context.parent) || flags_high < 0 || flags < 0) return std::nullopt;
  context.is_sampled = (flags & 1) != 0;
  return context;
}

std::string traceparent(const TraceContext& context) { return "00-" + context.trace + "-" + context.span + (context.is_sampled ? "-01" : "-00"); }

}  // namespace attune::serve
