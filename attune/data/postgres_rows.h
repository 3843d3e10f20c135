// PostgreSQL rows: rows of the tables into values. For the PostgreSQL store only.
#pragma once
#include <string>
#include <type_traits>
#include <vector>

#include "attune/data/postgres_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// From columns name, text, attributes, created_ms, hidden of users or items.
Record record_of(const PgRows& rows, std::size_t row);
// From columns request, user_name, snapshot, time_ms, items, scores, propensities, note, the first of them at `first`.
Exposure exposure_of(const PgRows& rows, std::size_t row, std::size_t first);
// From columns request, user_name, value, comment, time_ms.
ListRating rating_of(const PgRows& rows, std::size_t row);
// From the columns that ATTUNE_NAMED_EVENTS selects: sequence, user, item, type, value, time_ms, session, request, all by name.
#define ATTUNE_NAMED_EVENTS                                                                                                  \
  "SELECT e.sequence, u.name, i.name, t.name, e.value, e.time_ms, e.session, e.request FROM events e JOIN users u ON u.id = e.user_id " \
  "JOIN items i ON i.id = e.item_id JOIN types t ON t.id = e.type_id "
std::vector<StoredEvent> events_of(const PgRows& rows);
// From columns id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence.
Receipt receipt_of(const PgRows& rows, std::size_t row);
std::string first_text(const PgRows& rows, std::size_t row);

// What `read` makes of every row.
template <class F>
std::vector<std::invoke_result_t<F, const PgRows&, std::size_t>> all_of(const PgRows& rows, F read) {
  std::vector<std::invoke_result_t<F, const PgRows&, std::size_t>> found;
  found.reserve(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) found.push_back(read(rows, r));
  return found;
}

}  // namespace attune::data
