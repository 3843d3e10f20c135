// JSON tables: see the header. Parsed by simdjson (dom), one object at a time.
#include "attune/data/json_table.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/data/clean.h"
#include "attune/data/encoding.h"
#include "attune/data/json_objects.h"
#include "attune/data/table.h"

namespace attune::data {
namespace {

namespace sj = simdjson::dom;

constexpr std::size_t kMostKeys = 1000;  // an object with more is a table of its own, no row
constexpr int kDeepest = 16;  // of an attribute; deeper values are left out

Json to_json(const sj::element& e, int depth = 0) {
  if (depth > kDeepest) return nullptr;
  switch (e.type()) {
    case sj::element_type::BOOL: return e.get_bool().value_unsafe();
    case sj::element_type::INT64: return Json(static_cast<long long>(e.get_int64().value_unsafe()));
    case sj::element_type::UINT64: return static_cast<double>(e.get_uint64().value_unsafe());
    case sj::element_type::DOUBLE: return e.get_double().value_unsafe();
    case sj::element_type::STRING: return e.get_string().value_unsafe();
    case sj::element_type::ARRAY: {
      Json list = Json::array();
      const sj::array members = e.get_array().value_unsafe();  // named: iterators point into it
      for (const sj::element member : members) list.push_back(to_json(member, depth + 1));
      return list;
    }
    case sj::element_type::OBJECT: {
      Json object = Json::object();
      const sj::object members = e.get_object().value_unsafe();
      if (members.size() > kMostKeys) return nullptr;
      for (const auto& [key, value] : members) object[key] = to_json(value, depth + 1);
      return object;
    }
    case sj::element_type::NULL_VALUE: break;
  }
  return nullptr;
}

// A value as a text, in `buffer` where it has to be made: numbers as they are written, lists joined, null empty.
void append_text(const sj::element& e, std::string& out, int depth = 0) {
  char digits[40];
  switch (e.type()) {
    case sj::element_type::STRING: out += e.get_string().value_unsafe(); break;
    case sj::element_type::BOOL: out += e.get_bool().value_unsafe() ? "true" : "false"; break;
    case sj::element_type::INT64: out.append(digits, std::to_chars(digits, digits + 40, e.get_int64().value_unsafe()).ptr); break;
    case sj::element_type::UINT64: out.append(digits, std::to_chars(digits, digits + 40, e.get_uint64().value_unsafe()).ptr); break;
    case sj::element_type::DOUBLE: out.append(digits, std::to_chars(digits, digits + 40, e.get_double().value_unsafe()).ptr); break;
    case sj::element_type::ARRAY: {
      if (depth > kDeepest) break;
      const sj::array members = e.get_array().value_unsafe();
      for (const sj::element member : members) {
        if (!out.empty() && out.back() != ' ') out += ' ';
        append_text(member, out, depth + 1);
      }
      break;
    }
    default: break;
  }
}

// The value at "a" or "a.b"; false when there is none or it is null.
bool find(const sj::object& object, std::string_view path, sj::element& out) {
  if (object.at_key(path).get(out) == simdjson::SUCCESS) return !out.is_null();
  const std::size_t dot = path.find('.');
  sj::object inner;
  if (dot == std::string_view::npos || object.at_key(path.substr(0, dot)).get_object().get(inner) != simdjson::SUCCESS) return false;
  return find(inner, path.substr(dot + 1), out);
}

std::vector<std::string_view> parts_of(std::string_view columns) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t plus = columns.find('+');
    parts.push_back(trim(columns.substr(0, plus)));
    if (plus == std::string_view::npos) return parts;
    columns.remove_prefix(plus + 1);
  }
}

class JsonReader {
 public:
  JsonReader(const Mapping& m, const std::string& file) : m_(m), file_(file), maker_(m), is_items_(m.kind == "items") {
    for (const auto& [field, column] : m.columns) used_.insert_or_assign(field, parts_of(column));
    for (const auto& [field, parts] : used_) {
      taken_.insert(parts.begin(), parts.end());
      if (parts[0] == "-") taken_.insert(field);
      if (parts[0] == "-" || field == (is_items_ ? "item" : "user") || field == "text" || field == "created" || (is_items_ && field == "hidden")) continue;
      if (field == "*" && parts[0] == "*") takes_all_ = true;
      else if (field == "*") members_ = parts[0];
      else if (parts[0].find('.') == std::string_view::npos) attributes_.emplace(parts[0], field);
      else paths_.emplace_back(field, parts[0]);
    }
    if (!m.time_zone.empty()) zone_ms_ = parse_zone(m.time_zone);
    format_ = time_format_named(m.time_format).value_or(TimeFormat::iso);
  }

