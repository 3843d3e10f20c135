// SQLite scrub: after an erasure, taking the last traces of a name out of the files. For the SQLite store only.
#pragma once
#include <string_view>

#include "attune/data/sqlite_connection.h"

namespace attune::data {

// Notes, inside the erasure's transaction, that the files must be scrubbed, so that a crash cannot forget it.
void ask_for_scrub(Connection& connection);
// Empties the write-ahead log into the file and makes sure that `name` stands in neither. Outside of a transaction.
// Throws Error: io when a reader keeps the log in use for longer than the connection waits.
void scrub(Connection& connection, std::string_view name);
// Does what an earlier scrub could not finish. At opening; leaves it for the next time when the file is in use.
void finish_scrub(Connection& connection);

}  // namespace attune::data
