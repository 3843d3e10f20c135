// SQLite schema: see the header.
#include "attune/data/sqlite_schema.h"

#include "attune/core/error.h"

namespace attune::data {
namespace {

constexpr std::int64_t kApplicationId = 0x6174756e;  // "atun": tells our files from other SQLite files

// Users, items and types are known in events by number; the view `log` shows them by name.
constexpr const char* kTables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- record: place among the records put so far; NULL = known only from events. change: when it was last changed, counted over the store
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record INTEGER, text TEXT, attributes TEXT, created_ms INTEGER, hidden INTEGER, change INTEGER);
CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record INTEGER, text TEXT, attributes TEXT, created_ms INTEGER, hidden INTEGER, change INTEGER);
CREATE TABLE types(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- hash: of all fields, finds repeats
CREATE TABLE events(sequence INTEGER PRIMARY KEY, user INTEGER NOT NULL, item INTEGER NOT NULL, type INTEGER NOT NULL, value REAL,
                    time_ms INTEGER NOT NULL, session TEXT, request TEXT, hash INTEGER NOT NULL);

CREATE TABLE exposures(id INTEGER PRIMARY KEY, request TEXT NOT NULL, user TEXT NOT NULL, snapshot TEXT NOT NULL, time_ms INTEGER NOT NULL,
                       items TEXT NOT NULL, scores TEXT NOT NULL, propensities TEXT NOT NULL, note TEXT NOT NULL DEFAULT '');
CREATE INDEX exposures_by_user ON exposures(user);

CREATE TABLE rejections(id INTEGER PRIMARY KEY, file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL,
                        hash INTEGER NOT NULL UNIQUE);
CREATE TABLE imports(id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, source TEXT NOT NULL, accepted INTEGER NOT NULL,
                     repeated INTEGER NOT NULL, rejected INTEGER NOT NULL, last_sequence INTEGER NOT NULL, report TEXT NOT NULL);
CREATE TABLE receipts(number INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, name_hash TEXT NOT NULL, events INTEGER NOT NULL,
                      exposures INTEGER NOT NULL, records INTEGER NOT NULL, rejections INTEGER NOT NULL, time_ms INTEGER NOT NULL,
                      last_sequence INTEGER NOT NULL);

-- one row, kept with every write, so that counting millions of events costs nothing
CREATE TABLE totals(last_sequence INTEGER NOT NULL, last_record INTEGER NOT NULL, events INTEGER NOT NULL, users INTEGER NOT NULL,
                    items INTEGER NOT NULL, exposures INTEGER NOT NULL, rejections INTEGER NOT NULL, imports INTEGER NOT NULL,
                    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, last_change INTEGER NOT NULL DEFAULT 0);
INSERT INTO totals VALUES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE VIEW log AS SELECT e.sequence, u.name AS user, i.name AS item, t.name AS type, e.value,
  strftime('%Y-%m-%d %H:%M:%f', e.time_ms / 1000.0, 'unixepoch') AS time, e.session, e.request
  FROM events e JOIN users u ON u.id = e.user JOIN items i ON i.id = e.item JOIN types t ON t.id = e.type;
)sql";

// Came after version 1 was out: an older program does not look at it, and a file of an older one gets it with its first trial.
constexpr const char* kTrials =
    "CREATE TABLE IF NOT EXISTS trials(study TEXT NOT NULL, number INTEGER NOT NULL, time_ms INTEGER NOT NULL, result TEXT NOT NULL, "
    "PRIMARY KEY(study, number)) WITHOUT ROWID";

// One index serves a user's history and the search for repeats: a repeat has the same user and time. An index of its own on the hash
// cost every event one more page of random writes (bench/serve: a third fewer events/s).
constexpr const char* kEventIndex = "CREATE INDEX events_by_user ON events(user, time_ms, hash)";

