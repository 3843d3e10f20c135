// SQLite schema: opening a file as an attune store: tables made to be looked at, version, settings of the connection.
// For the SQLite store only.
#pragma once
#include "attune/data/sqlite_connection.h"

namespace attune::data {

inline constexpr int kStoreVersion = 5;  // PRAGMA user_version; raised when an older program could no longer use the file

// Prepares a connection to a store for use. Every connection needs it.
void configure(Connection& connection);
// Makes an empty file a store and brings one of an older version up to date; refuses another program's file (bad_data) and a newer version (unsupported) untouched.
void make_or_check_store(Connection& connection);
// The table of trials, which stores made before there was tuning lack.
void make_trials(Connection& connection);
bool has_trials(Connection& connection);
// The index of events that a large import drops and makes anew.
void drop_event_indexes(Connection& connection);
void make_event_indexes(Connection& connection);

}  // namespace attune::data
