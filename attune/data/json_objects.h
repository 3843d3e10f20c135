// JSON objects of a file, one at a time: one a line (JSON lines), one after another over several lines, or the members of
// one array. A line that is no JSON costs itself only. Cost: one pass; memory for one object, at most 8 MB.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "attune/data/text_file.h"

namespace attune::data {

struct JsonText {
  std::string_view text;         // good until the next call
  std::uint64_t line = 0;        // where it begins, from 1
  const char* problem = nullptr;
};

class JsonObjects {
 public:
  // `is_by_line`: every line is one object. Else objects are found by their brackets.
  JsonObjects(const std::filesystem::path& file, bool is_by_line) : lines_(file), is_by_line_(is_by_line) {}
  bool next(JsonText& object);
  const Lines& lines() const noexcept { return lines_; }

 private:
  bool next_by_line(JsonText& object);
  bool next_by_brackets(JsonText& object);

  Lines lines_;
  bool is_by_line_;
  std::string_view rest_;  // of the line last read
  std::string object_;
};

// A Python literal ({'a': u'x', 'b': None}) as JSON; empty when it is none. The older Amazon files are written so.
std::string json_from_python(std::string_view text);

}  // namespace attune::data
