// SQLite rows: rows of the tables into values. For the SQLite store only.
#pragma once
#include <string>
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

// Fills `stored`, all but the user, from columns sequence, item, type, value, time_ms, session, request.
void read_event(const Query& row, NamesByNumber& items, NamesByNumber& types, StoredEvent& stored);
// From columns name, text, attributes, created_ms, hidden of users or items.
Record record_of(const Query& row);
// From columns request, user, snapshot, time_ms, items, scores, propensities.
Exposure exposure_of(const Query& row);

// From columns request, user, value, comment, time_ms.
ListRating rating_of(const Query& row);
Receipt receipt_of(const Query& row);       // id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence

}  // namespace attune::data
