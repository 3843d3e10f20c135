// Import: files into a Batch: items, users, events, and the rows that could not be read, each with its reason.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/record.h"
#include "attune/data/store.h"

namespace attune::data {

// How the columns of a file become fields. Guessed, shown before use, corrected by `--map field=column`.
// Fields: user, item, time, type, value, session, request (events); item, text, created, hidden and any attribute (items);
// user, text and any attribute (users); invoice, item, text, quantity, time, price, user, country (invoice lines).
struct Mapping {
  std::string format;                               // the name of a FORMAT line in plugins.def: "csv", "jsonl", "movielens", ...
  std::string kind;                                 // "events", "items", "users", "invoices"
  // field -> column name (or its number from 0 when there is no header); "title+description" joins the texts of two
  std::map<std::string, std::string> columns;
  std::map<std::string, std::string> types;         // attribute -> "number", "list" or "text"; of an id: "number" drops a final ".0"
  std::string encoding = "utf-8";                   // or "latin-1"
  std::string compression;                          // "", "gz", "zst"
  std::string separator = ",";
  std::string list_separator = "|";                 // of attributes whose type is "list"
  bool has_header = true;
  bool is_quoted = true;                            // false: a quote mark is text
  bool decimal_comma = false;
  std::string time_format;                          // "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "iso", "d/m/y", "m/d/y"
  std::string time_zone;                            // "+02:00"; empty = UTC for times without one
  std::string event_type;                           // type of events in files without a type column
  std::vector<std::string> notes;                   // sentences: what was not certain and how it was decided
  Json to_json() const;                             // for showing
};

struct ImportOptions {
  std::string format;                               // empty = guess
  // Corrections, field -> column; "-" leaves the field out. Also of the file as a whole: separator ("tab", ";"),
  // time_format ("m/d/y"), header ("yes", "no").
  std::map<std::string, std::string> map;
  std::string kind;                                 // empty = guess
  std::string event_type;                           // type of events in files without one; empty = by format ("purchase", ...)
  std::string time_zone;
  bool clean = true;                                // duplicates, cancellations, fees, spellings (see clean.h)
};

// Looks at the first lines and says how it would read the file; at the whole file where days and months have to be told
// apart (run.stop is honoured). Throws Error: bad_data naming what is wrong and what to
// do (a directory, an empty file, a zip, an xlsx, binary garbage, no two id-like columns, ...); not_found; io.
Mapping guess(const std::filesystem::path& file, const ImportOptions& options, const Run& run = {});

// Reads the whole file. Bad rows become rejections; the file is refused only when it is not readable at all.
// Bounded: a line longer than 8 MB is a rejected row, not memory. Reports progress in bytes; run.stop is honoured.
Batch read(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run);

// A rejection's reason with the values left out, so that reasons can be counted: "time '...' is before 1970".
std::string without_values(std::string_view reason);

}  // namespace attune::data
