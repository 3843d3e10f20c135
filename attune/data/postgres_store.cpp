// PostgreSQL store: the log and the tables in a schema of a database, for several processes at once. One session writes, each reader
// at work has its own, at most PgPool::kMost (postgres_transactions.h).
// Order: the row of `totals` is the turn to write, over all processes, so that places in the log have no gaps and follow the commits.
// Durability: the server syncs its log before a commit returns. A connection that falls is made anew, with back-off and for a bounded
// time; whether a commit whose answer was lost was kept is asked of the table `writers`, so nothing is written twice.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "attune/core/error.h"
#include "attune/data/changes.h"
#include "attune/data/names.h"
#include "attune/data/postgres_rows.h"
#include "attune/data/postgres_schema.h"
#include "attune/data/postgres_text.h"
#include "attune/data/postgres_transactions.h"
#include "attune/data/store_rules.h"
#include "attune/data/stores.h"
#include "attune/data/studies.h"

namespace attune::data {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{10000}, kShownWait{100};
constexpr std::size_t kPage = 20000;     // rows held at once
constexpr std::size_t kLongestName = 2000;   // bytes; the server's indexes take no more than 2,700

void check_length(std::string_view what, const std::string& name) {
  if (name.size() > kLongestName / 4 && to_postgres(name).size() > kLongestName)
    throw Error(Code::bad_request, "a store on PostgreSQL keeps at most " + std::to_string(kLongestName) + " bytes of " + std::string(what) + ", '" + name.substr(0, 40) + "...' has " + std::to_string(name.size()));
}

void check_lengths(std::span<const Event> events) {
  for (const Event& event : events) {
    check_length("a user's name", event.user);
    check_length("an item's name", event.item);
    check_length("a type", event.type);
    check_length("a request", event.request);
  }
}

void check_lengths(std::span<const Record> records) {
  for (const Record& record : records) check_length("a name", record.name);
}

std::string json_of(const std::vector<float>& numbers) {
  Json list = Json::array();
  for (const float x : numbers) list.push_back(Json(x));
  return list.dump();
}

#define ATTUNE_NAMED_EVENTS                                                                                                  \
  "SELECT e.sequence, u.name, i.name, t.name, e.value, e.time_ms, e.session, e.request FROM events e JOIN users u ON u.id = e.user_id " \
  "JOIN items i ON i.id = e.item_id JOIN types t ON t.id = e.type_id "

class PostgresStore final : public Store, public Amending, public OrderedNames, public StudyList, public FollowedStore {
 public:
  PostgresStore(const std::string& url, milliseconds wait) : wait_(wait), at_(postgres_target(url), wait) {}

  Appended append(std::span<const Event> events) override {
    check(events);
    check_lengths(events);
    return at_.write([&](PostgresWriter& writer) { return writer.append(events); });
  }

  std::vector<Appended> append_groups(std::span<const std::vector<Event>> groups) override {
    for (const std::vector<Event>& events : groups) {
      check(std::span(events));
      check_lengths(std::span(events));
    }
    return at_.write([&](PostgresWriter& writer) { return writer.append(groups); });
  }

  Appended amend(std::span<const Event> events, Amend how) override {
    check(events);
    check_lengths(events);
    return at_.write([&](PostgresWriter& writer) { return writer.amend(events, how); });
  }

  std::uint64_t retract(std::string_view user, std::string_view item, std::string_view type) override {
    return at_.write([&](PostgresWriter& writer) { return writer.retract(user, item, type); });
  }

  void put(Kind kind, std::span<const Record> records) override {
    check(records);
    check_lengths(records);
    at_.write([&](PostgresWriter& writer) { return writer.put(kind, records); });
  }

  Appended take(const Batch& batch) override {
    check(std::span(batch.events));
    check(std::span(batch.items));
    check(std::span(batch.users));
    check_lengths(std::span(batch.events));
    check_lengths(std::span(batch.items));
    check_lengths(std::span(batch.users));
    return at_.write([&](PostgresWriter& writer) {
      bool is_new = writer.put(Kind::item, batch.items);
      is_new |= writer.put(Kind::user, batch.users);
      const Appended done = writer.append(batch.events);
      is_new |= writer.reject(batch.rejections) > 0;
      if (is_new || done.accepted > 0) writer.log_import(batch, done);
      return done;
    });
  }

