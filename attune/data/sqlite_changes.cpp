// SQLite changes: see the header.
#include "attune/data/sqlite_changes.h"

#include <chrono>
#include <thread>
#include <utility>

#include "attune/data/sqlite_rows.h"

namespace attune::data {
namespace {

constexpr std::chrono::milliseconds kLook{20};   // how often SQLite is asked whether another connection wrote: it tells nobody by itself
constexpr const char* kVersion = "PRAGMA data_version";   // another number after a commit of another connection

}  // namespace

Marks marks(Connection& connection) {
  Query row = connection.query("SELECT last_sequence, last_change, (SELECT COALESCE(MAX(number), 0) FROM receipts) FROM totals");
  if (!row.step()) return {};
  return {.sequence = static_cast<Sequence>(row.integer(0)), .change = static_cast<std::uint64_t>(row.integer(1)), .receipt = static_cast<std::uint64_t>(row.integer(2))};
}

std::vector<Record> items_between(Connection& connection, std::uint64_t after, std::uint64_t last) {
  return all_of(connection, "SELECT name, text, attributes, created_ms, hidden FROM items WHERE change > ? AND change <= ? ORDER BY change", record_of, after, last);
}

std::vector<std::string> users_between(Connection& connection, std::uint64_t after, std::uint64_t last) {
  return all_of(connection, "SELECT name FROM users WHERE change > ? AND change <= ? ORDER BY change", first_text, after, last);
}

std::vector<Receipt> receipts_between(Connection& connection, std::uint64_t after, std::uint64_t last) {
  return all_of(connection, "SELECT id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence FROM receipts WHERE number > ? AND number <= ? ORDER BY number", receipt_of, after,
                last);
}

std::vector<StoredEvent> events_between(Connection& connection, Sequence after, Sequence last) {
  Query rows = connection.query("SELECT sequence, item, type, value, time_ms, session, request, user FROM events WHERE sequence > ? AND sequence <= ? ORDER BY sequence");
  rows.with(after, last);
  return events_of(connection, rows);
}

void SqliteListener::wait(const std::string& path, int wait_ms, int most_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(most_ms);
  if (!connection_) {
    connection_ = std::make_unique<Connection>(path, wait_ms);
    heard_ = connection_->number(kVersion);
    return;   // something may have been written before
  }
  while (std::chrono::steady_clock::now() < until) {
    if (const std::int64_t now = connection_->number(kVersion); now != std::exchange(heard_, now)) return;
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace attune::data
