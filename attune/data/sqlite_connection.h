// SQLite connection: statements as values, errors as Error. For the SQLite store only.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace attune::data {

class Connection;

// One use of a prepared statement: with(...) binds, step() or run() executes; forgotten (reset) at the end of its life.
// Texts are bound without a copy and must outlive the step.
class Query {
 public:
  Query(Connection& connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  template <class... Values>
  Query& with(const Values&... values) {
    int at = 0;
    (bind(++at, values), ...);
    return *this;
  }
  bool step();  // is there a row
  void run();   // to the end, ready for the next with()
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // good until the next step

 private:
  void bind(int at, std::nullptr_t);
  void bind(int at, std::int64_t value);
  void bind(int at, double value);
  void bind(int at, std::string_view value);
  void bind(int at, const std::string& value) { bind(at, std::string_view(value)); }
  void bind(int at, std::uint64_t value) { bind(at, static_cast<std::int64_t>(value)); }
  void bind(int at, int value) { bind(at, static_cast<std::int64_t>(value)); }
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    if (value) bind(at, *value);
    else bind(at, nullptr);
  }
  void check_bound(int status);

  Connection& connection_;
  sqlite3_stmt* statement_;
};

// One open file. Belongs to one thread at a time. Prepared statements are kept.
class Connection {
 public:
  // Throws Error: io when it cannot be opened, bad_data when it is no SQLite file.
  Connection(std::string path, int wait_ms);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Query query(const char* sql);       // sql must be a literal: kept by its address
  void execute(const std::string& sql);  // statements without results, not kept
  std::int64_t number(const char* sql);  // first column of the first row, 0 without one
  void set_wait(int wait_ms);            // for another process, from now on
  int wait_ms() const { return wait_ms_; }
  // Do these bytes stand anywhere in the file (not its log). Reads through SQLite's own handle: a file opened and closed beside it would,
  // by POSIX rules, drop this process's locks, and another process would take the store for abandoned and delete its log.
  bool file_holds(std::string_view bytes) const;
  std::int64_t changes() const;
  std::int64_t last_rowid() const;
  // What went wrong, as an Error that says what to do.
  [[noreturn]] void fail(int status) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int wait_ms_;
  sqlite3* db_ = nullptr;
  std::map<const char*, sqlite3_stmt*> statements_;
};

// Another wait for the length of a scope.
class Waiting {
 public:
  Waiting(Connection& connection, int wait_ms) : connection_(connection), before_ms_(connection.wait_ms()) { connection_.set_wait(wait_ms); }
  ~Waiting() { connection_.set_wait(before_ms_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Connection& connection_;
  int before_ms_;
};

// Commits that do not wait for the disk, for the length of a scope.
class Unsynced {
 public:
  explicit Unsynced(Connection& connection) : connection_(connection) { connection_.execute("PRAGMA synchronous=NORMAL"); }
  ~Unsynced();
  Unsynced(const Unsynced&) = delete;
  Unsynced& operator=(const Unsynced&) = delete;

 private:
  Connection& connection_;
};

// BEGIN IMMEDIATE at birth, rolled back at the end of its life unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool is_open_ = true;
};

}  // namespace attune::data
