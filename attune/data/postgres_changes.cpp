// PostgreSQL changes: see the header.
#include "attune/data/postgres_changes.h"

#include <poll.h>

#include "attune/data/postgres_rows.h"
#include "attune/data/postgres_schema.h"

namespace attune::data {

Marks marks(const PgTransactions& at) {
  const PgRows rows = at.read([](PgConnection& c) { return c.query("SELECT last_sequence, last_change, last_receipt FROM totals"); });
  return {.sequence = static_cast<Sequence>(rows.integer(0, 0)), .change = static_cast<std::uint64_t>(rows.integer(0, 1)), .receipt = static_cast<std::uint64_t>(rows.integer(0, 2))};
}

std::vector<Record> items_between(const PgTransactions& at, std::uint64_t after, std::uint64_t last) {
  return all_of(at.read([&](PgConnection& c) { return c.query("SELECT name, text, attributes, created_ms, hidden FROM items WHERE change > $1 AND change <= $2 ORDER BY change", {after, last}); }), record_of);
}

std::vector<std::string> users_between(const PgTransactions& at, std::uint64_t after, std::uint64_t last) {
  return all_of(at.read([&](PgConnection& c) { return c.query("SELECT name FROM users WHERE change > $1 AND change <= $2 ORDER BY change", {after, last}); }), first_text);
}

std::vector<Receipt> receipts_between(const PgTransactions& at, std::uint64_t after, std::uint64_t last) {
  const PgRows rows = at.read([&](PgConnection& c) {
    return c.query("SELECT id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence FROM receipts WHERE number > $1 AND number <= $2 ORDER BY number", {after, last});
  });
  return all_of(rows, receipt_of);
}

std::vector<StoredEvent> events_between(const PgTransactions& at, Sequence after, Sequence last) {
  return events_of(at.read([&](PgConnection& c) { return c.query(ATTUNE_NAMED_EVENTS "WHERE e.sequence > $1 AND e.sequence <= $2 ORDER BY e.sequence", {after, last}); }));
}

void PgListener::wait(PgPool& pool, int most_ms) {
  if (!connection_) {
    connection_ = pool.connect(PgPool::Clock::now());
    connection_->execute("LISTEN " + channel_of(pool.target()));
    return;   // something may have been written before
  }
  try {
    if (connection_->take_notifications()) return;
    pollfd socket{.fd = connection_->socket(), .events = POLLIN, .revents = 0};
    ::poll(&socket, 1, most_ms);
    connection_->take_notifications();
  } catch (const PostgresGone&) {
    connection_.reset();
    throw;
  }
}

}  // namespace attune::data
