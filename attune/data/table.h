// Tables: a separated file read by its mapping into events, items or users.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "attune/data/import.h"
#include "attune/data/rows.h"
#include "attune/data/text_file.h"
#include "attune/data/values.h"

namespace attune::data {

struct Peek;

// The rows of a file as its mapping says, with progress and stopping.
class TableReader {
 public:
  TableReader(const std::filesystem::path& file, const Mapping& mapping, const Run& run);
  // The column names: the header's, or numbers. Throws Error: bad_data when the file has no rows.
  const std::vector<std::string>& header() const noexcept { return header_; }
  bool next(Row& row);
  std::uint64_t converted() const noexcept { return rows_.converted(); }
  const Lines& lines() const noexcept { return lines_; }

 private:
  const Run& run_;
  Lines lines_;
  Rows rows_;
  std::vector<std::string> header_;
  Row first_;                 // of a file without a header: read to count the columns
  bool has_first_ = false;
  std::uint64_t given_ = 0;
};

// More fields than columns is a damaged row, unless the surplus is empty (a separator at the end of every line).
bool fits(Row& row, std::size_t columns);
std::string count_problem(const Row& row, std::size_t columns);

// Guesses columns of a separated file; `mapping` holds format, separator and whatever else is certain already.
Mapping guess_table(const Peek& peek, Mapping mapping, const ImportOptions& options);

Batch read_table(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run);

// One row's texts on their way to an event or a record; views good for the call only.
struct EventTexts {
  std::string_view user, item, time, type, value, session, request;
};
class EventMaker {
 public:
  explicit EventMaker(const Mapping& mapping);
  // False: `reason` says why not.
  bool make(const EventTexts& texts, Event& event, std::string& reason);

 private:
  bool read_time(std::string_view text, std::int64_t& time_ms, std::string& reason);
  Mapping mapping_;
  TimeFormat time_format_ = TimeFormat::iso;
  bool has_time_format_ = false;
  std::int64_t zone_ms_ = 0;
  std::string last_text_;  // rows of one moment stand together: its time is parsed once
  std::int64_t last_ms_ = 0;
  bool has_last_ = false;
};
// The name of a user or item as it is kept; false with a reason for one that is empty or too long.
bool read_name(std::string_view field, std::string_view text, bool is_number, std::string& name, std::string& reason);
// An attribute's text as its type says ("number", "list", "text"); null for an empty one.
Json attribute(std::string_view text, std::string_view type, const Mapping& mapping);

// A rejection of the row, its text cut to 500 bytes.
Rejection reject(const std::string& file, std::uint64_t line, std::string reason, std::string_view text);
// "time '31.02.2020' is no date of the calendar"
std::string reason_for(std::string_view field, std::string_view value, const char* problem);

// Adds "N rows were set aside: M because ..." to batch.report; throws Error: bad_data when no row at all could be read.
void finish_report(Batch& batch, const std::string& file, std::uint64_t rows, std::uint64_t converted);

}  // namespace attune::data
