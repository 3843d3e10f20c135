// PostgreSQL events: appending many to the log: names to numbers, repeats found, rows copied in. Repeats are found by a 64-bit hash of
// all fields (XXH3) under the user and time, and then field by field, so that two events that happen to share a hash are both kept.
#include <algorithm>
#include <charconv>
#include <numeric>
#include <unordered_set>

#include "attune/data/numbered_event.h"
#include "attune/data/postgres_schema.h"
#include "attune/data/postgres_text.h"
#include "attune/data/postgres_writer.h"

namespace attune::data {
namespace {

// From here on, dropping the indexes and sorting them anew beats inserting row by row; the table is locked meanwhile.
constexpr std::size_t kBulkEvents = 50000;
constexpr std::size_t kNamesAtOnce = 10000, kRepeatsAtOnce = 5000;
constexpr std::size_t kKnownNames = 500000;      // about 50 MB

struct Table {
  const char* find;    // id, name of names
  const char* copy;
};
constexpr Table kUsers = {"SELECT id, name FROM users WHERE name = ANY($1::text[])", "COPY users(id, name) FROM STDIN"};
constexpr Table kItems = {"SELECT id, name FROM items WHERE name = ANY($1::text[])", "COPY items(id, name) FROM STDIN"};
constexpr Table kTypes = {"SELECT id, name FROM types WHERE name = ANY($1::text[])", "COPY types(id, name) FROM STDIN"};

void add_number(std::string& out, std::int64_t number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

// Makes every name known; those nobody had get the next numbers. How many these were.
std::int64_t learn(PgConnection& connection, const Table& table, NameMap<std::int64_t>& known, std::span<const std::string_view> names, std::int64_t& last) {
  if (known.size() > kKnownNames) known.clear();
  std::vector<std::string_view> asked;
  std::unordered_set<std::string_view> once;
  for (const std::string_view name : names)
    if (!known.contains(name) && once.insert(name).second) asked.push_back(name);
  for (std::size_t at = 0; at < asked.size(); at += kNamesAtOnce) {
    const PgRows rows = connection.query(table.find, {PgValue::list(std::span(asked).subspan(at, std::min(kNamesAtOnce, asked.size() - at)))});
    for (std::size_t r = 0; r < rows.size(); ++r) known.emplace(rows.text(r, 1), rows.integer(r, 0));
  }
  std::string made;
  std::int64_t added = 0;
  for (const std::string_view name : asked) {
    if (!known.try_emplace(std::string(name), last + 1).second) continue;
    add_number(made, ++last);
    made += '\t';
    add_field(made, name);
    made += '\n';
    ++added;
  }
  if (added > 0) connection.copy(table.copy, made);
  return added;
}

class Appending {
 public:
  Appending(PgConnection& connection, PgTotals& totals, KnownNames& known, std::span<const Event> events)
      : connection_(connection), totals_(totals), known_(known), events_(events) {}

  std::vector<std::uint8_t> run() {
    if (events_.empty()) return {};
    to_numbers();
    find_repeats();
    const bool is_bulk = accepted_ >= kBulkEvents && accepted_ > static_cast<std::size_t>(totals_.events) / 2;
    if (is_bulk) drop_event_indexes(connection_);
    insert();
    if (is_bulk) make_event_indexes(connection_);
    return std::move(is_repeat_);
  }

 private:
  void to_numbers() {
    std::vector<std::string_view> names;
    const auto all = [&](auto name_of) -> std::span<const std::string_view> {
      names.clear();
      for (const Event& event : events_) names.push_back(name_of(event));
      return names;
    };
    first_new_user_ = totals_.last_name + 1;
    totals_.users += learn(connection_, kUsers, known_.users, all([](const Event& e) -> std::string_view { return e.user; }), totals_.last_name);
    end_new_user_ = totals_.last_name;
    totals_.items += learn(connection_, kItems, known_.items, all([](const Event& e) -> std::string_view { return e.item; }), totals_.last_name);
    learn(connection_, kTypes, known_.types, all([](const Event& e) -> std::string_view { return e.type; }), totals_.last_name);
    std::string scratch;
    rows_.reserve(events_.size());
    for (const Event& event : events_) {
      NumberedEvent row{.user = known_.users.find(event.user)->second, .item = known_.items.find(event.item)->second, .type = known_.types.find(event.type)->second};
      row.hash = hash_of(row, event, scratch);
      rows_.push_back(row);
    }
  }

  void find_repeats() {
    std::vector<std::uint32_t> order(rows_.size());
    std::iota(order.begin(), order.end(), 0u);
    // Equal hashes keep the order of the batch: of equal events the first is the one that stays.
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return rows_[a].hash < rows_[b].hash; });
    is_repeat_.assign(rows_.size(), 0);
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
      while (end < order.size() && rows_[order[end]].hash == rows_[order[begin]].hash) ++end;
      for (std::size_t k = begin; k < end; ++k)
        for (std::size_t j = begin; j < k && !is_repeat_[order[k]]; ++j)
          is_repeat_[order[k]] = is_same(rows_[order[k]], events_[order[k]], rows_[order[j]], events_[order[j]]) ? 1 : 0;
    }
    if (totals_.events > 0) find_stored(order);
    accepted_ = static_cast<std::size_t>(std::count(is_repeat_.begin(), is_repeat_.end(), 0));
  }

