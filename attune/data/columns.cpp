// Columns: see the header.
#include "attune/data/columns.h"

#include <algorithm>
#include <set>

#include "attune/core/error.h"
#include "attune/core/did_you_mean.h"
#include "attune/data/column_content.h"

namespace attune::data {
namespace {

std::string listed(const std::vector<std::string>& header) {
  std::string out;
  for (const std::string& column : header) out += (out.empty() ? "'" : ", '") + column + "'";
  return out;
}

std::string guess_kind(const std::vector<std::string>& header) {
  if (const std::string_view own = own_kind(header); !own.empty()) return std::string(own);
  const auto there = [&](std::string_view field) { return !best_column(field, header).empty(); };
  if (there("invoice") && there("item") && there("quantity") && there("price") && there("time")) return "invoices";
  if (there("item") && (there("user") || (there("person") && there("time")))) return "events";
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
    if (column.empty() && field == "user" && (m.kind == "events" || m.kind == "invoices")) {
      column = best_column("person", header);
      if (!column.empty()) m.notes.push_back("no column is called user: '" + column + "' is taken for it");
    }
    if (column.empty() && m.kind == "events" && field == "item") {
      column = id_column(header);
      if (used.count(column)) column.clear();
      if (!column.empty()) m.notes.push_back("no column is called item: '" + column + "' is taken for it");
    }
    if (field == "text") {
      if (m.kind == "invoices" && column.empty()) column = best_column("description", header);
      const std::string more = best_column("description", header);
      if (m.kind == "users" && plain_name(column) != "text") column.clear();   // what a person is called is no text about them
      // A column called text is the whole text; a title is less without its description.
      if (m.kind != "invoices" && !more.empty() && more != column && plain_name(column) != "text") {
        if (!column.empty()) used.insert({more, column});
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

bool needs(std::string_view kind, std::string_view field) {
  if (field == "user") return kind == "events" || kind == "users";
  if (field == "item") return kind != "users";
  return kind == "invoices" && (field == "invoice" || field == "quantity" || field == "time");
}

void check_complete(const Mapping& m, const std::vector<std::string>& header, const std::string& file) {
  for (const std::string_view field : fields_of(m.kind)) {
    if (!needs(m.kind, field) || m.columns.contains(std::string(field))) continue;
    throw Error(Code::bad_data, "'" + file + "': no column for the " + std::string(field) + " among " + listed(header) +
                                    "; say which one it is with --map " + std::string(field) + "=COLUMN");
  }
}

}  // namespace

void correct(Mapping& m, const std::vector<std::string>& columns, const ImportOptions& options, const std::string& file) {
  for (const auto& [field, column] : options.map) {
    const auto& known = fields_of(m.kind);
    if ((m.kind == "events" || m.kind == "invoices") && std::find(known.begin(), known.end(), field) == known.end()) {
      std::string meant = did_you_mean(field, std::vector<std::string>(known.begin(), known.end())), all;
      for (const auto f : known) all += (all.empty() ? "" : ", ") + std::string(f);
      throw Error(Code::bad_request, "--map " + field + "=" + column + ": " + m.kind + " have no field '" + field + "'" +
                                         meant + (meant.empty() ? ". The fields are " : " The fields are ") + all);
    }
    if (column == "-") {
      if (m.columns.count("*")) m.columns[field] = "-";  // "*" would take it up again
      else m.columns.erase(field);
      continue;
    }
    if (places_of(column, columns).empty()) {
      const std::string meant = did_you_mean(column, columns);
      throw Error(Code::bad_request, "--map " + field + "=" + column + ": '" + file + "' has no column '" + column + "'" +
                                         meant + (meant.empty() ? ". The columns are " : " The columns are ") + listed(columns));
    }
    for (auto it = m.columns.begin(); it != m.columns.end();)  // a column serves one field
      it = it->second == column && it->first != field ? m.columns.erase(it) : std::next(it);
    m.columns[field] = column;
  }
}

// A file of items names each once. One that repeats them and has no text is more likely what people did, its user column under a name nobody
// could guess.
void remark_on_repeats(Mapping& m, const std::vector<std::string>& header, const Table& rows) {
  if (m.kind != "items" || m.columns.contains("text") || !m.columns.contains("item")) return;
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
  if (m.kind == "events" && !m.columns.contains("time") && !m.columns.count("*"))
    m.notes.push_back("NO TIME: no column says when, so every row is of 1970-01-01, nothing fades with age and what came last is not known; equal rows are kept as "
                      "events of their own. If a column holds times: --map time=COLUMN");
  if (!options.event_type.empty()) m.event_type = options.event_type;
  if (m.event_type.empty() && m.kind == "events" && !m.columns.contains("type")) {
    const std::string value = m.columns.contains("value") ? plain_name(m.columns["value"]) : "";
    m.event_type = value == "quantity" || value == "qty" ? "purchase"
                   : value == "rating" || value == "stars" || value == "overall" || value == "score" ? "rating"
                                                                                                     : "event";
  }
}

}  // namespace attune::data
