// PostgreSQL changes: what others wrote since somebody last looked (changes.h). For the PostgreSQL store only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "attune/data/changes.h"
#include "attune/data/postgres_transactions.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of FollowedStore by these names say.
Marks marks(const PgTransactions& at);
std::vector<Record> items_between(const PgTransactions& at, std::uint64_t after, std::uint64_t last);
std::vector<std::string> users_between(const PgTransactions& at, std::uint64_t after, std::uint64_t last);
std::vector<Receipt> receipts_between(const PgTransactions& at, std::uint64_t after, std::uint64_t last);
std::vector<StoredEvent> events_between(const PgTransactions& at, Sequence after, Sequence last);

// Hears from the server that somebody has written, in a session of its own. Of the one thread that follows.
class PgListener {
 public:
  // Returns when somebody has, or after `most_ms`; the first time at once. Throws PostgresGone; the next call begins anew.
  void wait(PgPool& pool, int most_ms);

 private:
  std::unique_ptr<PgConnection> connection_;
};

}  // namespace attune::data
