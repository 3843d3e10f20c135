// SQLite scrub: see the header. Deleted cells are zeroed in their page (secure_delete), but copies may stand in the
// write-ahead log and in pages whose cells were moved when the tree was balanced. So the log is emptied and cut to nothing,
// and if the bytes of the name are still in the file, it is written anew (VACUUM). Cost: one reading of the file; a
// rewriting when needed.
#include "attune/data/sqlite_scrub.h"

#include "attune/core/error.h"

namespace attune::data {
namespace {

bool empty_log(Connection& connection) {
  Query checkpoint = connection.query("PRAGMA wal_checkpoint(TRUNCATE)");
  return checkpoint.step() && checkpoint.integer(0) == 0;
}

void note_done(Connection& connection) { connection.query("DELETE FROM meta WHERE key = 'scrub'").run(); }

}  // namespace

void ask_for_scrub(Connection& connection) { connection.query("INSERT OR REPLACE INTO meta VALUES('scrub', 'due')").run(); }

void scrub(Connection& connection, std::string_view name) {
  const auto in_use = [&] {
    throw Error(Code::io, "'" + connection.path() +
                              "': the name is erased, but a reader keeps old pages in use; they are overwritten when the store is next opened");
  };
  if (!empty_log(connection)) in_use();
  if (connection.file_holds(name)) {
    connection.execute("VACUUM");
    if (!empty_log(connection)) in_use();
  }
  note_done(connection);
}

void finish_scrub(Connection& connection) {
  {
    Query due = connection.query("SELECT 1 FROM meta WHERE key = 'scrub'");
    if (!due.step()) return;
  }
  const Waiting not_at_all(connection, 0);  // what is opened now has other work to do
  try {
    connection.execute("VACUUM");
    if (empty_log(connection)) note_done(connection);
  } catch (const Error& error) {
    if (error.code() != Code::io) throw;  // in use or full: the next opening tries again
  }
}

}  // namespace attune::data
