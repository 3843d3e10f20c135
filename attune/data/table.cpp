// Tables: see the header.
#include "attune/data/table.h"

#include <algorithm>
#include <map>

#include "attune/core/error.h"
#include "attune/data/columns.h"
#include "attune/data/encoding.h"
#include "attune/data/peek.h"

namespace attune::data {
namespace {

constexpr std::size_t kLongestName = 512;
constexpr std::uint64_t kRowsBetweenReports = 4096;

RowFormat row_format(const Mapping& m) {
  return {.separator = m.separator, .is_quoted = m.is_quoted, .is_latin1 = m.encoding == "latin-1"};
}

// Where each field of events stands in a row.
struct EventPlaces {
  std::optional<std::size_t> user, item, time, type, value, session, request;
};
EventPlaces event_places(const Mapping& m, const std::vector<std::string>& header, const std::string& file) {
  const auto place = [&](const char* field) -> std::optional<std::size_t> {
    const auto it = m.columns.find(field);
    if (it == m.columns.end()) return std::nullopt;
    const auto at = place_of(it->second, header);
    if (!at) throw Error(Code::bad_data, "'" + file + "' has no column '" + it->second + "' for the " + field);
    return at;
  };
  return {place("user"), place("item"), place("time"), place("type"), place("value"), place("session"), place("request")};
}

void read_events(TableReader& reader, const Mapping& m, const std::string& file, Batch& batch, std::uint64_t& rows) {
  const EventPlaces at = event_places(m, reader.header(), file);
  EventMaker maker(m);
  Row row;
  std::string reason;
  while (reader.next(row)) {
    ++rows;
    if (row.problem || !fits(row, reader.header().size())) {
      batch.rejections.push_back(reject(file, row.line, row.problem ? row.problem : count_problem(row, reader.header().size()), row.text));
      continue;
    }
    const auto cell = [&](const std::optional<std::size_t>& place) { return place ? row.fields[*place] : std::string_view(); };
    Event event;
    const EventTexts texts{cell(at.user), cell(at.item), cell(at.time), cell(at.type), cell(at.value), cell(at.session), cell(at.request)};
    if (maker.make(texts, event, reason)) batch.events.push_back(std::move(event));
    else batch.rejections.push_back(reject(file, row.line, reason, row.text));
  }
}

// A column of items or users, with what it becomes.
struct Column {
  std::vector<std::size_t> places;
  std::string field, type;
};

bool make_record(const Row& row, const std::vector<Column>& columns, const Mapping& m, const std::string& name_field, std::int64_t zone_ms,
                 Record& record, std::string& reason) {
  for (const Column& column : columns) {
    const std::string_view cell = row.fields[column.places[0]];
    if (column.field == name_field) {
      if (!read_name(name_field, cell, column.type == "number", record.name, reason)) return false;
    } else if (column.field == "text") {
      for (const std::size_t place : column.places) {
        const std::string_view part = trim(row.fields[place]);
        if (!part.empty()) record.text += (record.text.empty() ? "" : ". ") + std::string(part);
      }
    } else if (column.field == "created" && column.type.empty()) {
      const auto format = time_format_named(m.time_format);
      if (trim(cell).empty() || !format) continue;
      const ParsedTime time = parse_time(cell, *format, zone_ms);
      // Films and books are older than 1970: such a birth is kept as text, not a reason to refuse the item.
      if (time.problem) record.attributes["created"] = Json(trim(cell));
      else record.created_ms = time.ms;
    } else if (column.field == "hidden") {
      const std::string value = plain_name(cell);
      record.hidden = value == "true" || value == "1" || value == "yes";
    } else {
      Json value = attribute(cell, column.type, m);
      if (!value.is_null()) record.attributes[column.field] = std::move(value);
    }
  }
  return true;
}

void read_records(TableReader& reader, const Mapping& m, const std::string& file, Batch& batch, std::uint64_t& rows) {
  const bool is_items = m.kind == "items";
  const std::string name_field = is_items ? "item" : "user";
  std::vector<Column> columns;
  for (const auto& [field, column] : m.columns) {
    auto places = places_of(column, reader.header());
    if (places.empty()) throw Error(Code::bad_data, "'" + file + "' has no column '" + column + "' for " + field);
    const auto type = m.types.find(field);
    columns.push_back({std::move(places), field, type == m.types.end() ? "" : type->second});
  }
  std::sort(columns.begin(), columns.end(), [](const Column& a, const Column& b) { return a.places < b.places; });
  const std::int64_t zone_ms = m.time_zone.empty() ? 0 : parse_zone(m.time_zone);
  Row row;
  std::string reason;
  while (reader.next(row)) {
    ++rows;
    Record record;
    if (row.problem) reason = row.problem;
    else if (!fits(row, reader.header().size())) reason = count_problem(row, reader.header().size());
    else if (make_record(row, columns, m, name_field, zone_ms, record, reason)) {
      (is_items ? batch.items : batch.users).push_back(std::move(record));
      continue;
    }
    batch.rejections.push_back(reject(file, row.line, reason, row.text));
  }
}

}  // namespace

bool fits(Row& row, std::size_t columns) {
  while (row.fields.size() > columns && trim(row.fields.back()).empty()) row.fields.pop_back();
  return row.fields.size() == columns;
}

std::string count_problem(const Row& row, std::size_t columns) {
  return "row has " + std::to_string(row.fields.size()) + " fields, expected " + std::to_string(columns);
}

TableReader::TableReader(const std::filesystem::path& file, const Mapping& mapping, const Run& run)
    : run_(run),
      lines_(file),
      rows_(
          [this](Rows::Line& line) {
            if (!lines_.next(line.text)) return false;
            line.number = lines_.number();
            line.is_cut = lines_.is_cut();
            return true;
          },
          row_format(mapping)) {
  run.check();
  if (!rows_.next(first_)) throw Error(Code::bad_data, "'" + file.string() + "' holds no rows");
  if (mapping.has_header) {
    if (first_.problem) throw Error(Code::bad_data, "'" + file.string() + "', line " + std::to_string(first_.line) + ": the header's " + first_.problem);
    for (const std::string_view cell : first_.fields) header_.emplace_back(trim(cell));
    while (header_.size() > 1 && header_.back().empty()) header_.pop_back();
    return;
  }
  header_ = numbered(first_.fields.size());
  has_first_ = true;
}

bool TableReader::next(Row& row) {
  if (++given_ % kRowsBetweenReports == 0) run_.report("reading", lines_.file().consumed_bytes(), lines_.file().size_bytes());
  if (has_first_) {
    row = first_;  // its views stay good: nothing was read since
    has_first_ = false;
    return true;
  }
  return rows_.next(row, header_.size());
}

Mapping guess_table(const Peek& peek, Mapping m, const ImportOptions& options) {
  m.compression = peek.compression;
  m.encoding = peek.encoding;
  m.time_zone = options.time_zone;
  if (!m.time_zone.empty()) parse_zone(m.time_zone);
  if (peek.encoding == "latin-1") m.notes.push_back("the text is not UTF-8: read as Latin-1 (Windows-1252)");
  const RowFormat format{.separator = m.separator, .is_quoted = m.is_quoted};
  Table rows = sample(peek, format);
  if (rows.empty()) throw Error(Code::bad_data, "'" + peek.file.string() + "': no row can be read in the first lines; is it a table of text?");
  std::vector<std::string> header;
  if (m.has_header) {
    header = rows[0];
    for (std::string& column : header) column = std::string(trim(column));
    while (header.size() > 1 && header.back().empty()) header.pop_back();
    rows.erase(rows.begin());
  } else {
    header = numbered(rows[0].size());
  }
  guess_columns(m, header, rows, options, peek.file.string());
  return m;
}

Batch read_table(const std::filesystem::path& file, const Mapping& m, const ImportOptions&, const Run& run) {
  Batch batch;
  batch.source = file.string();
  TableReader reader(file, m, run);
  std::uint64_t rows = 0;
  if (m.kind == "events") read_events(reader, m, batch.source, batch, rows);
  else read_records(reader, m, batch.source, batch, rows);
  finish_report(batch, batch.source, rows, reader.converted());
  return batch;
}

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
    if (trim(texts.time).empty()) {
      reason = "time is empty";
      return false;
    }
    if (!read_time(texts.time, event.time_ms, reason)) return false;
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
  return std::string(field) + " '" + shown(value, 60) + "' " + problem;
}

// Reasons with the values left out: "time '...' is before 1970" however it was written.
std::string without_values(std::string_view reason) {
  std::string out;
  bool is_inside = false;
  for (const char c : reason) {
    if (c == '\'') is_inside = !is_inside;
    if (c == ':' && !is_inside) break;  // what follows a colon is particular to the row
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
  report["counts"] = std::move(counts);
  report["rejected"] = std::move(why);
  report["sentences"] = std::move(sentences);
}

}  // namespace attune::data