  bool event(const sj::object& o, Event& event, std::string& reason) {
    std::string* texts[] = {&user_, &item_, &time_, &type_, &value_, &session_, &request_};
    static constexpr const char* kFields[] = {"user", "item", "time", "type", "value", "session", "request"};
    for (int i = 0; i < 7; ++i) text_of(o, kFields[i], *texts[i]);
    return maker_.make({user_, item_, time_, type_, value_, session_, request_}, event, reason);
  }

  bool record(const sj::object& o, Record& record, std::string& reason) {
    const char* name_field = is_items_ ? "item" : "user";
    text_of(o, name_field, item_);
    const auto type = m_.types.find(name_field);
    if (!read_name(name_field, item_, type != m_.types.end() && type->second == "number", record.name, reason)) return false;
    text_of(o, "text", record.text);
    if (m_.format == "amazon") record.text = without_entities(record.text);
    text_of(o, "created", time_);
    if (const ParsedTime t = parse_time(time_, format_, zone_ms_); !t.problem) record.created_ms = t.ms;
    text_of(o, "hidden", value_);
    record.hidden = value_ == "true" || value_ == "1";
    for (const auto& [key, value] : o) {  // in the order of the file
      const auto it = attributes_.find(key);
      if (it != attributes_.end()) add(record, it->second, to_json(value));
      else if (takes_all_ && !taken_.count(key)) add(record, key, to_json(value));
    }
    sj::element e;
    for (const auto& [field, path] : paths_)
      if (find(o, path, e)) add(record, field, to_json(e));
    if (members_.empty() || !find(o, members_, e)) return true;
    sj::object members;
    if (e.get_object().get(members) != simdjson::SUCCESS || members.size() > kMostKeys) {
      add(record, plain_name(members_), to_json(e));
    } else {
      for (const auto& [key, value] : members) add(record, key, to_json(value));
    }
    return true;
  }

 private:
  // A list of lists becomes one list; a price in a string a number; what is empty is left out.
  void add(Record& record, std::string_view field, Json value) const {
    if (value.is_null() || (value.is_string() && value.as_string().empty()) || ((value.is_array() || value.is_object()) && value.size() == 0)) return;
    if (value.is_array() && value.as_array()[0].is_array()) {
      Json flat = Json::array();
      for (const Json& inner : value.as_array())
        if (inner.is_array())
          for (const Json& leaf : inner.as_array()) flat.push_back(leaf);
        else flat.push_back(inner);
      value = std::move(flat);
    }
    if (value.is_string() && (plain_name(field) == "price" || is_number(field)))
      if (const ParsedNumber n = parse_number(value.as_string()); !n.problem) value = n.value;
    record.attributes[field] = std::move(value);
  }
  bool is_number(std::string_view field) const {
    const auto it = m_.types.find(std::string(field));
    return it != m_.types.end() && it->second == "number";
  }
  void text_of(const sj::object& o, const char* field, std::string& out) {
    out.clear();
    const auto it = used_.find(field);
    if (it == used_.end()) return;
    sj::element e;
    for (const std::string_view part : it->second) {
      if (!find(o, part, e)) continue;
      std::string piece;
      append_text(e, piece);
      if (!out.empty() && !piece.empty()) out += ". ";
      out += piece;
      if (field != std::string_view("text") && !out.empty()) break;  // "parent_asin+asin": the first that is there
    }
  }

  const Mapping& m_;
  const std::string& file_;
  EventMaker maker_;
  bool is_items_;
  std::map<std::string, std::vector<std::string_view>, std::less<>> used_;
  std::set<std::string_view> taken_;  // keys that are fields, or left out
  std::map<std::string_view, std::string_view> attributes_;               // key -> attribute
  std::vector<std::pair<std::string_view, std::string_view>> paths_;      // attribute, path
  std::string_view members_;   // the key whose members become attributes
  bool takes_all_ = false;     // every key that no field has is an attribute
  TimeFormat format_ = TimeFormat::iso;
  std::int64_t zone_ms_ = 0;
  std::string user_, item_, time_, type_, value_, session_, request_;
};

