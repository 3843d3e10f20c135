// Peek: the first part of a file, looked at before anything is decided about it.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/import.h"
#include "attune/data/rows.h"

namespace attune::data {

struct Peek {
  std::filesystem::path file;
  std::string compression;               // "", "gz", "zst"
  std::string encoding;                  // "utf-8" or "latin-1"
  std::string text;                      // up to 1 MB, in UTF-8, whole lines unless the first line alone is longer
  std::vector<std::string_view> lines;   // up to 1000 that are not blank
  bool is_json = false;                  // the first character that is no space is { or [
  std::string separator;                 // given by the caller; empty = guess
  std::optional<bool> has_header;        // given by the caller
  bool is_whole = false;                 // there is nothing in the file but `text`
};

// Throws Error: not_found, io, bad_data or unsupported for what cannot be a table of anything: a directory, an empty file,
// a zip, an Excel workbook, UTF-16, a database, binary data; each with what to do.
Peek peek(const std::filesystem::path& file);

// The records of the first lines, split as `format` says. At most `most`.
std::vector<std::vector<std::string>> sample(const Peek& peek, const RowFormat& format, std::size_t most = 1000);

// The separator (tab, comma, semicolon, bar, or space for numbers alone) with the steadiest count over the first lines.
// Empty: there is none.
std::string guess_separator(const Peek& peek);

}  // namespace attune::data
