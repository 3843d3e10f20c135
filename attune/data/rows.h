// Rows: the records of a separated file (RFC 4180 and its relatives), one at a time.
// Quotes may hold separators, doubled quotes and line ends. A quote that is never closed costs its own line, not the
// rest of the file: when no fitting end is found, the line is a bad row and reading goes on with the next line.
// Cost: one pass; views into the line where nothing had to be undone. Belongs to one thread.
#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::data {

struct RowFormat {
  std::string separator = ",";  // one character, or several ("::")
  bool is_quoted = true;        // false: a quote mark is text (RecBole, MovieLens .dat)
  bool is_latin1 = false;
};

struct Row {
  std::vector<std::string_view> fields;  // good until the next row; trimmed of nothing
  std::uint64_t line = 0;                // where it begins, from 1
  std::string_view text;                 // the row as it stands (UTF-8)
  const char* problem = nullptr;         // why it cannot be read; `fields` are empty then
};

class Rows {
 public:
  static constexpr std::size_t kMostLines = 1000;                     // a quoted field over more lines is a stray quote
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;

  // The next line, without its end; false at the end. Sets whether the line was too long.
  struct Line {
    std::string_view text;
    std::uint64_t number = 0;
    bool is_cut = false;
  };
  using Source = std::function<bool(Line&)>;

  Rows(Source source, RowFormat format) : source_(std::move(source)), format_(std::move(format)) {}

  // Blank lines are passed over. `expected` fields: a row over several lines with another count is taken for a stray
  // quote (0 = not known). False at the end.
  bool next(Row& row, std::size_t expected = 0);
  // Lines that were no UTF-8 in a file that should be, and were read as Latin-1.
  std::uint64_t converted() const noexcept { return converted_; }

 private:
  struct Kept {
    std::string text;
    std::uint64_t number;
    bool is_cut;
  };
  bool pull(Line& line);
  std::string_view decoded(std::string_view text);
  void split_plain(std::string_view text, std::vector<std::string_view>& fields) const;
  enum class Outcome { done, open, stray };
  Outcome split_quoted(std::string_view text, std::vector<std::string_view>& fields);
  bool join(Row& row, const Line& first, std::size_t expected);

  Source source_;
  RowFormat format_;
  std::deque<Kept> waiting_;       // lines read ahead in vain, to be read again
  std::string held_, decoded_, joined_;
  std::deque<std::string> undone_;  // fields with doubled quotes
  std::size_t undone_used_ = 0;
  std::uint64_t converted_ = 0;
};

}  // namespace attune::data
