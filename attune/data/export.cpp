// Export: see the header.
#include "attune/data/export.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <unordered_set>
#include <vector>

#include "attune/core/error.h"

namespace attune::data {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

class Writer {
 public:
  explicit Writer(const Bytes& out) : out_(out) { block_.reserve(kBlockBytes + 4096); }

  void cell(std::string_view s) {
    if (!is_first_) block_ += ',';
    is_first_ = false;
    const bool needs_quotes = s.find_first_of(",\"\n\r") != std::string_view::npos || (!s.empty() && (s.front() == ' ' || s.back() == ' '));
    if (!needs_quotes) {
      block_ += s;
      return;
    }
    block_ += '"';
    for (const char c : s) {
      block_ += c;
      if (c == '"') block_ += '"';
    }
    block_ += '"';
  }
  void number(double v) {
    char digits[40];
    cell({digits, static_cast<std::size_t>(std::to_chars(digits, digits + 40, v).ptr - digits)});
  }
  void text(std::string_view s) { block_ += s; }
  void end_row() {
    block_ += '\n';
    is_first_ = true;
    if (block_.size() >= kBlockBytes) flush();
  }
  void flush() {
    if (!block_.empty()) out_(block_);
    block_.clear();
  }

 private:
  const Bytes& out_;
  std::string block_;
  bool is_first_ = true;
};

Json or_null(std::string_view s) { return s.empty() ? Json() : Json(s); }

// A list of plain values as "a|b"; one with a single entry as "a|", so that it is read as a list again.
std::string cell_of(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.as_string();
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& entry : value.as_array()) {
    if (entry.is_array() || entry.is_object()) return value.dump();
    out += entry.is_string() ? entry.as_string() : entry.dump();
    out += '|';
  }
  if (value.size() > 1) out.pop_back();
  return out;
}

bool is_own_field(std::string_view name) { return name == "item" || name == "user" || name == "text" || name == "created" || name == "hidden"; }

std::vector<std::string> attribute_names(const Store& store, Kind kind) {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  store.read_records(kind, [&](const Record& record) {
    if (!record.attributes.is_object()) return;
    for (const auto& [name, value] : record.attributes.as_object())
      if (!name.empty() && !is_own_field(name) && seen.insert(name).second) names.push_back(name);
  });
  return names;
}

}  // namespace

ExportFormat export_format_named(std::string_view name) {
  if (name == "csv") return ExportFormat::csv;
  if (name == "jsonl") return ExportFormat::jsonl;
  throw Error(Code::bad_request, "there is no export format '" + std::string(name) + "'; the formats are csv, jsonl");
}

std::string iso_time(std::int64_t time_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds{time_ms}};
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date{days};
  const hh_mm_ss clock{time - days};
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto ms = clock.subseconds().count(); ms != 0) out += fmt::format(".{:03}", ms);
  return out + "Z";
}

std::uint64_t export_events(const Store& store, ExportFormat format, const Bytes& out, const Run& run) {
  Writer writer(out);
  std::uint64_t rows = 0;
  if (format == ExportFormat::csv) {
    writer.text("user,item,time,type,value,session,request");
    writer.end_row();
  }
  const std::size_t total = store.counts().events;
  store.read_events(0, [&](const StoredEvent& stored) {
    if (rows++ % 4096 == 0) run.report("writing events", rows, total);
    const Event& e = stored.event;
    if (format == ExportFormat::csv) {
      writer.cell(e.user);
      writer.cell(e.item);
      writer.cell(iso_time(e.time_ms));
      writer.cell(e.type);
      if (e.value) writer.number(*e.value);
      else writer.cell("");
      writer.cell(e.session);
      writer.cell(e.request);
    } else {  // every key in every row: a reader that looks at the first rows must see them all
      Json row = Json::object();
      row["user"] = e.user;
      row["item"] = e.item;
      row["time"] = iso_time(e.time_ms);
      row["type"] = e.type;
      row["value"] = e.value ? Json(*e.value) : Json();
      row["session"] = or_null(e.session);
      row["request"] = or_null(e.request);
      writer.text(row.dump());
    }
    writer.end_row();
  });
  writer.flush();
  return rows;
}

std::uint64_t export_records(const Store& store, Kind kind, ExportFormat format, const Bytes& out, const Run& run) {
  Writer writer(out);
  std::uint64_t rows = 0;
  const char* name_field = kind == Kind::item ? "item" : "user";
  std::vector<std::string> attributes;
  if (format == ExportFormat::csv) {
    attributes = attribute_names(store, kind);
    for (const char* field : {name_field, "text", "created"}) writer.cell(field);
    if (kind == Kind::item) writer.cell("hidden");
    for (const std::string& name : attributes) writer.cell(name);
    writer.end_row();
  }
  store.read_records(kind, [&](const Record& record) {
    if (rows++ % 1024 == 0) run.report("writing records", rows, 0);
    const std::string created = record.created_ms == 0 ? "" : iso_time(record.created_ms);
    if (format == ExportFormat::csv) {
      writer.cell(record.name);
      writer.cell(record.text);
      writer.cell(created);
      if (kind == Kind::item) writer.cell(record.hidden ? "true" : "");
      for (const std::string& name : attributes) {
        const Json* value = record.attributes.find(name);
        writer.cell(value ? cell_of(*value) : "");
      }
    } else {
      Json row = Json::object();
      row[name_field] = record.name;
      row["text"] = record.text;
      row["created"] = or_null(created);
      if (kind == Kind::item) row["hidden"] = record.hidden;
      if (record.attributes.is_object())
        for (const auto& [name, value] : record.attributes.as_object())
          if (!is_own_field(name)) row[name] = value;
      writer.text(row.dump());
    }
    writer.end_row();
  });
  writer.flush();
  return rows;
}

}  // namespace attune::data
