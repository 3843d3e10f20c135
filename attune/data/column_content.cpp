// Column content: see the header.
#include "attune/data/column_content.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "attune/data/values.h"

namespace attune::data {
namespace {

struct Content {
  std::size_t filled = 0, numbers = 0, words = 0;
  std::set<std::string> distinct;
  double largest = 0;
  TimeGuess times;
};

Content content_of(const Table& rows, std::size_t column) {
  Content c;
  for (const auto& row : rows) {
    if (column >= row.size() || trim(row[column]).empty()) continue;
    const std::string_view cell = trim(row[column]);
    ++c.filled;
    c.words += static_cast<std::size_t>(std::count(cell.begin(), cell.end(), ' ')) + 1;
    if (c.distinct.size() < 1000) c.distinct.insert(std::string(cell));
    c.times.add(cell);
    if (const ParsedNumber n = parse_number(cell); !n.problem) {
      ++c.numbers;
      c.largest = std::max(c.largest, std::abs(n.value));
    }
  }
  return c;
}

}  // namespace

bool has_header(const Table& rows) {
  if (rows.empty()) return false;
  std::size_t known = 0;
  for (const std::string& cell : rows[0]) {
    const std::string_view s = trim(cell);
    if (!parse_number(s).problem) return false;  // a column is not called 5
    if (const ParsedTime t = parse_time(s, TimeFormat::iso); !t.problem || t.is_outside) return false;
    known += !field_of(s).empty() || plain_name(s) == "id";
  }
  if (known > 0) return true;
  for (std::size_t c = 0; c < rows[0].size(); ++c) {  // words above numbers
    std::size_t numbers = 0;
    for (std::size_t r = 1; r < rows.size(); ++r) numbers += c < rows[r].size() && !parse_number(rows[r][c]).problem;
    if (rows.size() > 1 && numbers * 10 >= (rows.size() - 1) * 9) return true;
  }
  return false;
}

void columns_by_content(Mapping& m, const Table& rows) {
  if (rows.empty()) return;
  std::vector<std::size_t> left;
  std::vector<Content> contents;
  for (std::size_t c = 0; c < rows[0].size(); ++c) {
    contents.push_back(content_of(rows, c));
    left.push_back(c);
  }
  const auto take_out = [&](const std::string& field, auto fits) {
    for (std::size_t i = left.size(); i-- > 0;) {
      if (left.size() <= 2 || !fits(contents[left[i]], left[i])) continue;
      m.columns[field] = std::to_string(left[i]);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  };
  take_out("time", [](const Content& c, std::size_t) { return c.filled > 0 && c.times.format().has_value(); });
  take_out("value", [](const Content& c, std::size_t at) {
    return at >= 2 && c.filled > 0 && c.numbers == c.filled && c.largest <= 1e6;
  });
  take_out("type", [](const Content& c, std::size_t at) { return at >= 2 && c.filled > 0 && c.numbers == 0 && c.distinct.size() <= 20; });
  if (left.size() < 2) return;
  const Content& second = contents[left[1]];
  const bool is_text = second.filled > 0 && second.words > 2 * second.filled;
  if (m.kind.empty()) m.kind = is_text && !m.columns.contains("time") ? "items" : "events";
  if (m.kind == "events") {
    m.columns["user"] = std::to_string(left[0]);
    m.columns["item"] = std::to_string(left[1]);
    m.notes.push_back("no header: column " + std::to_string(left[0]) + " is taken for the user and column " +
                      std::to_string(left[1]) + " for the item; if it is the other way round, --map user=" +
                      std::to_string(left[1]) + " --map item=" + std::to_string(left[0]));
  } else {
    m.columns.clear();
    m.columns[m.kind == "users" ? "user" : "item"] = "0";
    m.columns["text"] = "1";
    for (std::size_t c = 2; c < rows[0].size(); ++c) m.columns["column_" + std::to_string(c)] = std::to_string(c);
    m.notes.push_back("no header: column 0 is taken for the name, column 1 for the text");
  }
}

void find_time(Mapping& m, const std::vector<std::string>& header, const Table& rows) {
  if (m.kind != "events" || m.columns.contains("time") || m.columns.count("*")) return;
  std::set<std::string> used;
  for (const auto& [field, column] : m.columns) used.insert(column);
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (used.count(header[i]) || plain_name(header[i]).find("birth") != std::string::npos) continue;
    const Content content = content_of(rows, i);
    const auto format = content.times.format();
    if (!format || content.numbers == content.filled) continue;
    m.columns["time"] = header[i];
    m.notes.push_back("no column is called time: '" + header[i] + "' holds times and is taken for it; --map time=- leaves it out");
    return;
  }
}

}  // namespace attune::data
