// SQLite writer: see the header.
#include "attune/data/sqlite_writer.h"

#include <vector>

#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/list_json.h"
#include "attune/data/sqlite_events.h"
#include "attune/data/sqlite_rows.h"
#include "attune/data/store_rules.h"

namespace attune::data {
namespace {

// The same statement for either table.
const char* pick(Kind kind, const char* of_items, const char* of_users) { return kind == Kind::item ? of_items : of_users; }

std::string_view name_of(Kind kind) { return kind == Kind::item ? "item" : "user"; }

// Rejected rows that name the user.
std::uint64_t erase_rejections(Connection& connection, std::string_view name) {
  std::vector<std::int64_t> found;
  {
    Query all = connection.query("SELECT id, reason, text FROM rejections");
    while (all.step())
      if (names(all.text(1), name) || names(all.text(2), name)) found.push_back(all.integer(0));
  }
  Query drop = connection.query("DELETE FROM rejections WHERE id = ?");
  for (const std::int64_t id : found) drop.with(id).run();
  return found.size();
}

}  // namespace

Totals read_totals(Connection& connection) {
  Query q = connection.query("SELECT last_sequence, last_record, events, users, items, exposures, rejections, imports, first_ms, last_ms, last_change FROM totals");
  if (!q.step()) throw Error(Code::bad_data, "'" + connection.path() + "' is damaged (table totals is empty); put a backup in its place");
  return {q.integer(0), q.integer(1), q.integer(2), q.integer(3), q.integer(4), q.integer(5), q.integer(6), q.integer(7), q.integer(8), q.integer(9), q.integer(10)};
}

Appended SqliteWriter::append(std::span<const Event> events) { return append_events(connection_, totals_, events); }

std::int64_t SqliteWriter::number_of(const char* sql, std::string_view name) {
  Query find = connection_.query(sql);
  return find.with(name).step() ? find.integer(0) : 0;
}

SqliteWriter::TakenOut SqliteWriter::take_out(std::int64_t user, std::int64_t item, std::int64_t type) {
  TakenOut out;
  if (user == 0 || item == 0) return out;
  std::vector<std::int64_t> found;
  {
    Query all = connection_.query("SELECT sequence, value, time_ms, item, type FROM events WHERE user = ? ORDER BY sequence");   // by the index of users
    all.with(user);
    while (all.step()) {
      if (all.integer(3) != item || (type != 0 && all.integer(4) != type)) continue;
      found.push_back(all.integer(0));
      if (!all.is_null(1)) out.value = out.value.value_or(0) + all.real(1);
      is_first_lost_ |= all.integer(2) == totals_.first_ms;
      is_last_lost_ |= all.integer(2) == totals_.last_ms;
    }
  }
  Query drop = connection_.query("DELETE FROM events WHERE sequence = ?");
  for (const std::int64_t sequence : found) drop.with(sequence).run();
  out.count = found.size();
  totals_.events -= static_cast<std::int64_t>(found.size());
  // An event taken back leaves no place in the log by which others could see it.
  if (!found.empty()) connection_.query("UPDATE users SET change = ? WHERE id = ?").with(++totals_.last_change, user).run();
  return out;
}

// Only when the oldest or newest went: a look at all events.
void SqliteWriter::look_at_times() {
  if (is_first_lost_) totals_.first_ms = connection_.number("SELECT MIN(time_ms) FROM events");
  if (is_last_lost_) totals_.last_ms = connection_.number("SELECT MAX(time_ms) FROM events");
  is_first_lost_ = is_last_lost_ = false;
}

Appended SqliteWriter::amend(std::span<const Event> events, Amend how) {
  Appended done;
  for (const Event& given : events) {
    const std::int64_t type = number_of("SELECT id FROM types WHERE name = ?", given.type);
    const TakenOut before = type == 0 ? TakenOut{} : take_out(number_of("SELECT id FROM users WHERE name = ?", given.user), number_of("SELECT id FROM items WHERE name = ?", given.item), type);
    Event event = given;
    if (how == Amend::add_up) add_value(event, before.value);
    const Appended one = append_events(connection_, totals_, std::span(&event, 1));
    if (event.time_ms >= totals_.last_ms) is_last_lost_ = false;   // there is a newest one again
    if (event.time_ms <= totals_.first_ms) is_first_lost_ = false;
    done.accepted += one.accepted;
    done.repeated += before.count;
  }
  done.last = static_cast<Sequence>(totals_.last_sequence);
  look_at_times();
  return done;
}

std::uint64_t SqliteWriter::retract(std::string_view user, std::string_view item, std::string_view type) {
  const std::int64_t number = type.empty() ? 0 : number_of("SELECT id FROM types WHERE name = ?", type);
  if (!type.empty() && number == 0) return 0;
  const TakenOut out = take_out(number_of("SELECT id FROM users WHERE name = ?", user), number_of("SELECT id FROM items WHERE name = ?", item), number);
  look_at_times();
  return out.count;
}

bool SqliteWriter::put(Kind kind, std::span<const Record> records) {
  bool is_new = false;
  Query find = connection_.query(pick(kind, "SELECT name, text, attributes, created_ms, hidden, record, id FROM items WHERE name = ?",
                                      "SELECT name, text, attributes, created_ms, hidden, record, id FROM users WHERE name = ?"));
  Query add = connection_.query(pick(kind, "INSERT INTO items(name, record, text, attributes, created_ms, hidden, change) VALUES(?,?,?,?,?,?,?)",
                                     "INSERT INTO users(name, record, text, attributes, created_ms, hidden, change) VALUES(?,?,?,?,?,?,?)"));
  Query change = connection_.query(pick(kind, "UPDATE items SET record = ?, text = ?, attributes = ?, created_ms = ?, hidden = ?, change = ? WHERE id = ?",
                                        "UPDATE users SET record = ?, text = ?, attributes = ?, created_ms = ?, hidden = ?, change = ? WHERE id = ?"));
  for (const Record& given : records) {
    const bool is_known = find.with(given.name).step();
    const bool has_record = is_known && !find.is_null(5);
    Record record = is_known ? record_of(find) : Record{.name = given.name};
    const std::int64_t place = has_record ? find.integer(5) : totals_.last_record + 1, id = is_known ? find.integer(6) : 0;
    const std::string stored(is_known ? find.text(2) : std::string_view());
    find.reset();
    const bool was_hidden = record.hidden;
    const std::int64_t was_created_ms = record.created_ms;
    const std::string old_text = record.text;
    merge(record, given);
    const std::string attributes = record.attributes.dump();
    // Compared as they lie in the table: 3.0 may be read back as 3, and bytes that are no UTF-8 as their replacement.
    if (has_record && record.text == old_text && attributes == stored && record.created_ms == was_created_ms && record.hidden == was_hidden) continue;
    is_new = true;
    totals_.last_record = std::max(totals_.last_record, place);
    ++totals_.last_change;
    if (is_known) {
      change.with(place, record.text, attributes, record.created_ms, record.hidden ? 1 : 0, totals_.last_change, id).run();
    } else {
      add.with(record.name, place, record.text, attributes, record.created_ms, record.hidden ? 1 : 0, totals_.last_change).run();
      ++(kind == Kind::item ? totals_.items : totals_.users);
    }
  }
  return is_new;
}

std::uint64_t SqliteWriter::reject(std::span<const Rejection> rows) {
  std::uint64_t added = 0;
  Query add = connection_.query("INSERT OR IGNORE INTO rejections(file, line, reason, text, hash) VALUES(?,?,?,?,?)");
  for (const Rejection& row : rows) {
    add.with(row.file, row.line, row.reason, row.text, hash_of(row)).run();
    added += static_cast<std::uint64_t>(connection_.changes());
  }
  totals_.rejections += static_cast<std::int64_t>(added);
  return added;
}

void SqliteWriter::log_import(const Batch& batch, const Appended& done) {
  const std::string report = batch.report.dump();
  connection_.query("INSERT INTO imports(time_ms, source, accepted, repeated, rejected, last_sequence, report) VALUES(?,?,?,?,?,?,?)")
      .with(now_ms(), batch.source, done.accepted, done.repeated, static_cast<std::uint64_t>(batch.rejections.size()), done.last, report)
      .run();
  ++totals_.imports;
}

void SqliteWriter::log_exposure(const Exposure& exposure) {
  const std::string items = json_of(exposure.items), scores = json_of(exposure.scores), propensities = json_of(exposure.propensities);
  connection_.query("INSERT INTO exposures(request, user, snapshot, time_ms, items, scores, propensities, note) VALUES(?,?,?,?,?,?,?,?)")
      .with(exposure.request, exposure.user, exposure.snapshot, exposure.time_ms, items, scores, propensities, exposure.note)
      .run();
  ++totals_.exposures;
}

std::uint64_t SqliteWriter::forget_exposures(std::int64_t before_ms, std::size_t most) {
  // Lists are kept in the order of time, so the oldest stand first.
  connection_.query("DELETE FROM exposures WHERE id IN (SELECT id FROM exposures ORDER BY id LIMIT ?) AND time_ms < ?").with(static_cast<std::int64_t>(most), before_ms).run();
  const auto gone = static_cast<std::uint64_t>(connection_.changes());
  totals_.exposures -= static_cast<std::int64_t>(gone);
  return gone;
}

Receipt SqliteWriter::erase(Kind kind, std::string_view name) {
  const auto number = static_cast<std::uint64_t>(connection_.number("SELECT COALESCE(MAX(number), 0) + 1 FROM receipts"));
  Receipt receipt = begin_receipt(kind, name, number, static_cast<Sequence>(totals_.last_sequence));
  std::int64_t id = 0;
  {
    Query find = connection_.query(pick(kind, "SELECT id, record FROM items WHERE name = ?", "SELECT id, record FROM users WHERE name = ?"));
    if (find.with(name).step()) {
      id = find.integer(0);
      receipt.records = find.is_null(1) ? 0 : 1;
    }
  }
  if (id != 0) {
    connection_.query(pick(kind, "DELETE FROM events WHERE item = ?", "DELETE FROM events WHERE user = ?")).with(id).run();
    receipt.events = static_cast<std::uint64_t>(connection_.changes());
    connection_.query(pick(kind, "DELETE FROM items WHERE id = ?", "DELETE FROM users WHERE id = ?")).with(id).run();
    --(kind == Kind::item ? totals_.items : totals_.users);
  }
  if (kind == Kind::user) {
    connection_.query("DELETE FROM exposures WHERE user = ?").with(name).run();
    receipt.exposures = static_cast<std::uint64_t>(connection_.changes());
    connection_.query("DELETE FROM ratings WHERE user = ?").with(name).run();
    receipt.rejections = erase_rejections(connection_, name);
  }
  if (id == 0 && receipt.exposures + receipt.rejections == 0) nothing_to_erase(kind, name);
  totals_.events -= static_cast<std::int64_t>(receipt.events);
  totals_.exposures -= static_cast<std::int64_t>(receipt.exposures);
  totals_.rejections -= static_cast<std::int64_t>(receipt.rejections);
  totals_.first_ms = connection_.number("SELECT MIN(time_ms) FROM events");
  totals_.last_ms = connection_.number("SELECT MAX(time_ms) FROM events");
  connection_.query("INSERT INTO receipts VALUES(?,?,?,?,?,?,?,?,?,?)")
      .with(number, receipt.id, name_of(kind), receipt.name_hash, receipt.events, receipt.exposures, receipt.records, receipt.rejections,
            receipt.time_ms, receipt.sequence)
      .run();
  return receipt;
}

void SqliteWriter::finish() {
  const Totals& t = totals_;
  connection_.query("UPDATE totals SET last_sequence=?, last_record=?, events=?, users=?, items=?, exposures=?, rejections=?, imports=?, first_ms=?, last_ms=?, last_change=?")
      .with(t.last_sequence, t.last_record, t.events, t.users, t.items, t.exposures, t.rejections, t.imports, t.first_ms, t.last_ms, t.last_change)
      .run();
}

}  // namespace attune::data
