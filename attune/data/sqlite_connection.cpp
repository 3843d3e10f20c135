// SQLite connection: see the header.
#include "attune/data/sqlite_connection.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "attune/core/error.h"

namespace attune::data {
namespace {

// Who holds the write lock, from the kernel's table of locks: "process 4711 (attune)". Opening the lock file to ask it
// would, by POSIX rules, drop this process's own locks when it is closed again.
std::string writer_of(const std::string& path) {
  struct stat info {};
  if (::stat((path + "-shm").c_str(), &info) != 0) return "another process";
  char id[64];
  std::snprintf(id, sizeof id, "%02x:%02x:%llu", major(info.st_dev), minor(info.st_dev), static_cast<unsigned long long>(info.st_ino));
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, posix, advisory, mode, pid, inode, start;
    words >> number >> posix >> advisory >> mode >> pid >> inode >> start;
    if (inode != id || mode != "WRITE" || start != "120") continue;  // byte 120 of the -shm file: SQLite's WAL write lock
    std::string program;
    std::getline(std::ifstream("/proc/" + pid + "/comm"), program);
    return "process " + pid + (program.empty() ? "" : " (" + program + ")");
  }
  return "another process";
}

// SQLite does not say why a file beside the store cannot be made.
bool is_read_only(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return ::access(path.c_str(), W_OK) != 0 || ::access(folder.c_str(), W_OK) != 0;
}

}  // namespace

Query::~Query() { reset(); }

void Query::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Query::step() {
  const int status = sqlite3_step(statement_);
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  connection_.fail(status);
}

void Query::run() {
  while (step()) {
  }
  sqlite3_reset(statement_);
}

void Query::check_bound(int status) {
  if (status != SQLITE_OK) connection_.fail(status);
}
void Query::bind(int at, std::nullptr_t) { check_bound(sqlite3_bind_null(statement_, at)); }
void Query::bind(int at, std::int64_t value) { check_bound(sqlite3_bind_int64(statement_, at, value)); }
void Query::bind(int at, double value) { check_bound(sqlite3_bind_double(statement_, at, value)); }
void Query::bind(int at, std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  check_bound(sqlite3_bind_text64(statement_, at, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view Query::text(int column) const {
  const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return begin ? std::string_view(begin, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string_view();
}

Connection::Connection(std::string path, int wait_ms) : path_(std::move(path)), wait_ms_(wait_ms) {
  const int status = sqlite3_open_v2(path_.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (status != SQLITE_OK) {
    const std::string why = db_ ? sqlite3_errmsg(db_) : sqlite3_errstr(status);
    sqlite3_close(db_);
    throw Error(Code::io, "cannot open '" + path_ + "': " + why + "; the folder must exist and be writable");
  }
  sqlite3_busy_timeout(db_, wait_ms_);
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Query Connection::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr)
    if (const int status = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr); status != SQLITE_OK) fail(status);
  return Query(*this, statement);
}

void Connection::execute(const std::string& sql) {
  if (const int status = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr); status != SQLITE_OK) fail(status);
}

std::int64_t Connection::number(const char* sql) {
  Query q = query(sql);
  return q.step() ? q.integer(0) : 0;
}

void Connection::set_wait(int wait_ms) {
  wait_ms_ = wait_ms;
  sqlite3_busy_timeout(db_, wait_ms_);
}
bool Connection::file_holds(std::string_view bytes) const {
  constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20;
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) != SQLITE_OK || file == nullptr || file->pMethods == nullptr ||
      file->pMethods->xFileSize(file, &size) != SQLITE_OK)
    throw Error(Code::io, "cannot read '" + path_ + "' to make sure that nothing remains");
  const auto tail = static_cast<std::int64_t>(bytes.size()) - 1;   // the end of a block, where the bytes may begin
  std::vector<char> block(static_cast<std::size_t>(kBlockBytes + tail));
  for (std::int64_t from = 0; from < size; from += kBlockBytes) {
    const auto n = std::min<std::int64_t>(kBlockBytes + tail, size - from);
    if (file->pMethods->xRead(file, block.data(), static_cast<int>(n), from) != SQLITE_OK)
      throw Error(Code::io, "cannot read '" + path_ + "' to make sure that nothing remains");
    if (::memmem(block.data(), static_cast<std::size_t>(n), bytes.data(), bytes.size()) != nullptr) return true;
  }
  return false;
}

std::int64_t Connection::changes() const { return sqlite3_changes64(db_); }
std::int64_t Connection::last_rowid() const { return sqlite3_last_insert_rowid(db_); }

void Connection::fail(int status) const {
  const std::string file = "'" + path_ + "'", why = std::string(" (") + sqlite3_errmsg(db_) + ")";
  switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(Code::io, file + ": " + writer_of(path_) + " is writing to it, waited " + std::to_string(wait_ms_ / 1000.0).substr(0, 4) +
                                " s; try again when it is done");
    case SQLITE_NOTADB:
      throw Error(Code::bad_data, file + " is no attune store" + why + "; name another file or move this one away");
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // the tables are not what this version makes: our statements are the same on every store
    case SQLITE_CONSTRAINT:
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
      throw Error(Code::bad_data, file + " is damaged" + why + "; put a backup in its place, or move it away and import again");
    case SQLITE_FULL:
      throw Error(Code::io, file + ": the disk is full, nothing of this write was kept; make room and try again");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (const int error = sqlite3_system_errno(db_); error == ENOSPC || error == EDQUOT || error == EFBIG)
        throw Error(Code::io, file + ": the disk is full (" + std::strerror(error) + "), nothing of this write was kept; make room and try again");
      if (is_read_only(path_))
        throw Error(Code::io, file + " or its folder is read-only; the store needs to write there, even to be read: change the rights or copy the workspace");
      throw Error(Code::io, file + ": the disk says no" + why + "; nothing of this write was kept");
    case SQLITE_READONLY:
      throw Error(Code::io, file + " or its folder is read-only" + why + "; the store needs to write there, even to be read: change the rights or copy the workspace");
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw Error(Code::io, file + ": the disk says no" + why + "; nothing of this write was kept");
    case SQLITE_NOMEM: throw Error(Code::io, file + ": out of memory");
    case SQLITE_TOOBIG: throw Error(Code::bad_request, file + ": a text is too long to be stored" + why);
    default: throw Error(Code::internal, file + ": unexpected answer of SQLite" + why);
  }
}

Unsynced::~Unsynced() {
  try {
    connection_.execute("PRAGMA synchronous=FULL");
  } catch (const Error&) {
    // The pragma touches no file; it cannot fail on a connection that just set it.
  }
}

Transaction::Transaction(Connection& connection) : connection_(connection) { connection_.query("BEGIN IMMEDIATE").run(); }

Transaction::~Transaction() {
  if (!is_open_) return;
  try {
    connection_.execute("ROLLBACK");
  } catch (const Error&) {
    // SQLite has rolled back by itself after some errors; there is nothing left to undo.
  }
}

void Transaction::commit() {
  connection_.query("COMMIT").run();
  is_open_ = false;
}

}  // namespace attune::data
