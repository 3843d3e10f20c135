// Makers: the texts of one row into an event, a name or an attribute, and the report over all rows (see table.h).
#include <algorithm>
#include <map>

#include "attune/core/error.h"
#include "attune/data/encoding.h"
#include "attune/data/import.h"
#include "attune/data/table.h"

namespace attune::data {
namespace {

constexpr std::size_t kLongestName = 512;

}  // namespace

EventMaker::EventMaker(const Mapping& mapping) : mapping_(mapping) {
  if (!mapping.time_format.empty()) {
    const auto format = time_format_named(mapping.time_format);
    if (!format)
      throw Error(Code::bad_request, "time format '" + mapping.time_format +
                                         "' is not known; expected epoch_s, epoch_ms, epoch_us, epoch_ns, iso, d/m/y or m/d/y");
    time_format_ = *format;
    has_time_format_ = true;
  }
  if (!mapping.time_zone.empty()) zone_ms_ = parse_zone(mapping.time_zone);
}

bool EventMaker::read_time(std::string_view text, std::int64_t& time_ms, std::string& reason) {
  if (has_last_ && text == last_text_) {
    time_ms = last_ms_;
    return true;
  }
  const ParsedTime time = parse_time(text, time_format_, zone_ms_);
  if (time.problem) {
    reason = reason_for("time", text, time.problem);
    return false;
  }
  last_text_ = text;
  time_ms = last_ms_ = time.ms;
  has_last_ = true;
  return true;
}

bool EventMaker::make(const EventTexts& texts, Event& event, std::string& reason) {
  const auto is_number = [&](const char* field) {
    const auto it = mapping_.types.find(field);
    return it != mapping_.types.end() && it->second == "number";
  };
  if (!read_name("user", texts.user, is_number("user"), event.user, reason)) return false;
  if (!read_name("item", texts.item, is_number("item"), event.item, reason)) return false;
  if (mapping_.columns.count("time")) {
    const bool is_year_one = mapping_.format == "gorse" && texts.time.starts_with("0001-01-01");  // how Go writes no time
    if (trim(texts.time).empty()) {
      reason = "time is empty";
      return false;
    }
    if (!is_year_one && !read_time(texts.time, event.time_ms, reason)) return false;
  }
  const std::string_view type = trim(texts.type);
  if (type.size() > kLongestName) {
    reason = "type is longer than 512 bytes";
    return false;
  }
  event.type = !type.empty() ? type : mapping_.event_type.empty() ? "event" : std::string_view(mapping_.event_type);
  if (const std::string_view value = trim(texts.value); !value.empty()) {
    const ParsedNumber number = parse_number(value, mapping_.decimal_comma);
    if (number.problem) {
      reason = reason_for("value", value, number.problem);
      return false;
    }
    event.value = number.value;
  }
  event.session = trim(texts.session).substr(0, kLongestName);
  event.request = trim(texts.request).substr(0, kLongestName);
  return true;
}

bool read_name(std::string_view field, std::string_view text, bool is_number, std::string& name, std::string& reason) {
  std::string_view s = trim(text);
  if (is_number && s.size() > 2 && s.ends_with(".0")) s.remove_suffix(2);
  if (s.empty()) {
    reason = std::string(field) + " is empty";
    return false;
  }
  if (s.size() > kLongestName) {
    reason = std::string(field) + " is longer than 512 bytes";
    return false;
  }
  name = s;
  return true;
}

Json attribute(std::string_view text, std::string_view type, const Mapping& m) {
  const std::string_view s = trim(text);
  if (s.empty()) return nullptr;
  if (type == "number") {
    const ParsedNumber number = parse_number(s, m.decimal_comma);
    if (number.problem) return s;  // one odd price does not lose the item
    const auto whole = static_cast<std::int64_t>(number.value > -1e15 && number.value < 1e15 ? number.value : 0);
    if (static_cast<double>(whole) == number.value) return Json(static_cast<long long>(whole));
    return number.value;
  }
  if (type != "list") return s;
  Json list = Json::array();
  for (std::string_view rest = s;;) {
    const std::size_t end = rest.find(m.list_separator);
    if (const std::string_view part = trim(rest.substr(0, end)); !part.empty()) list.push_back(part);
    if (end == std::string_view::npos) return list;
    rest.remove_prefix(end + m.list_separator.size());
  }
}

Rejection reject(const std::string& file, std::uint64_t line, std::string reason, std::string_view text) {
  return {file, line, std::move(reason), shown(text)};
}

std::string reason_for(std::string_view field, std::string_view value, const char* problem) {
  std::string text = shown(value, 60);
  std::replace(text.begin(), text.end(), '\'', '"');  // the marks around it must stay the only ones
  return std::string(field) + " '" + text + "' " + problem;
}

std::string without_values(std::string_view reason) {
  std::string out;
  bool is_inside = false;
  for (std::size_t i = 0; i < reason.size(); ++i) {
    const char c = reason[i];
    if (c == '\'') is_inside = !is_inside;
    if (c == ':' && !is_inside && reason.substr(i + 1, 1) == " ") break;  // what follows is particular to the row; 12:50 is one word
    if (!is_inside || c == '\'') out += c;
    if (is_inside && c == '\'') out += "...";
  }
  return out;
}

void finish_report(Batch& batch, const std::string& file, std::uint64_t rows, std::uint64_t converted) {
  std::map<std::string, std::uint64_t> reasons;
  for (const Rejection& r : batch.rejections) ++reasons[without_values(r.reason)];
  std::vector<std::pair<std::string, std::uint64_t>> ordered(reasons.begin(), reasons.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (rows == 0) throw Error(Code::bad_data, "'" + file + "' holds a header and no rows");
  if (!batch.rejections.empty() && batch.events.empty() && batch.items.empty() && batch.users.empty())
    throw Error(Code::bad_data, "'" + file + "': none of its " + std::to_string(rows) + " rows can be read; the first is line " +
                                    std::to_string(batch.rejections[0].line) + ": " + batch.rejections[0].reason +
                                    "; check the separator and the columns (--map)");
  Json& report = batch.report;
  Json counts = Json::object(), sentences = Json::array(), why = Json::object();
  counts["rows"] = rows;
  counts["events"] = batch.events.size();
  counts["items"] = batch.items.size();
  counts["users"] = batch.users.size();
  counts["rejected"] = batch.rejections.size();
  if (const Json* more = report.find("counts"))
    for (const auto& [key, value] : more->as_object()) counts[key] = value;
  for (const auto& [reason, n] : ordered) {
    why[reason] = n;
    sentences.push_back(std::to_string(n) + (n == 1 ? " row was" : " rows were") + " set aside: " + reason);
  }
  if (converted > 0) sentences.push_back(std::to_string(converted) + " lines were not UTF-8 and were read as Latin-1");
  if (const Json* more = report.find("sentences"))
    for (const Json& sentence : more->as_array()) sentences.push_back(sentence);
  report["rows"] = rows;
  report["counts"] = std::move(counts);
  report["rejected"] = std::move(why);
  report["sentences"] = std::move(sentences);
}

}  // namespace attune::data
