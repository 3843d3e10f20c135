// Gorse: see the header.
#include "attune/serve/gorse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "attune/data/export.h"
#include "attune/data/names.h"
#include "attune/data/values.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"

namespace attune::serve::gorse {
namespace {

constexpr std::size_t kLongestText = 65536, kMostCategories = 1000;
constexpr int kDeepestLabels = 16;
constexpr std::string_view kNoTime = "0001-01-01T00:00:00Z";

[[noreturn]] void refuse(std::string_view field, const std::string& what) {
  throw Refusal(400, "bad_field", std::string(field) + " " + what, std::string(field));
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void check_object(const Json& json) {
  if (!json.is_object()) throw Refusal(400, "bad_json", "expected an object, not " + json.dump().substr(0, 60));
}

Json parsed(const std::string& body) {
  try {
    return Json::parse(body, "the body");
  } catch (const Error& e) {
    throw Refusal(400, "bad_json", e.what());
  }
}

bool is_plain_list(const Json& list) {
  const auto all = [&](auto is) { return std::all_of(list.as_array().begin(), list.as_array().end(), is); };
  return all([](const Json& v) { return v.is_string(); }) || all([](const Json& v) { return v.is_number(); });
}

Json attributes_of(const Json& labels) {
  check_labels(labels);
  if (labels.is_object()) return labels;
  Json attributes = Json::object();
  if (!labels.is_null()) attributes["labels"] = labels;
  return attributes;
}

Json labels_of(const Json& attributes, bool with_categories) {
  Json labels = Json::object();
  const bool has_categories = attributes.find("categories") != nullptr;
  for (const auto& [name, value] : attributes.as_object()) {
    const bool is_category = name == "categories" || (name == "category" && !has_categories);
    if (!value.is_null() && !(with_categories && is_category)) labels[name] = value;
  }
  if (labels.size() == 0) return {};
  if (const Json* alone = labels.find("labels"); alone != nullptr && labels.size() == 1) return *alone;
  return labels;
}

// What labels may hold instead of a Comment: the text an encoder can read when there is none.
std::string text_in(const Json& attributes) {
  std::string text;
  for (const char* name : {"title", "name", "description"})
    if (const Json* value = attributes.find(name); value != nullptr && value->is_string() && !value->as_string().empty())
      text += (text.empty() ? "" : ". ") + value->as_string();
  return text;
}

void set_text(data::Record& record, const std::string& comment) { record.text = comment.empty() ? text_in(record.attributes) : comment; }

std::string comment_of(const data::Record& record) {
  return data::trim(record.text).empty() || record.text == text_in(record.attributes) ? "" : record.text;
}

void set_categories(data::Record& record, const Json& list) {
  if (!list.is_array() || list.size() > kMostCategories) refuse("Categories", "must be a list of strings, at most " + std::to_string(kMostCategories));
  Json categories = Json::array();
  for (const Json& one : list.as_array()) {
    if (!one.is_string()) refuse("Categories", "must be a list of strings");
    if (!one.as_string().empty()) categories.push_back(one);
  }
  record.attributes["categories"] = std::move(categories);
}

void set_labels(data::Record& record, const Json& labels) {
  Json attributes = attributes_of(labels);
  if (const Json* categories = record.attributes.find("categories")) attributes["categories"] = *categories;
  record.attributes = std::move(attributes);
}

}  // namespace

std::string text_of(const Json& json, std::string_view field) {
  const Json* value = member(json, field);
  if (value == nullptr) return {};
  if (!value->is_string()) refuse(field, "must be a string");
  if (value->as_string().size() > kLongestText) refuse(field, "is longer than " + std::to_string(kLongestText) + " bytes");
  return value->as_string();
}

// A string, a number, null, a list of only strings or only numbers, or an object of these.
void check_labels(const Json& labels, int depth) {
  if (depth > kDeepestLabels) refuse("Labels", "are nested too deeply");
  if (labels.is_bool()) refuse("Labels", "hold a boolean; write a number or a string");
  if (labels.is_array() && !is_plain_list(labels)) refuse("Labels", "hold a list that is neither of strings alone nor of numbers alone");
  if (!labels.is_object()) return;
  for (const auto& [name, value] : labels.as_object()) check_labels(value, depth + 1);
}

Board parse_board(const std::string& text) {
  const std::size_t equals = text.find('='), slash = text.rfind('/');
  const auto wrong = [&] { return Error(Code::bad_request, "a leaderboard is NAME=TYPE,TYPE/DAYS (most_starred_weekly=star/7), not '" + text + "'"); };
  if (equals == std::string::npos || equals == 0) throw wrong();
  Board board{.name = text.substr(0, equals)};
  std::string types = text.substr(equals + 1, slash == std::string::npos || slash < equals ? std::string::npos : slash - equals - 1);
  if (slash != std::string::npos && slash > equals) {
    const auto [end, problem] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), board.days);
    if (problem != std::errc() || end != text.data() + text.size() || board.days < 1) throw wrong();
  }
  while (!types.empty()) {
    const std::size_t comma = std::min(types.find(','), types.size());
    if (comma > 0) board.types.push_back(types.substr(0, comma));
    types.erase(0, comma + 1);
  }
  return board;
}

