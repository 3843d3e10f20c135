// Columns: see the header.
#include "attune/data/columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/values.h"

namespace attune::data {
namespace {

bool has(const Mapping& m, std::string_view field) { return m.columns.count(std::string(field)) > 0; }

std::string listed(const std::vector<std::string>& header) {
  std::string out;
  for (const std::string& column : header) out += (out.empty() ? "'" : ", '") + column + "'";
  return out;
}

std::string guess_kind(const std::vector<std::string>& header) {
  if (const std::string_view own = own_kind(header); !own.empty()) return std::string(own);
  const auto there = [&](std::string_view field) { return !best_column(field, header).empty(); };
  if (there("invoice") && there("item") && there("quantity") && there("price") && there("time")) return "invoices";
  if (there("user") && there("item")) return "events";
  if (there("item")) return "items";
  if (there("user") && there("time") && !id_column(header).empty() && id_column(header) != best_column("user", header)) return "events";
  if (there("user")) return "users";
  return "";
}

void name_columns(Mapping& m, const std::vector<std::string>& header) {
  std::set<std::string> used;
  for (const std::string_view field : fields_of(m.kind)) {
    std::string column = best_column(field, header);
    const bool is_name = (m.kind == "items" && field == "item") || (m.kind == "users" && field == "user");
    if (column.empty() && is_name) column = id_column(header);
    if (column.empty() && m.kind == "events" && field == "item") {
      column = id_column(header);
      if (used.count(column)) column.clear();
      if (!column.empty()) m.notes.push_back("no column is called item: '" + column + "' is taken for it");
    }
    if (field == "text") {
      if (m.kind == "invoices" && column.empty()) column = best_column("description", header);
      const std::string more = best_column("description", header);
      // A column called text is the whole text; a title is less without its description.
      if (m.kind != "invoices" && !more.empty() && more != column && plain_name(column) != "text") {
        used.insert(more);
        if (!column.empty()) used.insert(column);
        column += (column.empty() ? "" : "+") + more;
      }
    }
    if (column.empty() || used.count(column)) continue;
    used.insert(column);
    m.columns[std::string(field)] = column;
  }
  if (m.kind != "items" && m.kind != "users") return;
  for (const std::string& column : header)
    if (!used.count(column) && !column.empty()) m.columns[column] = column;
}

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

// Without a header: one column of times, at most one of small numbers, at most one of few words, two of names.
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
  if (m.kind.empty()) m.kind = is_text && !has(m, "time") ? "items" : "events";
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

bool needs(std::string_view kind, std::string_view field) {
  if (field == "user") return kind == "events" || kind == "users";
  if (field == "item") return kind != "users";
  return kind == "invoices" && (field == "invoice" || field == "quantity" || field == "time");
}

void check_complete(const Mapping& m, const std::vector<std::string>& header, const std::string& file) {
  for (const std::string_view field : fields_of(m.kind)) {
    if (!needs(m.kind, field) || has(m, field)) continue;
    throw Error(Code::bad_data, "'" + file + "': no column for the " + std::string(field) + " among " + listed(header) +
                                    "; say which one it is with --map " + std::string(field) + "=COLUMN");
  }
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

void correct(Mapping& m, const std::vector<std::string>& columns, const ImportOptions& options, const std::string& file) {
  for (const auto& [field, column] : options.map) {
    const auto& known = fields_of(m.kind);
    if ((m.kind == "events" || m.kind == "invoices") && std::find(known.begin(), known.end(), field) == known.end()) {
      std::string near = nearest(field, std::vector<std::string>(known.begin(), known.end())), all;
      for (const auto f : known) all += (all.empty() ? "" : ", ") + std::string(f);
      throw Error(Code::bad_request, "--map " + field + "=" + column + ": " + m.kind + " have no field '" + field + "'" +
                                         (near.empty() ? "" : "; did you mean '" + near + "'?") + (near.empty() ? ". The fields are " : " The fields are ") + all);
    }
    if (column == "-") {
      if (m.columns.count("*")) m.columns[field] = "-";  // "*" would take it up again
      else m.columns.erase(field);
      continue;
    }
    if (places_of(column, columns).empty()) {
      const std::string near = nearest(column, columns);
      throw Error(Code::bad_request, "--map " + field + "=" + column + ": '" + file + "' has no column '" + column + "'" +
                                         (near.empty() ? "" : "; did you mean '" + near + "'?") + (near.empty() ? ". The columns are " : " The columns are ") + listed(columns));
    }
    for (auto it = m.columns.begin(); it != m.columns.end();)  // a column serves one field
      it = it->second == column && it->first != field ? m.columns.erase(it) : std::next(it);
    m.columns[field] = column;
  }
}

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
    if (has(m, "created") && m.time_format.empty()) {
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
  if (!has(m, "time") || !m.time_format.empty()) return;
  TimeGuess times;
  cells(m.columns["time"], [&](std::string_view s) { times.add(s); });
  if (const auto f = times.format()) m.time_format = name(*f);
}

// A file of items names each once. One that repeats them and has no text is more likely what people did, its user column under a name nobody
// could guess.
void remark_on_repeats(Mapping& m, const std::vector<std::string>& header, const Table& rows) {
  if (m.kind != "items" || has(m, "text") || !has(m, "item")) return;
  const std::vector<std::size_t> places = places_of(m.columns["item"], header);
  if (places.size() != 1) return;
  std::set<std::string_view> names;
  std::size_t filled = 0;
  for (const auto& row : rows) {
    if (places[0] >= row.size() || row[places[0]].empty()) continue;
    names.insert(row[places[0]]);
    ++filled;
  }
  if (names.size() == filled) return;
  m.notes.push_back("of the first " + std::to_string(filled) + " rows " + std::to_string(filled - names.size()) + " name an item again, and no column is a text: "
                    "these may be events; if so, say who with --map user=COLUMN");
}

// Columns of events that no field takes: said, so that a forgotten time or amount is seen before it is missed.
void remark_on_unused(Mapping& m, const std::vector<std::string>& header) {
  if ((m.kind != "events" && m.kind != "invoices") || !m.has_header || m.columns.count("*")) return;
  std::set<std::size_t> used;
  for (const auto& [field, column] : m.columns)
    for (const std::size_t place : places_of(column, header)) used.insert(place);
  constexpr std::size_t kMostNamed = 12;
  std::string unused;
  std::size_t count = 0;
  for (std::size_t i = 0; i < header.size(); ++i)
    if (!used.count(i) && !header[i].empty() && ++count <= kMostNamed) unused += (unused.empty() ? "'" : ", '") + header[i] + "'";
  if (count > kMostNamed) unused += " and " + std::to_string(count - kMostNamed) + " more";
  if (!unused.empty()) m.notes.push_back("not used: " + unused + "; --map FIELD=COLUMN takes one up");
}

// A time under a name nobody could guess shows by what it holds; numbers do not count, which may be anything.
void find_time(Mapping& m, const std::vector<std::string>& header, const Table& rows) {
  if (m.kind != "events" || has(m, "time") || m.columns.count("*")) return;
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

void guess_columns(Mapping& m, const std::vector<std::string>& header, const Table& rows, const ImportOptions& options,
                   const std::string& file) {
  if (m.kind.empty()) m.kind = options.kind;
  const bool is_given = !m.columns.empty();  // by the format
  // What the caller maps also tells the kind: a file whose user column has an odd name is still one of events.
  if (is_given) {
  } else if (m.has_header) {
    std::vector<std::string> named = header;
    for (const auto& [field, column] : options.map)
      if (column != "-" && !places_of(column, header).empty()) named.push_back(field);
    if (m.kind.empty()) m.kind = guess_kind(named);
    if (m.kind.empty() && !id_column(header).empty() && !(best_column("text", header) + best_column("description", header)).empty()) {
      m.kind = "items";
      m.notes.push_back("no column is called item: '" + id_column(header) + "' is taken for it");
    }
    if (m.kind.empty() && options.map.empty())
      throw Error(Code::bad_data, "'" + file + "': no column looks like a user or an item among " + listed(header) +
                                      "; say which ones they are with --map user=COLUMN --map item=COLUMN");
    if (m.kind.empty()) m.kind = "events";
    name_columns(m, header);
    if (!options.map.count("time")) find_time(m, header, rows);
  } else {
    columns_by_content(m, rows);
    if (m.kind.empty()) m.kind = "events";
  }
  correct(m, header, options, file);
  check_complete(m, header, file);
  guess_values(m, header, rows);
  remark_on_repeats(m, header, rows);
  if (!is_given) remark_on_unused(m, header);
  if (m.kind == "events" && !has(m, "time") && !m.columns.count("*"))
    m.notes.push_back("NO TIME: no column says when, so every row is of 1970-01-01, nothing fades with age and what came last is not known; equal rows are kept as "
                      "events of their own. If a column holds times: --map time=COLUMN");
  if (!options.event_type.empty()) m.event_type = options.event_type;
  if (m.event_type.empty() && m.kind == "events" && !has(m, "type")) {
    const std::string value = has(m, "value") ? plain_name(m.columns["value"]) : "";
    m.event_type = value == "quantity" || value == "qty" ? "purchase"
                   : value == "rating" || value == "stars" || value == "overall" || value == "score" ? "rating"
                                                                                                     : "event";
  }
}

}  // namespace attune::data
