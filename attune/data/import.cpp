// Import: looks, asks each format in turn, reads. See the header.
#include "attune/data/import.h"

#include "attune/core/error.h"
#include "attune/core/did_you_mean.h"
#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/json_table.h"
#include "attune/data/peek.h"
#include "attune/data/text_file.h"

namespace attune::data {
namespace {

// Days and months that cannot be told apart in the first lines may be further down: asks the whole column.
void settle_day_and_month(Mapping& m, const std::filesystem::path& file, const Run& run) {
  if (m.time_format != "d/m/y" && m.time_format != "m/d/y") return;
  const auto field = m.columns.count("time") ? "time" : "created";
  if (!m.columns.count(field)) return;
  TableReader reader(file, m, run);
  const auto place = place_of(m.columns.at(field), reader.header());
  if (!place) return;
  TimeGuess times;
  Row row;
  while (reader.next(row)) {
    if (*place < row.fields.size()) times.add(row.fields[*place]);
    if (times.is_sure() && times.count() >= 100000) break;
  }
  if (const auto format = times.format()) m.time_format = name(*format);
  if (!times.is_sure())
    m.notes.push_back("no time tells day from month (none is above 12): read as " + m.time_format +
                      (m.time_format == "d/m/y" ? "; if months come first, set time_format to m/d/y" : ", in which order the rows ascend"));
}

// What `--map` may say about the file as a whole, beside the fields: separator, time_format, header.
struct Whole {
  std::string separator, time_format, header;
  ImportOptions rest;  // without them
};
Whole taken_apart(const ImportOptions& options) {
  Whole whole{.rest = options};
  const auto take = [&](const char* key, std::string& out) {
    const auto it = whole.rest.map.find(key);
    if (it == whole.rest.map.end()) return;
    out = it->second;
    whole.rest.map.erase(it);
  };
  take("separator", whole.separator);
  take("time_format", whole.time_format);
  take("header", whole.header);
  if (whole.separator == "tab" || whole.separator == "\\t") whole.separator = "\t";
  if (whole.separator == "comma") whole.separator = ",";
  if (whole.separator == "semicolon") whole.separator = ";";
  if (whole.separator == "bar") whole.separator = "|";
  if (!whole.time_format.empty() && !time_format_named(whole.time_format))
    throw Error(Code::bad_request, "--map time_format=" + whole.time_format + ": expected epoch_s, epoch_ms, epoch_us, epoch_ns, iso, d/m/y or m/d/y");
  if (!whole.header.empty() && whole.header != "yes" && whole.header != "no")
    throw Error(Code::bad_request, "--map header=" + whole.header + ": expected yes or no");
  return whole;
}

// Written by attune's own export: then an attribute called "asin" or "order" does not make it another system's file.
bool is_own(const Peek& peek) {
  std::vector<std::string> header;
  if (peek.is_json) {
    const std::vector<Json> objects = sample_objects(peek, 1);
    if (objects.empty()) return false;
    for (const auto& [key, value] : objects[0].as_object()) header.push_back(key);
  } else {
    const Table rows = sample(peek, {.separator = ","}, 1);
    if (rows.empty()) return false;
    header = rows[0];
  }
  return !own_kind(header).empty();
}

std::string format_for(const std::string& wanted) {
  return wanted == "tsv" || wanted == "table" ? "csv" : wanted == "json" || wanted == "ndjson" ? "jsonl" : wanted;
}

}  // namespace

std::span<const Format> formats() {
  static constexpr Format all[] = {
#define FORMAT(name, about, source) {#name, about, source, recognise_##name, read_##name},
#include "attune/plugins.def"
  };
  return all;
}

const Format& format_named(std::string_view wanted) {
  const std::string plain = format_for(std::string(wanted));
  std::vector<std::string> known;
  for (const Format& format : formats()) {
    if (format.name == plain) return format;
    known.emplace_back(format.name);
  }
  std::string all;
  for (const std::string& k : known) all += (all.empty() ? "" : ", ") + k;
  throw Error(Code::bad_request, "there is no format '" + std::string(wanted) + "'" + did_you_mean(wanted, known) +
                                     " The formats are " + all);
}

Json Mapping::to_json() const {
  Json json = Json::object();
  json["format"] = format;
  json["kind"] = kind;
  Json& shown_columns = json["columns"] = Json::object();
  for (const auto& [field, column] : columns) shown_columns[field] = column;
  if (!types.empty()) {
    Json& shown_types = json["types"] = Json::object();
    for (const auto& [field, type] : types) shown_types[field] = type;
  }
  json["encoding"] = encoding;
  if (!compression.empty()) json["compression"] = compression;
  if (format != "jsonl" && !separator.empty()) json["separator"] = separator == "\t" ? "tab" : separator;
  json["has_header"] = has_header;
  if (decimal_comma) json["decimal_comma"] = true;
  if (!time_format.empty()) json["time_format"] = time_format;
  if (!time_format.empty()) json["time_zone"] = time_zone.empty() ? "UTC" : time_zone;
  if (!event_type.empty()) json["event_type"] = event_type;
  if (!notes.empty()) {
    Json& shown_notes = json["notes"] = Json::array();
    for (const std::string& note : notes) shown_notes.push_back(note);
  }
  return json;
}

Mapping guess(const std::filesystem::path& file, const ImportOptions& options, const Run& run) {
  if (!options.kind.empty() && options.kind != "events" && options.kind != "items" && options.kind != "users" && options.kind != "invoices")
    throw Error(Code::bad_request, "kind '" + options.kind + "' is not known; expected events, items, users or invoices");
  const Whole whole = taken_apart(options);
  Peek first = peek(file);
  first.separator = whole.separator;
  if (!whole.header.empty()) first.has_header = whole.header == "yes";
  const auto ask = [&](const Format& format) -> std::optional<Mapping> {
    auto mapping = format.recognise(first, whole.rest);
    if (!mapping) return mapping;
    if (whole.time_format.empty()) settle_day_and_month(*mapping, file, run);
    else mapping->time_format = whole.time_format;
    return mapping;
  };
  if (!options.format.empty()) {
    const Format& format = format_named(options.format);
    if (auto mapping = ask(format)) return *mapping;
    throw Error(Code::bad_data, "'" + file.string() + "' is not of the format " + std::string(format.name) + " (" + std::string(format.about) +
                                    "); leave the format out to have it guessed");
  }
  if (is_own(first))
    if (auto mapping = ask(format_named(first.is_json ? "jsonl" : "csv"))) return *mapping;
  for (const Format& format : formats())
    if (auto mapping = ask(format)) return *mapping;
  throw Error(Code::bad_data, "'" + file.string() + "' is of no known format; expected CSV, TSV or JSON lines");
}

Batch read(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return format_named(mapping.format).read(file, mapping, options, run);
}

}  // namespace attune::data
