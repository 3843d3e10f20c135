// SQLite pool: connections of one store to read with: opened when none is idle, kept for the next read. For the SQLite store only.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "attune/data/sqlite_connection.h"

namespace attune::data {

// Safe from many threads.
class SqlitePool {
 public:
  SqlitePool(std::string path, int wait_ms) : path_(std::move(path)), wait_ms_(wait_ms) {}
  const std::string& path() const noexcept { return path_; }
  int wait_ms() const noexcept { return wait_ms_; }

  // A connection for the length of one read.
  class Reader {
   public:
    explicit Reader(const SqlitePool& pool);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    const SqlitePool& pool_;
    std::unique_ptr<Connection> connection_;
  };

  // So that no idle one keeps old pages in use.
  void close_idle();

 private:
  const std::string path_;
  const int wait_ms_;
  // Readers come and go within const methods of the store: a cache, and guarded.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace attune::data
