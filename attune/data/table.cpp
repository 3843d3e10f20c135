// Tables: see the header.
#include "attune/data/table.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/data/clean.h"
#include "attune/data/columns.h"
#include "attune/data/peek.h"

namespace attune::data {
namespace {

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

void read_events(TableReader& reader, const Mapping& m, const std::string& file, bool clean, const Run& run, Batch& batch, std::uint64_t& rows) {
  const EventPlaces at = event_places(m, reader.header(), file);
  EventMaker maker(m);
  Row row;
  std::string reason;
  std::vector<std::uint64_t> lines;
  while (reader.next(row)) {
    ++rows;
    if (row.problem || !fits(row, reader.header().size())) {
      batch.rejections.push_back(reject(file, row.line, row.problem ? row.problem : count_problem(row, reader.header().size()), row.text));
      continue;
    }
    const auto cell = [&](const std::optional<std::size_t>& place) { return place ? row.fields[*place] : std::string_view(); };
    Event event;
    const EventTexts texts{cell(at.user), cell(at.item), cell(at.time), cell(at.type), cell(at.value), cell(at.session), cell(at.request)};
    if (!maker.make(texts, event, reason)) {
      batch.rejections.push_back(reject(file, row.line, reason, row.text));
      continue;
    }
    batch.events.push_back(std::move(event));
    if (clean) lines.push_back(row.line);
  }
  if (!at.time) keep_repeats(batch, run);
  else if (clean) drop_repeats(batch, file, lines, run);
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
  run_.check();  // rows may be 8 MB long
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

Batch read_table(const std::filesystem::path& file, const Mapping& m, const ImportOptions& options, const Run& run) {
  Batch batch;
  batch.source = file.string();
  TableReader reader(file, m, run);
  std::uint64_t rows = 0;
  if (m.kind == "events") read_events(reader, m, batch.source, options.clean, run, batch, rows);
  else read_records(reader, m, batch.source, batch, rows);
  finish_report(batch, batch.source, rows, reader.converted());
  return batch;
}

}  // namespace attune::data
