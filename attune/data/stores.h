// Stores by their address: a file for SQLite, postgres://... for PostgreSQL.
#pragma once
#include <memory>
#include <string>

#include "attune/data/store.h"

namespace attune::data {

// Opens (or makes) the tables in the schema the URL names (?schema=NAME, default attune): postgres_target.h. Several processes may have it
// open and write. A server that is away is tried again, with back-off: 10 s for writes, 1 s for reads, then Error: io.
// Throws Error: bad_request (URL; a password is never shown), not_found (database, user), unsupported (older server, other encoding, newer
// store), bad_data (another program's tables), io (not to be reached, not let in).
// Beside what store.h says: names of users, items, types and requests have at most 2,000 bytes (bad_request). Erased rows are gone from
// all answers at once, from the server's files with its vacuum.
std::unique_ptr<Store> open_postgres(const std::string& url);
std::unique_ptr<Store> open_postgres(const std::string& url, int wait_ms);   // waits that long for the server and for other writers' turns

}  // namespace attune::data
