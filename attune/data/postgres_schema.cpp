// PostgreSQL schema: see the header.
#include "attune/data/postgres_schema.h"

#include "attune/core/error.h"

namespace attune::data {
namespace {

constexpr int kOldestServer = 150000;

// Users, items and types are known in events by number; the view `log` shows them by name. Names compare by their bytes.
// record: place among the records put so far; NULL = known only from events. change: when it was last changed, counted over the store.
constexpr const char* kTables = R"sql(
CREATE TABLE attune_store(version integer NOT NULL);
CREATE TABLE meta(key text COLLATE "C" PRIMARY KEY, value text NOT NULL);

CREATE TABLE users(id bigint PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, record bigint, text text, attributes text, created_ms bigint, hidden boolean, change bigint);
CREATE TABLE items(id bigint PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, record bigint, text text, attributes text, created_ms bigint, hidden boolean, change bigint);
CREATE UNIQUE INDEX users_by_record ON users(record) WHERE record IS NOT NULL;
CREATE UNIQUE INDEX items_by_record ON items(record) WHERE record IS NOT NULL;
CREATE INDEX users_by_change ON users(change) WHERE change IS NOT NULL;
CREATE INDEX items_by_change ON items(change) WHERE change IS NOT NULL;
CREATE TABLE types(id bigint PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE);

-- hash: of all fields, finds repeats
CREATE TABLE events(sequence bigint PRIMARY KEY, user_id bigint NOT NULL, item_id bigint NOT NULL, type_id bigint NOT NULL, value double precision,
                    time_ms bigint NOT NULL, session text, request text COLLATE "C", hash bigint NOT NULL);

CREATE TABLE exposures(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, request text COLLATE "C" NOT NULL, user_name text COLLATE "C" NOT NULL, snapshot text NOT NULL,
                       time_ms bigint NOT NULL, items text NOT NULL, scores text NOT NULL, propensities text NOT NULL, note text NOT NULL);
CREATE INDEX exposures_by_user ON exposures(user_name, id);
CREATE INDEX exposures_by_request ON exposures(request, id);
CREATE TABLE exposure_total(exposures bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO exposure_total VALUES(0);
CREATE TABLE ratings(request text COLLATE "C" PRIMARY KEY, user_name text COLLATE "C" NOT NULL, value double precision NOT NULL, comment text NOT NULL, time_ms bigint NOT NULL);

CREATE TABLE rejections(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, file text NOT NULL, line bigint NOT NULL, reason text NOT NULL, text text NOT NULL,
                        hash bigint NOT NULL UNIQUE);
CREATE TABLE imports(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time_ms bigint NOT NULL, source text NOT NULL, accepted bigint NOT NULL,
                     repeated bigint NOT NULL, rejected bigint NOT NULL, last_sequence bigint NOT NULL, report text NOT NULL);
CREATE TABLE receipts(number bigint PRIMARY KEY, id text NOT NULL, kind text NOT NULL, name_hash text NOT NULL, events bigint NOT NULL,
                      exposures bigint NOT NULL, records bigint NOT NULL, rejections bigint NOT NULL, time_ms bigint NOT NULL, last_sequence bigint NOT NULL);
CREATE TABLE trials(study text COLLATE "C" NOT NULL, number bigint NOT NULL, time_ms bigint NOT NULL, result text NOT NULL, PRIMARY KEY(study, number));

-- each program that writes, and its last write: whether a commit whose answer was lost was kept. (A transaction's number does not tell: after a
-- crash the server may give it again.)
CREATE TABLE writers(name text COLLATE "C" PRIMARY KEY, last bigint NOT NULL, time_ms bigint NOT NULL) WITH (fillfactor = 50);

-- one row, changed with every write: who holds it writes, so that places in the log follow each other in the order of the commits
CREATE TABLE totals(last_sequence bigint NOT NULL, last_record bigint NOT NULL, last_change bigint NOT NULL, last_name bigint NOT NULL, last_receipt bigint NOT NULL,
                    events bigint NOT NULL, users bigint NOT NULL, items bigint NOT NULL, rejections bigint NOT NULL, imports bigint NOT NULL,
                    first_ms bigint NOT NULL, last_ms bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO totals VALUES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

CREATE VIEW log AS SELECT e.sequence, u.name AS "user", i.name AS item, t.name AS type, e.value, to_timestamp(e.time_ms / 1000.0) AS time, e.session, e.request
  FROM events e JOIN users u ON u.id = e.user_id JOIN items i ON i.id = e.item_id JOIN types t ON t.id = e.type_id;
)sql";

constexpr const char* kEventIndexes =
    "CREATE INDEX events_by_user ON events(user_id, time_ms, hash); CREATE INDEX events_by_request ON events(request) WHERE request IS NOT NULL";

// False: no store yet.
bool is_store(PgConnection& connection) {
  const PostgresTarget& target = connection.target();
  // By the catalogue's tables: to_regclass() may answer from what the session knew before another made the schema.
  if (connection.once("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'attune_store'", {target.schema}).integer(0, 0) == 0)
    return false;
  const PgRows version = connection.once("SELECT version FROM " + target.schema + ".attune_store");
  const std::int64_t found = version.size() == 1 ? version.integer(0, 0) : 0;
  if (found > kPostgresStoreVersion)
    throw Error(Code::unsupported, target.shown + " holds a store of version " + std::to_string(found) + ", this program reads up to version " +
                                       std::to_string(kPostgresStoreVersion) + "; use a newer attune");
  if (found < 1) throw Error(Code::bad_data, target.shown + " is damaged (table attune_store says no version); restore it from a backup");
  return true;
}

// Only while nobody else may make a store.
void check_empty(PgConnection& connection) {
  const PostgresTarget& target = connection.target();
  if (connection.once("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'p')", {target.schema}).integer(0, 0) > 0)
    throw Error(Code::bad_data, "the schema " + target.schema + " of " + target.shown + " holds tables of another program; name another one: ?schema=NAME");
}

void check_server(PgConnection& connection) {
  const PgRows server = connection.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('server_version')");
  if (server.integer(0, 0) < kOldestServer)
    throw Error(Code::unsupported, "the server of " + connection.target().shown + " is PostgreSQL " + server.text(0, 2) + "; a store needs 15 or newer");
  if (server.text(0, 1) != "UTF8")
    throw Error(Code::unsupported, connection.target().shown + " has the encoding " + server.text(0, 1) + "; make a database with UTF8: createdb -E UTF8 -T template0 NAME");
}

}  // namespace

std::string channel_of(const PostgresTarget& target) { return "attune_" + target.schema.substr(0, 50); }

void make_or_check_store(PgConnection& connection) {
  check_server(connection);
  if (is_store(connection)) return;
  connection.execute("BEGIN");
  try {
    connection.execute("SELECT pg_advisory_xact_lock(7023620117)");   // two that start at once
    if (!is_store(connection)) {
      check_empty(connection);
      const std::string& schema = connection.target().schema;
      if (connection.once("SELECT count(*) FROM pg_namespace WHERE nspname = $1", {schema}).integer(0, 0) == 0) connection.execute("CREATE SCHEMA " + schema);
      connection.execute(kTables);
      connection.execute(kEventIndexes);
      connection.execute("INSERT INTO attune_store VALUES(" + std::to_string(kPostgresStoreVersion) + ")");
    }
    connection.execute("COMMIT");
  } catch (...) {
    if (connection.is_sound()) connection.execute("ROLLBACK");
    throw;
  }
}

void drop_event_indexes(PgConnection& connection) { connection.execute("DROP INDEX events_by_user, events_by_request"); }
void make_event_indexes(PgConnection& connection) { connection.execute(kEventIndexes); }

}  // namespace attune::data