// Lists shown are found by their request, with the events that name it and what people said of them.
constexpr const char* kLists =
    "CREATE INDEX IF NOT EXISTS exposures_by_request ON exposures(request);"
    "CREATE INDEX IF NOT EXISTS events_by_request ON events(request) WHERE request IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS ratings(request TEXT PRIMARY KEY, user TEXT NOT NULL, value REAL NOT NULL, comment TEXT NOT NULL, time_ms INTEGER NOT NULL) WITHOUT ROWID;";

// What changed since somebody last looked.
constexpr const char* kChanges =
    "CREATE INDEX IF NOT EXISTS users_by_change ON users(change) WHERE change IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS items_by_change ON items(change) WHERE change IS NOT NULL;";

constexpr const char* kChangeColumns =
    "ALTER TABLE users ADD COLUMN change INTEGER; ALTER TABLE items ADD COLUMN change INTEGER;"
    "ALTER TABLE totals ADD COLUMN last_change INTEGER NOT NULL DEFAULT 0;";

// Version 1 had the hash in an index of its own, version 2 no note to a list, version 3 nothing to find a list by, version 4 nothing to
// find changes by: a program of before would not tell the others what it changed.
void upgrade(Connection& connection) {
  Transaction transaction(connection);
  const std::int64_t version = connection.number("PRAGMA user_version");
  if (version == kStoreVersion) return;  // another process was quicker
  if (version < 2) {
    connection.execute("DROP INDEX IF EXISTS events_by_user; DROP INDEX IF EXISTS events_by_hash");
    connection.execute(kEventIndex);
  }
  if (version < 3) connection.execute("ALTER TABLE exposures ADD COLUMN note TEXT NOT NULL DEFAULT ''");
  connection.execute(kLists);
  if (version < 5) connection.execute(kChangeColumns);
  connection.execute(kChanges);
  connection.execute("PRAGMA user_version=" + std::to_string(kStoreVersion));
  transaction.commit();
}

// False: an empty file, to be made one.
bool is_store(Connection& connection) {
  const std::int64_t application = connection.number("PRAGMA application_id"), version = connection.number("PRAGMA user_version");
  const std::string file = "'" + connection.path() + "'";
  if (application == kApplicationId && version > kStoreVersion)
    throw Error(Code::unsupported, file + " is a store of version " + std::to_string(version) + ", this program reads up to version " +
                                       std::to_string(kStoreVersion) + "; use a newer attune");
  if (application == kApplicationId && version >= 1) return true;
  if (application != 0 || version != 0 || connection.number("SELECT COUNT(*) FROM sqlite_master") != 0)
    throw Error(Code::bad_data, file + " is an SQLite file of another program, no attune store; name another file");
  return false;
}

}  // namespace

// WAL: readers go on while one writes. synchronous=FULL: each commit syncs the WAL before it is acknowledged; with NORMAL a
// power cut could take acknowledged events back. wal_autocheckpoint: pages (32 MB) of log before it is copied into the file: a page
// written by many commits is copied once. secure_delete: what is deleted is overwritten with zeros in its page.
void configure(Connection& connection) {
  connection.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=OFF; "
      "PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=8192;");
}

void make_or_check_store(Connection& connection) {
  if (is_store(connection)) {
    configure(connection);
    if (connection.number("PRAGMA user_version") < kStoreVersion) upgrade(connection);
    return;
  }
  configure(connection);
  Transaction transaction(connection);
  if (is_store(connection)) return;  // another process was quicker
  connection.execute(kTables);
  make_trials(connection);
  make_event_indexes(connection);
  connection.execute(kLists);
  connection.execute(kChanges);
  connection.execute("PRAGMA application_id=" + std::to_string(kApplicationId) + "; PRAGMA user_version=" + std::to_string(kStoreVersion));
  transaction.commit();
}

void make_trials(Connection& connection) { connection.execute(kTrials); }

bool has_trials(Connection& connection) { return connection.number("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'trials'") > 0; }

void drop_event_indexes(Connection& connection) { connection.execute("DROP INDEX events_by_user"); }

void make_event_indexes(Connection& connection) {
  connection.execute(kEventIndex);
}

}  // namespace attune::data
