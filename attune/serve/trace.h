// Trace context as the W3C has it: which trace a request belongs to, so that what happened here is found beside what happened
// at the caller's. https://www.w3.org/TR/trace-context/
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attune::serve {

struct TraceContext {
  std::string trace;       // 32 hex digits
  std::string span;        // 16: of this request here
  std::string parent;      // 16: of the caller; empty = the trace begins here
  bool is_sampled = false; // whether spans are kept
};

// nullopt for a header that does not follow the standard: the trace then begins here.
std::optional<TraceContext> parse_traceparent(std::string_view header);
std::string traceparent(const TraceContext& context);
std::string random_hex(int digits);   // not for secrets

}  // namespace attune::serve