const Json* member(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  for (const auto& [key, value] : object.as_object())
    if (same_letters(key, name)) return value.is_null() ? nullptr : &value;
  return nullptr;
}

std::string checked_id(const Json* value, std::string_view field) {
  if (value == nullptr || !value->is_string()) refuse(field, "must be a string");
  const std::string& id = value->as_string();
  if (data::trim(id).empty()) refuse(field, "is empty");
  if (id.find('/') != std::string::npos) refuse(field, "holds a '/'");
  return checked_name(id, field);
}

std::int64_t parse_time(const std::string& text, std::string_view field) {
  const std::string_view t = data::trim(text);
  if (t.empty() || t.starts_with("0001-01-01")) return 0;
  const bool is_number = t.find_first_not_of("0123456789") == std::string_view::npos;
  const data::TimeFormat format = !is_number || t.size() == 8 || t.size() == 4 ? data::TimeFormat::iso : t.size() > 11 ? data::TimeFormat::epoch_ms : data::TimeFormat::epoch_s;
  for (const data::TimeFormat each : {format, data::TimeFormat::month_first})
    if (const data::ParsedTime time = data::parse_time(t, each); time.problem == nullptr) return time.ms;
  refuse(field, "'" + text.substr(0, 60) + "' is no time between 1970 and 2100; write 2026-03-02T09:30:00Z");
}

std::string time_text(std::int64_t time_ms) { return time_ms == 0 ? std::string(kNoTime) : data::iso_time(time_ms); }

std::string http_date(std::int64_t time_ms) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time_ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::int64_t parse_duration(const std::string& text, std::string_view field) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"ms", 1}, {"h", 3600000}, {"m", 60000}, {"s", 1000}};
  std::string_view rest = text;
  double sum = 0;
  const auto wrong = [&]() { refuse(field, "'" + text.substr(0, 40) + "' is no duration; write 0h10m0s"); };
  if (rest == "0") return 0;
  if (rest.empty()) wrong();
  while (!rest.empty()) {
    double number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (problem != std::errc() || !(number >= 0)) wrong();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& u) { return rest.starts_with(u.first); });
    if (unit == std::end(kUnits)) wrong();
    rest.remove_prefix(unit->first.size());
    sum += number * unit->second;
  }
  if (sum > 3.2e12) wrong();   // a hundred years
  return static_cast<std::int64_t>(sum);
}

data::Record user_of(const Json& json) {
  check_object(json);
  data::Record record{.name = checked_id(member(json, "UserId"), "UserId")};
  if (const Json* labels = member(json, "Labels")) record.attributes = attributes_of(*labels);
  set_text(record, text_of(json, "Comment"));
  return record;
}

data::Record item_of(const Json& json) {
  check_object(json);
  data::Record record{.name = checked_id(member(json, "ItemId"), "ItemId")};
  record.attributes["categories"] = Json::array();
  patch_item(record, json);
  return record;
}

void patch_user(data::Record& record, const Json& json) {
  check_object(json);
  const std::string comment = member(json, "Comment") ? text_of(json, "Comment") : comment_of(record);
  if (const Json* labels = member(json, "Labels")) record.attributes = attributes_of(*labels);
  set_text(record, comment);
}

