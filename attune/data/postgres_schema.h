// PostgreSQL schema: making and checking the tables of a store. For the PostgreSQL store only.
#pragma once
#include "attune/data/postgres_connection.h"

namespace attune::data {

inline constexpr int kPostgresStoreVersion = 1;   // raised when an older program could no longer use the tables

// Makes an empty schema a store; refuses another program's tables (bad_data), a newer version (unsupported) and a database or server
// that cannot hold one (unsupported), all untouched. Several processes may do it at once.
void make_or_check_store(PgConnection& connection);
// The channel that tells of writes.
std::string channel_of(const PostgresTarget& target);
void drop_event_indexes(PgConnection& connection);
void make_event_indexes(PgConnection& connection);

}  // namespace attune::data
