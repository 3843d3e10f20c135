// PostgreSQL pages: see the header.
#include "attune/data/postgres_pages.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "attune/core/sorted.h"
#include "attune/data/postgres_rows.h"

namespace attune::data {
namespace {

constexpr std::size_t kPage = 20000, kPageOfLists = 2000;     // rows held at once

using NamesByNumber = std::unordered_map<std::int64_t, std::string>;

// Makes the names of all numbers in a column known.
void learn(PgConnection& c, const PgRows& page, std::size_t column, const char* sql, NamesByNumber& known) {
  std::vector<std::int64_t> asked;
  for (std::size_t r = 0; r < page.size(); ++r)
    if (!known.contains(page.integer(r, column))) asked.push_back(page.integer(r, column));
  sort_unique(asked);
  if (asked.empty()) return;
  const PgRows rows = c.query(sql, {PgValue::list(asked)});
  for (std::size_t r = 0; r < rows.size(); ++r) known.emplace(rows.integer(r, 0), rows.text(r, 1));
}

}  // namespace

void read_events(const PgTransactions& at, Sequence from, const std::function<void(const StoredEvent&)>& sink) {
  NamesByNumber users, items, types;
  StoredEvent stored;
  for (;;) {
    const PgRows rows = at.read([&](PgConnection& c) {
      const PgRows page = c.query("SELECT sequence, user_id, item_id, type_id, value, time_ms, session, request FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2", {from, kPage});
      learn(c, page, 1, "SELECT id, name FROM users WHERE id = ANY($1::bigint[])", users);
      learn(c, page, 2, "SELECT id, name FROM items WHERE id = ANY($1::bigint[])", items);
      learn(c, page, 3, "SELECT id, name FROM types WHERE id = ANY($1::bigint[])", types);
      return page;
    });
    for (std::size_t r = 0; r < rows.size(); ++r) {
      from = stored.sequence = static_cast<Sequence>(rows.integer(r, 0));
      const auto user = users.find(rows.integer(r, 1)), item = items.find(rows.integer(r, 2)), type = types.find(rows.integer(r, 3));
      if (user == users.end() || item == items.end() || type == types.end()) continue;   // erased since the page was read
      stored.event.user = user->second;
      stored.event.item = item->second;
      stored.event.type = type->second;
      stored.event.value = rows.is_null(r, 4) ? std::nullopt : std::optional(rows.real(r, 4));
      stored.event.time_ms = rows.integer(r, 5);
      stored.event.session = rows.text(r, 6);
      stored.event.request = rows.text(r, 7);
      sink(stored);
    }
    if (rows.size() < kPage) return;
  }
}

void read_records(const PgTransactions& at, Kind kind, const std::function<void(const Record&)>& sink) {
  for (std::int64_t from = 0;;) {
    const PgRows rows = at.read([&](PgConnection& c) {
      return c.query(kind == Kind::item ? "SELECT name, text, attributes, created_ms, hidden, record FROM items WHERE record > $1 ORDER BY record LIMIT $2"
                                        : "SELECT name, text, attributes, created_ms, hidden, record FROM users WHERE record > $1 ORDER BY record LIMIT $2",
                     {from, kPage});
    });
    for (std::size_t r = 0; r < rows.size(); ++r) {
      from = rows.integer(r, 5);
      sink(record_of(rows, r));
    }
    if (rows.size() < kPage) return;
  }
}

void read_rejections(const PgTransactions& at, std::size_t limit, const std::function<void(const Rejection&)>& sink) {
  for (std::int64_t from = 0; limit > 0;) {
    const PgRows rows = at.read([&](PgConnection& c) { return c.query("SELECT id, file, line, reason, text FROM rejections WHERE id > $1 ORDER BY id LIMIT $2", {from, std::min(limit, kPage)}); });
    for (std::size_t r = 0; r < rows.size(); ++r) sink({rows.text(r, 1), static_cast<std::uint64_t>(rows.integer(r, 2)), rows.text(r, 3), rows.text(r, 4)});
    if (rows.size() < std::min(limit, kPage)) return;
    limit -= rows.size();
    from = rows.integer(rows.size() - 1, 0);
  }
}

void read_exposures(const PgTransactions& at, const std::function<void(const Exposure&)>& sink) {
  for (std::int64_t from = 0;;) {
    const PgRows rows = at.read([&](PgConnection& c) {
      return c.query("SELECT id, request, user_name, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE id > $1 ORDER BY id LIMIT $2", {from, kPageOfLists});
    });
    for (std::size_t r = 0; r < rows.size(); ++r) {
      from = rows.integer(r, 0);
      sink(exposure_of(rows, r, 1));
    }
    if (rows.size() < kPageOfLists) return;
  }
}

}  // namespace attune::data