void patch_item(data::Record& record, const Json& json) {
  check_object(json);
  const std::string comment = member(json, "Comment") ? text_of(json, "Comment") : comment_of(record);
  if (const Json* labels = member(json, "Labels")) set_labels(record, *labels);
  if (const Json* categories = member(json, "Categories")) set_categories(record, *categories);
  if (const Json* hidden = member(json, "IsHidden")) {
    if (!hidden->is_bool()) refuse("IsHidden", "must be true or false");
    record.hidden = hidden->as_bool();
  }
  if (member(json, "Timestamp")) record.created_ms = parse_time(text_of(json, "Timestamp"), "Timestamp");
  set_text(record, comment);
}

// A store keeps what a later record does not name: so that is named, as nothing.
data::Record replacing(data::Record wanted, const std::optional<data::Record>& before) {
  if (!before) return wanted;
  for (const auto& [name, value] : before->attributes.as_object())
    if (wanted.attributes.find(name) == nullptr && !value.is_null()) wanted.attributes[name] = Json();
  if (wanted.text.empty() && !before->text.empty()) wanted.text = " ";
  return wanted;
}

std::vector<data::Record> put_records(const data::Store& store, data::Kind kind, data::Record (*made)(const Json&), std::span<const Json> bodies) {
  std::vector<data::Record> records;
  for (const Json& body : bodies) {
    data::Record record = made(body);
    records.push_back(replacing(std::move(record), store.find(kind, record.name)));
  }
  return records;
}

Json user_json(const data::Record& record) {
  Json json = Json::object();
  json["UserId"] = record.name;
  json["Labels"] = labels_of(record.attributes, false);
  json["Comment"] = comment_of(record);
  return json;
}

Json item_json(const data::Record& record) {
  Json json = Json::object();
  json["ItemId"] = record.name;
  json["IsHidden"] = record.hidden;
  Json& categories = json["Categories"] = Json::array();
  for (const std::string& category : categories_of(record.attributes)) categories.push_back(category);
  json["Timestamp"] = time_text(record.created_ms);
  json["Labels"] = labels_of(record.attributes, true);
  json["Comment"] = comment_of(record);
  return json;
}

std::vector<std::string> categories_of(const Json& attributes) {
  const Json* value = attributes.find("categories");
  if (value == nullptr) value = attributes.find("category");
  std::vector<std::string> categories;
  if (value != nullptr && value->is_string()) categories.push_back(value->as_string());
  if (value != nullptr && value->is_array())
    for (const Json& one : value->as_array())
      if (one.is_string()) categories.push_back(one.as_string());
  return categories;
}

std::string filter_of(const std::vector<std::string>& categories) {
  std::string filter;
  for (const std::string& category : categories) {
    std::string quoted = "\"";
    for (const char c : category) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    quoted += '"';
    filter += std::string(filter.empty() ? "" : " and ") + "(categories = " + quoted + " or category = " + quoted + ")";
  }
  return filter;
}

std::optional<data::Record> find(const data::Store& store, data::Kind kind, const std::string& name) {
  if (auto record = store.find(kind, name)) return record;
  const auto names = data::names_of(store, kind, name, "", 1);
  return names.empty() || names.front() != name ? std::nullopt : std::optional(data::Record{.name = name});
}

void unknown(data::Kind kind, const std::string& name) { throw Refusal(404, "not_found", std::string(kind == data::Kind::item ? "item" : "user") + " '" + name + "' not found"); }

HttpResponse rows_affected(std::uint64_t rows) {
  Json json = Json::object();
  json["RowAffected"] = rows;
  return json_response(200, json);
}

std::size_t query_count(const HttpRequest& request, std::string_view name, std::size_t absent) {
  if (const std::string* text = request.query_value(name); text == nullptr || text->empty()) return absent;
  return static_cast<std::size_t>(query_integer(request, name, static_cast<std::int64_t>(absent), 0, 1'000'000'000));
}

std::vector<std::string> query_categories(const HttpRequest& request) {
  std::vector<std::string> categories;
  for (const auto& [name, value] : request.query)
    if (name == "category" && !value.empty()) categories.push_back(checked_name(value, "category"));
  return categories;
}

Json body_object(const HttpRequest& request) {
  Json json = parsed(request.body);
  check_object(json);
  return json;
}

std::vector<Json> body_list(const HttpRequest& request) {
  const Json json = parsed(request.body);
  if (!json.is_array()) throw Refusal(400, "bad_json", "expected a list, not " + json.dump().substr(0, 60));
  return json.as_array();
}

}  // namespace attune::serve::gorse
