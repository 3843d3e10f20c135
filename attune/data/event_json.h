// Events as JSON objects: {"user", "item", "type"?, "value"?, "time"?, "session"?, "request"?}, as they come over a wire.
// Cost: under a microsecond each.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "attune/data/record.h"

namespace attune::data {

// What is wrong with an event: the field and a sentence. No field: the text is no JSON object.
struct EventProblem {
  std::string field, reason;
  bool empty() const noexcept { return reason.empty(); }
};

// Belongs to one thread; keeps its memory from one event to the next.
class EventJson {
 public:
  // Events without a time get `now_ms`; those more than `ahead_ms` after it are refused.
  explicit EventJson(std::int64_t now_ms, std::int64_t ahead_ms = 24 * 3600 * 1000);
  ~EventJson();
  void at(std::int64_t now_ms, std::int64_t ahead_ms = 24 * 3600 * 1000);   // from now on, it is then
  // "time": ISO 8601 text, or a number: seconds since 1970, or milliseconds from 100000000000 on. "user" and "item": text or whole number.
  EventProblem read(std::string_view object, Event& event);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::int64_t now_ms_, latest_ms_;
};

}  // namespace attune::data
