// PostgreSQL writer: see the header.
#include "attune/data/postgres_writer.h"

#include <algorithm>
#include <vector>

#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/postgres_rows.h"
#include "attune/data/postgres_schema.h"
#include "attune/data/store_rules.h"

namespace attune::data {
namespace {

constexpr std::size_t kRecordsAtOnce = 2000;

// The same statement for either table.
const char* pick(Kind kind, const char* of_items, const char* of_users) { return kind == Kind::item ? of_items : of_users; }

std::string_view name_of(Kind kind) { return kind == Kind::item ? "item" : "user"; }

// A record as it lies in the table, or will.
struct Stored {
  std::int64_t id = 0, place = 0;      // 0 = not there
  Record record;
  std::string attributes;
  bool is_known = false, has_record = false, is_changed = false;
};

std::uint64_t erase_rejections(PgConnection& connection, std::string_view name) {
  // The server looks for the bytes, we for a word of its own.
  const PgRows found = connection.query("SELECT id, reason, text FROM rejections WHERE position($1 in reason) > 0 OR position($1 in text) > 0", {name});
  std::vector<std::int64_t> ids;
  for (std::size_t r = 0; r < found.size(); ++r)
    if (names(found.text(r, 1), name) || names(found.text(r, 2), name)) ids.push_back(found.integer(r, 0));
  if (!ids.empty()) connection.query("DELETE FROM rejections WHERE id = ANY($1::bigint[])", {PgValue::list(ids)});
  return ids.size();
}

}  // namespace

PgTotals totals_of(const PgRows& rows) {
  if (rows.size() != 1) throw Error(Code::bad_data, "the store is damaged (table totals has " + std::to_string(rows.size()) + " rows, expected 1); restore it from a backup");
  const auto n = [&](std::size_t column) { return rows.integer(0, column); };
  return {n(0), n(1), n(2), n(3), n(4), n(5), n(6), n(7), n(8), n(9), n(10), n(11)};
}

void KnownNames::clear() {
  users.clear();
  items.clear();
  types.clear();
  receipt = -1;
}

PostgresWriter::PostgresWriter(PgConnection& connection, KnownNames& known, WriteMark mark) : connection_(connection), known_(known), mark_(std::move(mark)) {
  const PgRows rows = connection.execute(std::string("BEGIN; SELECT ") + kTotalColumns + " FROM totals FOR UPDATE");
  totals_ = totals_of(rows);
  if (known_.receipt != totals_.last_receipt) known_.clear();     // names may be gone
  known_.receipt = totals_.last_receipt;
}

Appended PostgresWriter::append(std::span<const Event> events) {
  const auto is_repeat = append_events(connection_, totals_, known_, events);
  const auto repeated = static_cast<std::uint64_t>(std::count(is_repeat.begin(), is_repeat.end(), 1));
  return {.last = static_cast<Sequence>(totals_.last_sequence), .accepted = events.size() - repeated, .repeated = repeated};
}

// Requests of one event each come by the hundred: a look for each would be as many round trips (bench/serve/replicas.py).
std::vector<Appended> PostgresWriter::append(std::span<const std::vector<Event>> groups) {
  std::vector<Event> all;
  for (const std::vector<Event>& events : groups) all.insert(all.end(), events.begin(), events.end());
  auto last = static_cast<Sequence>(totals_.last_sequence);
  const auto is_repeat = append_events(connection_, totals_, known_, all);
  std::vector<Appended> done;
  auto at = is_repeat.begin();
  for (const std::vector<Event>& events : groups) {
    const auto end = at + static_cast<std::ptrdiff_t>(events.size());
    const auto repeated = static_cast<std::uint64_t>(std::count(at, end, 1));
    last += events.size() - repeated;
    done.push_back({.last = last, .accepted = events.size() - repeated, .repeated = repeated});
    at = end;
  }
  return done;
}

PostgresWriter::TakenOut PostgresWriter::take_out(std::string_view user, std::string_view item, std::optional<std::string_view> type) {
  const PgRows rows = connection_.query(
      "DELETE FROM events e USING users u, items i WHERE u.name = $1 AND i.name = $2 AND e.user_id = u.id AND e.item_id = i.id "
      "AND ($3::text IS NULL OR e.type_id = (SELECT id FROM types WHERE name = $3)) RETURNING e.value",
      {user, item, type ? PgValue(*type) : PgValue(nullptr)});
  TakenOut out{.count = rows.size(), .value = {}};
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (!rows.is_null(r, 0)) out.value = out.value.value_or(0) + rows.real(r, 0);
  totals_.events -= static_cast<std::int64_t>(out.count);
  // Others who have the user's history in memory are told by the user's row: taken back events leave no place in the log.
  if (out.count > 0) connection_.query("UPDATE users SET change = $1 WHERE name = $2", {++totals_.last_change, user});
  return out;
}

void PostgresWriter::look_at_times() {
  const PgRows times = connection_.query("SELECT COALESCE(MIN(time_ms), 0), COALESCE(MAX(time_ms), 0) FROM events");
  totals_.first_ms = times.integer(0, 0);
  totals_.last_ms = times.integer(0, 1);
}

Appended PostgresWriter::amend(std::span<const Event> events, Amend how) {
  Appended done;
  std::uint64_t out = 0;
  for (const Event& given : events) {
    const TakenOut before = take_out(given.user, given.item, given.type);
    Event event = given;
    if (how == Amend::add_up) add_value(event, before.value);
    done.accepted += append(std::span(&event, 1)).accepted;
    out += before.count;
  }
  done.repeated = out;
  done.last = static_cast<Sequence>(totals_.last_sequence);
  if (out > 0) look_at_times();
  return done;
}

std::uint64_t PostgresWriter::retract(std::string_view user, std::string_view item, std::string_view type) {
  const TakenOut out = take_out(user, item, type.empty() ? std::nullopt : std::optional(type));
  if (out.count > 0) look_at_times();
  return out.count;
}

bool PostgresWriter::put(Kind kind, std::span<const Record> records) {
  bool is_new = false;
  for (std::size_t at = 0; at < records.size(); at += kRecordsAtOnce) {
    const auto some = records.subspan(at, std::min(kRecordsAtOnce, records.size() - at));
    std::vector<std::string_view> asked;
    for (const Record& record : some) asked.push_back(record.name);
    NameMap<Stored> now;
    const PgRows rows = connection_.query(pick(kind, "SELECT name, text, attributes, created_ms, hidden, record, id FROM items WHERE name = ANY($1::text[])",
                                               "SELECT name, text, attributes, created_ms, hidden, record, id FROM users WHERE name = ANY($1::text[])"),
                                          {PgValue::list(asked)});
    for (std::size_t r = 0; r < rows.size(); ++r)
      now[rows.text(r, 0)] = {.id = rows.integer(r, 6), .place = rows.integer(r, 5), .record = record_of(rows, r), .attributes = rows.text(r, 2), .is_known = true, .has_record = !rows.is_null(r, 5)};
    std::vector<Stored*> order;
    for (const Record& given : some) {
      const auto [it, is_first] = now.try_emplace(given.name);
      Stored& stored = it->second;
      if (is_first) stored.record.name = given.name;
      Record merged = stored.record;
      merge(merged, given);
      const std::string attributes = merged.attributes.dump();
      // Compared as they lie in the table: 3.0 may be read back as 3, and bytes that are no UTF-8 as their replacement.
      if (stored.has_record && merged.text == stored.record.text && attributes == stored.attributes && merged.created_ms == stored.record.created_ms &&
          merged.hidden == stored.record.hidden)
        continue;
      if (!stored.has_record) stored.place = ++totals_.last_record;
      stored.has_record = true;
      stored.record = std::move(merged);
      stored.attributes = attributes;
      if (!stored.is_changed) order.push_back(&stored);
      stored.is_changed = true;
    }
    is_new |= !order.empty();
    for (const Stored* stored : order) {
      const Record& record = stored->record;
      if (stored->is_known) {
        connection_.query(pick(kind, "UPDATE items SET record = $1, text = $2, attributes = $3, created_ms = $4, hidden = $5, change = $6 WHERE id = $7",
                               "UPDATE users SET record = $1, text = $2, attributes = $3, created_ms = $4, hidden = $5, change = $6 WHERE id = $7"),
                          {stored->place, record.text, stored->attributes, record.created_ms, record.hidden, ++totals_.last_change, stored->id});
        continue;
      }
      connection_.query(pick(kind, "INSERT INTO items(id, name, record, text, attributes, created_ms, hidden, change) VALUES($1, $2, $3, $4, $5, $6, $7, $8)",
                             "INSERT INTO users(id, name, record, text, attributes, created_ms, hidden, change) VALUES($1, $2, $3, $4, $5, $6, $7, $8)"),
                        {++totals_.last_name, record.name, stored->place, record.text, stored->attributes, record.created_ms, record.hidden, ++totals_.last_change});
      ++(kind == Kind::item ? totals_.items : totals_.users);
    }
  }
  return is_new;
}

std::uint64_t PostgresWriter::reject(std::span<const Rejection> rows) {
  std::uint64_t added = 0;
  for (const Rejection& row : rows)
    added += connection_.query("INSERT INTO rejections(file, line, reason, text, hash) VALUES($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING",
                               {row.file, row.line, row.reason, row.text, hash_of(row)}).changed();
  totals_.rejections += static_cast<std::int64_t>(added);
  return added;
}

void PostgresWriter::log_import(const Batch& batch, const Appended& done) {
  connection_.query("INSERT INTO imports(time_ms, source, accepted, repeated, rejected, last_sequence, report) VALUES($1, $2, $3, $4, $5, $6, $7)",
                    {now_ms(), batch.source, done.accepted, done.repeated, static_cast<std::uint64_t>(batch.rejections.size()), done.last, batch.report.dump()});
  ++totals_.imports;
}

Receipt PostgresWriter::erase(Kind kind, std::string_view name) {
  const auto number = static_cast<std::uint64_t>(totals_.last_receipt + 1);
  Receipt receipt = begin_receipt(kind, name, number, static_cast<Sequence>(totals_.last_sequence));
  const PgRows found = connection_.query(pick(kind, "SELECT id, record FROM items WHERE name = $1", "SELECT id, record FROM users WHERE name = $1"), {name});
  const bool is_known = found.size() > 0;
  if (is_known) {
    const std::int64_t id = found.integer(0, 0);
    receipt.records = found.is_null(0, 1) ? 0 : 1;
    receipt.events = connection_.query(pick(kind, "DELETE FROM events WHERE item_id = $1", "DELETE FROM events WHERE user_id = $1"), {id}).changed();
    connection_.query(pick(kind, "DELETE FROM items WHERE id = $1", "DELETE FROM users WHERE id = $1"), {id});
    --(kind == Kind::item ? totals_.items : totals_.users);
  }
  if (kind == Kind::user) {
    receipt.exposures = connection_.query("DELETE FROM exposures WHERE user_name = $1", {name}).changed();
    connection_.query("DELETE FROM ratings WHERE user_name = $1", {name});
    receipt.rejections = erase_rejections(connection_, name);
  }
  if (!is_known && receipt.exposures + receipt.rejections == 0) nothing_to_erase(kind, name);
  if (receipt.exposures > 0) connection_.query("UPDATE exposure_total SET exposures = exposures - $1", {receipt.exposures});
  totals_.events -= static_cast<std::int64_t>(receipt.events);
  totals_.rejections -= static_cast<std::int64_t>(receipt.rejections);
  look_at_times();
  totals_.last_receipt = static_cast<std::int64_t>(number);
  known_.clear();
  connection_.query("INSERT INTO receipts VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    {number, receipt.id, name_of(kind), receipt.name_hash, receipt.events, receipt.exposures, receipt.records, receipt.rejections, receipt.time_ms, receipt.sequence});
  return receipt;
}

bool was_kept(PgConnection& connection, const WriteMark& mark) {
  connection.execute("BEGIN; SELECT 1 FROM totals FOR UPDATE");
  const PgRows rows = connection.once("SELECT last FROM writers WHERE name = $1", {mark.name});
  connection.execute("COMMIT");
  return rows.size() > 0 && rows.integer(0, 0) == mark.number;
}

void PostgresWriter::finish() {
  const PgTotals& t = totals_;
  std::string sql = "UPDATE totals SET (";
  sql += kTotalColumns;
  sql += ") = (";
  for (const std::int64_t number : {t.last_sequence, t.last_record, t.last_change, t.last_name, t.last_receipt, t.events, t.users, t.items, t.rejections, t.imports, t.first_ms, t.last_ms})
    sql += (sql.back() == '(' ? "" : ", ") + std::to_string(number);
  sql += "); INSERT INTO writers VALUES('" + mark_.name + "', " + std::to_string(mark_.number) + ", " + std::to_string(now_ms()) +
         ") ON CONFLICT (name) DO UPDATE SET last = excluded.last, time_ms = excluded.time_ms; NOTIFY ";
  connection_.execute(sql + channel_of(connection_.target()) + "; COMMIT");
}

}  // namespace attune::data