  // A page at a time, so that no session is held while the sink works.
  void read_events(Sequence from, const std::function<void(const StoredEvent&)>& sink) const override {
    std::unordered_map<std::int64_t, std::string> users, items, types;
    StoredEvent stored;
    for (;;) {
      const PgRows rows = at_.read([&](PgConnection& c) {
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

  std::vector<StoredEvent> user_events(std::string_view user) const override {
    return events_of(at_.read([&](PgConnection& c) { return c.query(ATTUNE_NAMED_EVENTS "WHERE e.user_id = (SELECT id FROM users WHERE name = $1) ORDER BY e.time_ms, e.sequence", {user}); }));
  }

  void read_records(Kind kind, const std::function<void(const Record&)>& sink) const override {
    for (std::int64_t from = 0;;) {
      const PgRows rows = at_.read([&](PgConnection& c) {
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

  std::optional<Record> find(Kind kind, std::string_view name) const override {
    const PgRows rows = at_.read([&](PgConnection& c) {
      return c.query(kind == Kind::item ? "SELECT name, text, attributes, created_ms, hidden FROM items WHERE name = $1 AND record IS NOT NULL"
                                        : "SELECT name, text, attributes, created_ms, hidden FROM users WHERE name = $1 AND record IS NOT NULL",
                     {name});
    });
    return rows.size() > 0 ? std::optional(record_of(rows, 0)) : std::nullopt;
  }

  void read_rejections(std::size_t limit, const std::function<void(const Rejection&)>& sink) const override {
    for (std::int64_t from = 0; limit > 0;) {
      const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT id, file, line, reason, text FROM rejections WHERE id > $1 ORDER BY id LIMIT $2", {from, std::min(limit, kPage)}); });
      for (std::size_t r = 0; r < rows.size(); ++r) sink({rows.text(r, 1), static_cast<std::uint64_t>(rows.integer(r, 2)), rows.text(r, 3), rows.text(r, 4)});
      if (rows.size() < std::min(limit, kPage)) return;
      limit -= rows.size();
      from = rows.integer(rows.size() - 1, 0);
    }
  }

  void log_exposure(const Exposure& exposure) override { log_exposures(std::span(&exposure, 1)); }

  // The server does not sync for it; its next sync takes it along. Not tried again once it may have been kept.
  void log_exposures(std::span<const Exposure> exposures) override {
    for (const Exposure& exposure : exposures) {
      check(exposure);
      check_length("a request", exposure.request);
      check_length("a user's name", exposure.user);
    }
    if (exposures.empty()) return;
    at_.in_own_transaction(kShownWait, "SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '100ms'", [&](PgConnection& c) {
      for (const Exposure& exposure : exposures) {
        Json items = Json::array();
        for (const std::string& item : exposure.items) items.push_back(Json(item));
        c.query("INSERT INTO exposures(request, user_name, snapshot, time_ms, items, scores, propensities, note) VALUES($1, $2, $3, $4, $5, $6, $7, $8)",
                {exposure.request, exposure.user, exposure.snapshot, exposure.time_ms, items.dump(), json_of(exposure.scores), json_of(exposure.propensities), exposure.note});
      }
      c.query("UPDATE exposure_total SET exposures = exposures + $1", {exposures.size()});
      return 0;
    });
  }

  void read_exposures(const std::function<void(const Exposure&)>& sink) const override {
    for (std::int64_t from = 0;;) {
      const PgRows rows = at_.read([&](PgConnection& c) {
        return c.query("SELECT id, request, user_name, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE id > $1 ORDER BY id LIMIT 2000", {from});
      });
      for (std::size_t r = 0; r < rows.size(); ++r) {
        from = rows.integer(r, 0);
        sink(exposure_of(rows, r, 1));
      }
      if (rows.size() < 2000) return;
    }
  }

  std::optional<Exposure> exposure(std::string_view request) const override {
    const PgRows rows = at_.read([&](PgConnection& c) {
      return c.query("SELECT request, user_name, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE request = $1 ORDER BY id DESC LIMIT 1", {request});
    });
    return rows.size() > 0 ? std::optional(exposure_of(rows, 0, 0)) : std::nullopt;
  }

  std::vector<Exposure> user_exposures(std::string_view user, std::size_t most) const override {
    const PgRows rows = at_.read([&](PgConnection& c) {
      return c.query("SELECT request, user_name, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE user_name = $1 ORDER BY id DESC LIMIT $2", {user, most});
    });
    std::vector<Exposure> found;
    for (std::size_t r = 0; r < rows.size(); ++r) found.push_back(exposure_of(rows, r, 0));
    return found;
  }

  std::vector<StoredEvent> request_events(std::string_view request) const override {
    return events_of(at_.read([&](PgConnection& c) { return c.query(ATTUNE_NAMED_EVENTS "WHERE e.request = $1 ORDER BY e.sequence", {request}); }));
  }

  std::uint64_t forget_exposures(std::int64_t before_ms, std::size_t most) override {
    return at_.in_own_transaction(wait_, "SET LOCAL synchronous_commit = off", [&](PgConnection& c) {
      const std::uint64_t gone = c.query("DELETE FROM exposures WHERE id IN (SELECT id FROM exposures ORDER BY id LIMIT $1) AND time_ms < $2", {most, before_ms}).changed();
      if (gone > 0) c.query("UPDATE exposure_total SET exposures = exposures - $1", {gone});
      return gone;
    });
  }

  void rate(const ListRating& rating) override {
    check_length("a request", rating.request);
    check_length("a user's name", rating.user);
    at_.change([&](PgConnection& c) {
      return c.query("INSERT INTO ratings VALUES($1, $2, $3, $4, $5) ON CONFLICT (request) DO UPDATE SET user_name = excluded.user_name, value = excluded.value, comment = excluded.comment, time_ms = excluded.time_ms",
                     {rating.request, rating.user, rating.value, rating.comment, rating.time_ms});
    });
  }

  std::optional<ListRating> rating(std::string_view request) const override {
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT request, user_name, value, comment, time_ms FROM ratings WHERE request = $1", {request}); });
    return rows.size() > 0 ? std::optional(rating_of(rows, 0)) : std::nullopt;
  }

  void read_ratings(std::size_t most, const std::function<void(const ListRating&)>& sink) const override {
    const auto limit = static_cast<std::int64_t>(std::min<std::size_t>(most, std::size_t{1} << 40));
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT request, user_name, value, comment, time_ms FROM ratings ORDER BY time_ms DESC LIMIT $1", {limit}); });
    for (std::size_t r = 0; r < rows.size(); ++r) sink(rating_of(rows, r));
  }

  Receipt erase(Kind kind, std::string_view name) override {
    return at_.write([&](PostgresWriter& writer) { return writer.erase(kind, name); });
  }

  std::vector<Receipt> receipts() const override { return receipts_between(0, std::numeric_limits<std::int64_t>::max()); }

  void put_trial(const StoredTrial& trial) override {
    at_.change([&](PgConnection& c) {
      return c.query("INSERT INTO trials VALUES($1, $2, $3, $4) ON CONFLICT (study, number) DO UPDATE SET time_ms = excluded.time_ms, result = excluded.result",
                     {trial.study, trial.number, trial.time_ms, trial.result.dump()});
    });
  }

  std::vector<StoredTrial> trials(std::string_view study) const override {
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT number, time_ms, result FROM trials WHERE study = $1 ORDER BY number", {study}); });
    std::vector<StoredTrial> all;
    for (std::size_t r = 0; r < rows.size(); ++r)
      all.push_back({.study = std::string(study), .number = static_cast<std::uint64_t>(rows.integer(r, 0)), .time_ms = rows.integer(r, 1), .result = Json::parse(rows.text(r, 2), "a trial")});
    return all;
  }

  std::vector<std::string> studies() const override {
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT study FROM trials GROUP BY study ORDER BY MAX(time_ms) DESC, study"); });
    std::vector<std::string> all;
    for (std::size_t r = 0; r < rows.size(); ++r) all.emplace_back(rows.text(r, 0));
    return all;
  }

  std::uint64_t forget_trials(std::string_view study) override {
    return at_.change([&](PgConnection& c) { return c.query("DELETE FROM trials WHERE study = $1", {study}); }).changed();
  }

  StoreCounts counts() const override {
    return at_.read([&](PgConnection& c) {
      const PgTotals t = totals_of(c.query("SELECT last_sequence, last_record, last_change, last_name, last_receipt, events, users, items, rejections, imports, first_ms, last_ms FROM totals"));
      const PgRows more = c.query("SELECT (SELECT exposures FROM exposure_total), COALESCE((SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
                                  "WHERE relnamespace = to_regnamespace(current_schema()) AND relkind = 'r'), 0)::bigint");
      const auto count = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
      return StoreCounts{.events = count(t.events), .users = count(t.users), .items = count(t.items), .exposures = count(more.integer(0, 0)), .rejections = count(t.rejections),
                         .imports = count(t.imports), .last = count(t.last_sequence), .first_ms = t.first_ms, .last_ms = t.last_ms, .size_bytes = count(more.integer(0, 1))};
    });
  }

  std::vector<std::string> damage() const override {
    std::vector<std::string> found;
    try {
      for (const auto& [what, sql] : kOrphans)
        if (const std::int64_t n = at_.read([&](PgConnection& c) { return c.query(sql); }).integer(0, 0); n > 0)
          found.push_back(std::to_string(n) + " events name " + what + " that is not there");
      const PgRows rows = at_.read([](PgConnection& c) { return c.query("SELECT (SELECT events FROM totals), (SELECT count(*) FROM events)"); });
      if (rows.integer(0, 0) != rows.integer(0, 1)) found.push_back("the store counts " + rows.text(0, 0) + " events and holds " + rows.text(0, 1));
    } catch (const Error& e) {
      found.emplace_back(e.what());
    }
    return found;
  }

  std::optional<std::string> meta(std::string_view key) const override {
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT value FROM meta WHERE key = $1", {key}); });
    return rows.size() > 0 ? std::optional(rows.text(0, 0)) : std::nullopt;
  }

  void set_meta(std::string_view key, std::string_view value) override {
    at_.change([&](PgConnection& c) { return c.query("INSERT INTO meta VALUES($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", {key, value}); });
  }

  std::vector<std::string> names(Kind kind, std::string_view prefix, std::string_view after, std::size_t most) const override {
    const PgRows rows = at_.read([&](PgConnection& c) {
      return c.query(kind == Kind::item ? "SELECT name FROM items WHERE name >= $1 AND name > $2 ORDER BY name LIMIT $3" : "SELECT name FROM users WHERE name >= $1 AND name > $2 ORDER BY name LIMIT $3",
                     {prefix, after, most});
    });
    std::vector<std::string> found;
    for (std::size_t r = 0; r < rows.size() && rows.text(r, 0).starts_with(prefix); ++r) found.push_back(rows.text(r, 0));
    return found;
  }

  Marks marks() const override {
    const PgRows rows = at_.read([](PgConnection& c) { return c.query("SELECT last_sequence, last_change, last_receipt FROM totals"); });
    return {.sequence = static_cast<Sequence>(rows.integer(0, 0)), .change = static_cast<std::uint64_t>(rows.integer(0, 1)), .receipt = static_cast<std::uint64_t>(rows.integer(0, 2))};
  }

  void wait(int most_ms) override {
    if (!listener_) {
      listener_ = at_.pool().connect(PgPool::Clock::now());
      listener_->execute("LISTEN " + channel_of(at_.pool().target()));
      return;   // something may have been written before
    }
    try {
      if (listener_->take_notifications()) return;
      pollfd socket{.fd = listener_->socket(), .events = POLLIN, .revents = 0};
      ::poll(&socket, 1, most_ms);
      listener_->take_notifications();
    } catch (const PostgresGone&) {
      listener_.reset();
      throw;
    }
  }

  std::vector<Record> items_between(std::uint64_t after, std::uint64_t last) const override {
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT name, text, attributes, created_ms, hidden FROM items WHERE change > $1 AND change <= $2 ORDER BY change", {after, last}); });
    std::vector<Record> found;
    for (std::size_t r = 0; r < rows.size(); ++r) found.push_back(record_of(rows, r));
    return found;
  }

  std::vector<std::string> users_between(std::uint64_t after, std::uint64_t last) const override {
    const PgRows rows = at_.read([&](PgConnection& c) { return c.query("SELECT name FROM users WHERE change > $1 AND change <= $2 ORDER BY change", {after, last}); });
    std::vector<std::string> found;
    for (std::size_t r = 0; r < rows.size(); ++r) found.push_back(rows.text(r, 0));
    return found;
  }

  std::vector<Receipt> receipts_between(std::uint64_t after, std::uint64_t last) const override {
    const PgRows rows = at_.read([&](PgConnection& c) {
      return c.query("SELECT id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence FROM receipts WHERE number > $1 AND number <= $2 ORDER BY number", {after, last});
    });
    std::vector<Receipt> all;
    for (std::size_t r = 0; r < rows.size(); ++r) all.push_back(receipt_of(rows, r));
    return all;
  }

  std::vector<StoredEvent> events_between(Sequence after, Sequence last) const override {
    return events_of(at_.read([&](PgConnection& c) { return c.query(ATTUNE_NAMED_EVENTS "WHERE e.sequence > $1 AND e.sequence <= $2 ORDER BY e.sequence", {after, last}); }));
  }

 private:
  static constexpr std::pair<const char*, const char*> kOrphans[] = {
      {"a user", "SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = e.user_id)"},
      {"an item", "SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = e.item_id)"},
      {"a type", "SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM types t WHERE t.id = e.type_id)"}};

  static void learn(PgConnection& c, const PgRows& page, std::size_t column, const char* sql, std::unordered_map<std::int64_t, std::string>& known) {
    std::vector<std::int64_t> asked;
    for (std::size_t r = 0; r < page.size(); ++r)
      if (!known.contains(page.integer(r, column))) asked.push_back(page.integer(r, column));
    std::sort(asked.begin(), asked.end());
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    if (asked.empty()) return;
    const PgRows rows = c.query(sql, {PgValue::list(asked)});
    for (std::size_t r = 0; r < rows.size(); ++r) known.emplace(rows.integer(r, 0), rows.text(r, 1));
  }

  const milliseconds wait_;
  PgTransactions at_;
  std::unique_ptr<PgConnection> listener_;
};

}  // namespace

std::unique_ptr<Store> open_postgres(const std::string& url) { return open_postgres(url, static_cast<int>(kWait.count())); }
std::unique_ptr<Store> open_postgres(const std::string& url, int wait_ms) { return std::make_unique<PostgresStore>(url, milliseconds(wait_ms)); }

}  // namespace attune::data
