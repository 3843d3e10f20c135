// CSV and its relatives: separated files with or without a header, whatever the columns are called.
// Source: RFC 4180, and what spreadsheets and shops make of it. Recognised last: anything with a steady separator is one.
#include "attune/core/error.h"
#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/peek.h"

namespace attune::data {

std::optional<Mapping> recognise_csv(const Peek& peek, const ImportOptions& options) {
  if (peek.is_json && options.format != "csv") return std::nullopt;
  Mapping m{.format = "csv"};
  m.separator = guess_separator(peek);
  if (m.separator.empty())
    throw Error(Code::bad_data, "'" + peek.file.string() + "' has one column only: no tab, comma, semicolon or bar separates its fields; expected at least a user and an item, or an item and a text, in each row");
  m.has_header = peek.has_header ? *peek.has_header : has_header(sample(peek, {.separator = m.separator}, 100));
  return guess_table(peek, std::move(m), options);
}

Batch read_csv(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return read_table(file, mapping, options, run);
}

}  // namespace attune::data
