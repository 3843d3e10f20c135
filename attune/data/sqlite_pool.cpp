// SQLite pool: see the header.
#include "attune/data/sqlite_pool.h"

#include "attune/data/sqlite_schema.h"

namespace attune::data {

SqlitePool::Reader::Reader(const SqlitePool& pool) : pool_(pool) {
  {
    const std::lock_guard lock(pool.mutex_);
    if (!pool.idle_.empty()) {
      connection_ = std::move(pool.idle_.back());
      pool.idle_.pop_back();
    }
  }
  if (connection_) return;
  connection_ = std::make_unique<Connection>(pool.path_, pool.wait_ms_);
  configure(*connection_);
}

SqlitePool::Reader::~Reader() {
  const std::lock_guard lock(pool_.mutex_);
  pool_.idle_.push_back(std::move(connection_));
}

void SqlitePool::close_idle() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace attune::data