  // `order` is by hash. Users that are new with these events have none stored.
  void find_stored(const std::vector<std::uint32_t>& order) {
    std::vector<std::int64_t> users, times, hashes;
    const auto ask = [&] {
      if (hashes.empty()) return;
      const PgRows rows = connection_.query(
          "SELECT e.hash, e.user_id, e.item_id, e.type_id, e.value, e.time_ms, e.session, e.request FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS a(u, t, h) "
          "JOIN events e ON e.user_id = a.u AND e.time_ms = a.t AND e.hash = a.h",
          {PgValue::list(users), PgValue::list(times), PgValue::list(hashes)});
      for (std::size_t r = 0; r < rows.size(); ++r) mark(order, rows, r);
      users.clear();
      times.clear();
      hashes.clear();
    };
    for (const std::uint32_t at : order) {
      if (is_repeat_[at] != 0 || (rows_[at].user >= first_new_user_ && rows_[at].user <= end_new_user_)) continue;
      users.push_back(rows_[at].user);
      times.push_back(events_[at].time_ms);
      hashes.push_back(rows_[at].hash);
      if (hashes.size() == kRepeatsAtOnce) ask();
    }
    ask();
  }

  void mark(const std::vector<std::uint32_t>& order, const PgRows& rows, std::size_t r) {
    const NumberedEvent stored{.user = rows.integer(r, 1), .item = rows.integer(r, 2), .type = rows.integer(r, 3), .hash = rows.integer(r, 0)};
    Event event;
    if (!rows.is_null(r, 4)) event.value = rows.real(r, 4);
    event.time_ms = rows.integer(r, 5);
    event.session = rows.text(r, 6);
    event.request = rows.text(r, 7);
    const auto earlier = [&](std::uint32_t at, std::int64_t hash) { return rows_[at].hash < hash; };
    for (auto it = std::lower_bound(order.begin(), order.end(), stored.hash, earlier); it != order.end() && rows_[*it].hash == stored.hash; ++it)
      if (is_same(rows_[*it], events_[*it], stored, event)) is_repeat_[*it] = 1;
  }

  void insert() {
    std::string copied;
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      if (is_repeat_[k] != 0) continue;
      const Event& event = events_[k];
      const NumberedEvent& row = rows_[k];
      for (const std::int64_t number : {++totals_.last_sequence, row.user, row.item, row.type}) {
        add_number(copied, number);
        copied += '\t';
      }
      if (event.value) copied += *PgValue(*event.value).text();
      else copied += "\\N";
      copied += '\t';
      add_number(copied, event.time_ms);
      copied += '\t';
      add_known(copied, event.session);
      add_known(copied, event.request);
      add_number(copied, row.hash);
      copied += '\n';
      if (totals_.events++ == 0) totals_.first_ms = totals_.last_ms = event.time_ms;
      totals_.first_ms = std::min(totals_.first_ms, event.time_ms);
      totals_.last_ms = std::max(totals_.last_ms, event.time_ms);
    }
    if (accepted_ > 0) connection_.copy("COPY events FROM STDIN", copied);
  }

  static void add_known(std::string& out, const std::string& text) {
    if (text.empty()) out += "\\N";
    else add_field(out, text);
    out += '\t';
  }

  PgConnection& connection_;
  PgTotals& totals_;
  KnownNames& known_;
  std::span<const Event> events_;
  std::int64_t first_new_user_ = 0, end_new_user_ = 0;
  std::vector<NumberedEvent> rows_;                 // [events]
  std::vector<std::uint8_t> is_repeat_;   // [events]
  std::size_t accepted_ = 0;
};

}  // namespace

std::vector<std::uint8_t> append_events(PgConnection& connection, PgTotals& totals, KnownNames& known, std::span<const Event> events) {
  return Appending(connection, totals, known, events).run();
}

}  // namespace attune::data
