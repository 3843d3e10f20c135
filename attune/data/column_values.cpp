// Column values: how the cells of each column are written: numbers, lists, times (see columns.h).
#include <algorithm>

#include "attune/data/columns.h"
#include "attune/data/values.h"

namespace attune::data {

void guess_values(Mapping& m, const std::vector<std::string>& header, const Table& rows) {
  const auto cells = [&](const std::string& columns, auto&& use) {
    const auto places = places_of(columns, header);
    if (places.size() != 1) return;
    for (const auto& row : rows)
      if (places[0] < row.size() && !trim(row[places[0]]).empty()) use(trim(row[places[0]]));
  };
  if (m.separator != ",") {
    std::size_t commas = 0, dots = 0;
    for (const auto& [field, column] : m.columns) {
      if (field == "item" || field == "user" || field == "text" || field == "invoice" || field == "session") continue;
      cells(column, [&](std::string_view s) {
        const std::size_t mark = s.find_first_of(",.");
        if (mark == std::string_view::npos || s.find_first_not_of("0123456789,.-+") != std::string_view::npos) return;
        const std::size_t last = s.find_last_of(",.");
        (s[last] == ',' ? commas : dots) += 1;
      });
    }
    m.decimal_comma = commas > dots;
  }
  for (const auto& [field, column] : m.columns) {
    const bool is_id = field == "item" || field == "user";
    const auto& known = fields_of(m.kind);
    if (!is_id && std::find(known.begin(), known.end(), field) != known.end()) continue;
    if (m.types.count(field)) continue;
    std::size_t filled = 0, numbers = 0, lists = 0, pointed = 0;
    cells(column, [&](std::string_view s) {
      ++filled;
      const bool has_leading_zero = s.size() > 1 && s[0] == '0' && s[1] != '.' && s[1] != ',';
      numbers += !has_leading_zero && !parse_number(s, m.decimal_comma).problem;
      lists += m.separator != m.list_separator && s.find(m.list_separator) != std::string_view::npos;
      pointed += s.size() > 2 && s.ends_with(".0") && s.find_first_not_of("0123456789") == s.size() - 2;
    });
    if (filled == 0) continue;
    if (is_id) {
      if (pointed == filled) m.types[field] = "number";
    } else {
      m.types[field] = numbers == filled ? "number" : lists > 0 ? "list" : "text";
    }
  }
  if (m.kind == "items" || m.kind == "users") {
    if (m.columns.contains("created") && m.time_format.empty()) {
      TimeGuess times;
      cells(m.columns["created"], [&](std::string_view s) { times.add(s); });
      if (const auto f = times.format()) {
        m.time_format = name(*f);
      } else {  // "created" is then an attribute like others
        m.types["created"] = "text";
      }
    }
    return;
  }
  if (!m.columns.contains("time") || !m.time_format.empty()) return;
  TimeGuess times;
  cells(m.columns["time"], [&](std::string_view s) { times.add(s); });
  if (const auto f = times.format()) m.time_format = name(*f);
}

}  // namespace attune::data
