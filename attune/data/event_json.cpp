// Events as JSON: see the header. Parsed by simdjson (DOM of one object), each field checked.
#include "attune/data/event_json.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "attune/core/params.h"
#include "attune/data/values.h"

namespace attune::data {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kLongestName = 512, kLongestType = 64;   // bytes
constexpr double kMilliseconds = 1e11;   // numbers from here on are milliseconds: 1e11 s is the year 5138, 1e11 ms is 1973

std::string shown(dom::element value) {
  std::string text = simdjson::minify(value);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

// A name: text, or a whole number as its digits. The problem, or nothing.
std::string take_name(dom::element value, std::size_t longest, std::string& out) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    out = text;
  } else if (std::int64_t number = 0; value.is_int64() && value.get(number) == simdjson::SUCCESS) {
    out = std::to_string(number);
  } else {
    return "must be a text, not " + shown(value);
  }
  if (trim(out).empty()) return "is empty";
  if (out.size() > longest) return "has " + std::to_string(out.size()) + " bytes, at most " + std::to_string(longest) + " are taken";
  for (const char c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds control characters";
  return {};
}

std::string take_time(dom::element value, std::int64_t latest_ms, std::int64_t& out) {
  std::string_view text;
  double number = 0;
  if (value.get(text) == simdjson::SUCCESS) {
    const ParsedTime time = parse_time(text, TimeFormat::iso);
    if (time.problem != nullptr) return "'" + std::string(text.substr(0, 40)) + "' " + time.problem;
    out = time.ms;
  } else if (value.is_number() && value.get(number) == simdjson::SUCCESS) {
    const double ms = std::abs(number) < kMilliseconds ? number * 1000 : number;
    if (!(ms >= static_cast<double>(kFirstTime_ms))) return shown(value) + " is before 1970";
    if (!(ms <= static_cast<double>(kLastTime_ms))) return shown(value) + " is after 2100";
    out = static_cast<std::int64_t>(ms);
  } else {
    return "must be an ISO 8601 text or a number of seconds or milliseconds since 1970, not " + shown(value);
  }
  if (out > latest_ms) return shown(value) + " is more than a day in the future";
  return {};
}

std::string take_value(dom::element value, std::optional<double>& out) {
  double number = 0;
  if (!value.is_number() || value.get(number) != simdjson::SUCCESS) return "must be a number, not " + shown(value);
  if (!std::isfinite(number)) return "is not finite";
  out = number;
  return {};
}

}  // namespace

struct EventJson::Parser {
  dom::parser parser;
  std::string scratch;
};

EventJson::EventJson(std::int64_t now_ms, std::int64_t ahead_ms) : parser_(std::make_unique<Parser>()), now_ms_(now_ms), latest_ms_(now_ms + ahead_ms) {}
EventJson::~EventJson() = default;

void EventJson::at(std::int64_t now_ms, std::int64_t ahead_ms) {
  now_ms_ = now_ms;
  latest_ms_ = now_ms + ahead_ms;
}

EventProblem EventJson::read(std::string_view object, Event& event) {
  event = Event{};
  event.time_ms = now_ms_;
  std::string& text = parser_->scratch;
  text.assign(object);
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  dom::object members;
  const auto problem = parser_->parser.parse(text.data(), text.size(), false).get(members);
  if (problem == simdjson::INCORRECT_TYPE) return {"", "is no JSON object"};
  if (problem != simdjson::SUCCESS) return {"", std::string("is no JSON: ") + simdjson::error_message(problem)};
  for (const auto& [key, value] : members) {
    if (value.is_null()) continue;
    std::string wrong;
    if (key == "user") wrong = take_name(value, kLongestName, event.user);
    else if (key == "item") wrong = take_name(value, kLongestName, event.item);
    else if (key == "type") wrong = take_name(value, kLongestType, event.type);
    else if (key == "value") wrong = take_value(value, event.value);
    else if (key == "time") wrong = take_time(value, latest_ms_, event.time_ms);
    else if (key == "session") wrong = take_name(value, kLongestName, event.session);
    else if (key == "request") wrong = take_name(value, kLongestName, event.request);
    else {
      const std::string near = nearest(key, {"user", "item", "type", "value", "time", "session", "request"});
      wrong = near.empty() ? "is no field of an event; there are: user item type value time session request" : "is no field of an event; did you mean '" + near + "'?";
    }
    if (!wrong.empty()) return {std::string(key.substr(0, 64)), std::string(key.substr(0, 64)) + " " + wrong};
  }
  if (event.user.empty()) return {"user", "user is missing"};
  if (event.item.empty()) return {"item", "item is missing"};
  return {};
}

}  // namespace attune::data