bool is_by_line(const std::vector<std::string_view>& lines) {
  sj::parser parser;
  std::size_t good = 0, n = std::min<std::size_t>(lines.size(), 20);
  bool is_first_good = false;   // then a line is an object, whatever is broken further down
  for (std::size_t i = 0; i < n; ++i) {
    sj::element e;
    std::string python;
    std::string_view line = trim(lines[i]);
    if (line.starts_with("{'") || line.starts_with("{u'")) python = json_from_python(line), line = python;
    const bool is_good = parser.parse(line.data(), line.size()).get(e) == simdjson::SUCCESS && e.is_object();
    good += is_good;
    is_first_good = is_first_good || (i == 0 && is_good);
  }
  return is_first_good || good * 2 > n;
}

// Parses `text`, as a Python literal when it is no JSON. False: `reason` says why not.
bool parse_object(sj::parser& parser, std::string_view text, std::string& python, sj::object& out, std::string& reason) {
  sj::element e;
  auto error = parser.parse(text.data(), text.size()).get(e);
  if (error != simdjson::SUCCESS && trim(text).starts_with("{")) {
    python = json_from_python(text);
    if (!python.empty() && parser.parse(python.data(), python.size()).get(e) == simdjson::SUCCESS) error = simdjson::SUCCESS;
  }
  if (error != simdjson::SUCCESS) {
    reason = std::string("row is not JSON: ") + simdjson::error_message(error);
    return false;
  }
  reason = "row is JSON but no object";
  if (e.get_object().get(out) != simdjson::SUCCESS) return false;
  reason = "object has more than 1000 keys";
  return out.size() <= kMostKeys;
}

}  // namespace

std::vector<Json> sample_objects(const Peek& peek, std::size_t most, std::string* why) {
  std::vector<Json> objects;
  sj::parser parser;
  JsonText object;
  std::string python, reason;
  JsonObjects source(peek.file, is_by_line(peek.lines));
  for (std::size_t read = 0; read < 5 * most && objects.size() < most && source.next(object); ++read) {
    sj::object o;
    if (object.problem) reason = object.problem;
    if (object.problem || !parse_object(parser, object.text, python, o, reason)) {
      if (why && why->empty()) *why = reason;
      continue;
    }
    Json& kept = objects.emplace_back(Json::object());
    for (const auto& [key, value] : o) kept[key] = to_json(value);
  }
  return objects;
}

Batch read_json(const std::filesystem::path& file, const Mapping& m, const ImportOptions& options, const Run& run) {
  Batch batch;
  batch.source = file.string();
  const Peek first = peek(file);
  JsonObjects objects(file, is_by_line(first.lines));
  JsonReader reader(m, batch.source);
  sj::parser parser;
  JsonText text;
  std::string python, reason, converted;
  std::uint64_t rows = 0, odd_lines = 0;
  std::vector<std::uint64_t> lines;
  while (objects.next(text)) {
    run.check();
    if (rows++ % 1024 == 0) run.report("reading", objects.lines().file().consumed_bytes(), objects.lines().file().size_bytes());
    if (!text.problem && !is_utf8(text.text)) {
      odd_lines += m.encoding == "utf-8";
      converted = latin1_to_utf8(text.text);
      text.text = converted;
    }
    sj::object o;
    Event event;
    Record record;
    bool is_good = false;
    if (text.problem) reason = text.problem;
    else if (!parse_object(parser, text.text, python, o, reason)) is_good = false;
    else is_good = m.kind == "events" ? reader.event(o, event, reason) : reader.record(o, record, reason);
    if (!is_good) {
      batch.rejections.push_back(reject(batch.source, text.line, reason, text.text));
    } else if (m.kind == "events") {
      batch.events.push_back(std::move(event));
      lines.push_back(text.line);
    } else {
      (m.kind == "items" ? batch.items : batch.users).push_back(std::move(record));
    }
  }
  if (m.kind == "events" && !m.columns.count("time")) keep_repeats(batch, run);
  else if (options.clean) drop_repeats(batch, batch.source, lines, run);
  finish_report(batch, batch.source, rows, odd_lines);
  return batch;
}

}  // namespace attune::data
