// PostgreSQL rows: rows of the tables into values. For the PostgreSQL store only.
#pragma once
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
// From columns sequence, user, item, type, value, time_ms, session, request, all by name.
std::vector<StoredEvent> events_of(const PgRows& rows);
// From columns id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence.
Receipt receipt_of(const PgRows& rows, std::size_t row);

}  // namespace attune::data
