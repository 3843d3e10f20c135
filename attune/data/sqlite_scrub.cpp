// SQLite scrub: see the header. Deleted cells are zeroed in their page (secure_delete), but copies may stand in the
// write-ahead log and in pages whose cells were moved when the tree was balanced. So the log is emptied and cut to nothing,
// and if the bytes of the name are still in the file, it is written anew (VACUUM). Cost: one reading of the file; a
// rewriting when needed.
#include "attune/data/sqlite_scrub.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "attune/core/error.h"

namespace attune::data {
namespace {


constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

bool file_holds(const std::string& path, std::string_view name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) throw Error(Code::io, "cannot read '" + path + "' to make sure that nothing remains");
  std::vector<char> block(kBlockBytes + name.size());
  std::size_t kept = 0;  // end of the last block, where a name may begin
  for (;;) {
    const std::size_t n = std::fread(block.data() + kept, 1, kBlockBytes, file.get());
    if (memmem(block.data(), kept + n, name.data(), name.size()) != nullptr) return true;
    if (n < kBlockBytes) return false;
    const std::size_t tail = name.size() - 1;
    std::memmove(block.data(), block.data() + kept + n - tail, tail);
    kept = tail;
  }
}

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
  if (file_holds(connection.path(), name)) {
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
