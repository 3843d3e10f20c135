// SQLite rows: rows of the tables into values. For the SQLite store only.
#pragma once
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "attune/data/sqlite_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// Names by number, each asked for once. `sql` finds the name of one number.
class NamesByNumber {
 public:
  NamesByNumber(Connection& connection, const char* sql) : find_(connection.query(sql)) {}
  // Throws Error: bad_data for a number that is nobody's.
  const std::string& operator[](std::int64_t number);

 private:
  Query find_;
  std::vector<std::string> names_;
};

// Those of users, items and types, as events hold them.
struct EventNames {
  explicit EventNames(Connection& connection);
  NamesByNumber users, items, types;
};

// Fills `stored`, all but the user, from columns sequence, item, type, value, time_ms, session, request.
void read_event(const Query& row, EventNames& names, StoredEvent& stored);
// From the same columns and, behind them, user.
void read_events(Connection& connection, Query& rows, const std::function<void(const StoredEvent&)>& sink);
std::vector<StoredEvent> events_of(Connection& connection, Query& rows);
// From columns name, text, attributes, created_ms, hidden of users or items.
Record record_of(const Query& row);
// From columns request, user, snapshot, time_ms, items, scores, propensities.
Exposure exposure_of(const Query& row);

// From columns request, user, value, comment, time_ms.
ListRating rating_of(const Query& row);
Receipt receipt_of(const Query& row);       // id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence
std::string first_text(const Query& row);

// What `read` makes of every row; sql must be a literal.
template <class F, class... Values>
std::vector<std::invoke_result_t<F, const Query&>> all_of(Connection& connection, const char* sql, F read, const Values&... values) {
  Query rows = connection.query(sql);
  rows.with(values...);
  std::vector<std::invoke_result_t<F, const Query&>> found;
  while (rows.step()) found.push_back(read(rows));
  return found;
}

}  // namespace attune::data
