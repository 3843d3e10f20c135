// SQLite changes: what other connections wrote since somebody last looked (changes.h). For the SQLite store only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "attune/data/changes.h"
#include "attune/data/sqlite_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of FollowedStore by these names say.
Marks marks(Connection& connection);
std::vector<Record> items_between(Connection& connection, std::uint64_t after, std::uint64_t last);
std::vector<std::string> users_between(Connection& connection, std::uint64_t after, std::uint64_t last);
std::vector<Receipt> receipts_between(Connection& connection, std::uint64_t after, std::uint64_t last);
std::vector<StoredEvent> events_between(Connection& connection, Sequence after, Sequence last);

// Tells that another connection has written, by a connection of its own. Of the one thread that follows.
class SqliteListener {
 public:
  // Returns when one has, or after `most_ms`; the first time at once.
  void wait(const std::string& path, int wait_ms, int most_ms);

 private:
  std::unique_ptr<Connection> connection_;
  std::int64_t heard_ = 0;
};

}  // namespace attune::data
