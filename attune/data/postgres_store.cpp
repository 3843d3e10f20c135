// PostgreSQL store: the log and the tables in a schema of a database, for several processes at once. One session writes, each reader
// at work has its own, at most PgPool::kMost (postgres_transactions.h).
// Order: the row of `totals` is the turn to write, over all processes, so that places in the log have no gaps and follow the commits.
// Durability: the server syncs its log before a commit returns. A connection that falls is made anew, with back-off and for a bounded
// time; whether a commit whose answer was lost was kept is asked of the table `writers`, so nothing is written twice.
#include <chrono>
#include <limits>

#include "attune/core/error.h"
#include "attune/data/names.h"
#include "attune/data/postgres_changes.h"
#include "attune/data/postgres_lists.h"
#include "attune/data/postgres_pages.h"
#include "attune/data/postgres_rows.h"
#include "attune/data/postgres_text.h"
#include "attune/data/postgres_transactions.h"
#include "attune/data/postgres_trials.h"
#include "attune/data/store_rules.h"
#include "attune/data/stores.h"
#include "attune/data/studies.h"

namespace attune::data {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{10000};
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

  void read_events(Sequence from, const std::function<void(const StoredEvent&)>& sink) const override { data::read_events(at_, from, sink); }
  void read_records(Kind kind, const std::function<void(const Record&)>& sink) const override { data::read_records(at_, kind, sink); }
  void read_rejections(std::size_t limit, const std::function<void(const Rejection&)>& sink) const override { data::read_rejections(at_, limit, sink); }
  void read_exposures(const std::function<void(const Exposure&)>& sink) const override { data::read_exposures(at_, sink); }

  std::vector<StoredEvent> user_events(std::string_view user) const override {
    return events_of(at_.read([&](PgConnection& c) { return c.query(ATTUNE_NAMED_EVENTS "WHERE e.user_id = (SELECT id FROM users WHERE name = $1) ORDER BY e.time_ms, e.sequence", {user}); }));
  }

  std::optional<Record> find(Kind kind, std::string_view name) const override {
    const PgRows rows = at_.read([&](PgConnection& c) {
      return c.query(kind == Kind::item ? "SELECT name, text, attributes, created_ms, hidden FROM items WHERE name = $1 AND record IS NOT NULL"
                                        : "SELECT name, text, attributes, created_ms, hidden FROM users WHERE name = $1 AND record IS NOT NULL",
                     {name});
    });
    return rows.size() > 0 ? std::optional(record_of(rows, 0)) : std::nullopt;
  }

  void log_exposure(const Exposure& exposure) override { log_exposures(std::span(&exposure, 1)); }

  void log_exposures(std::span<const Exposure> exposures) override {
    for (const Exposure& exposure : exposures) {
      check(exposure);
      check_length("a request", exposure.request);
      check_length("a user's name", exposure.user);
    }
    data::log_exposures(at_, exposures);
  }

  std::optional<Exposure> exposure(std::string_view request) const override { return data::exposure(at_, request); }
  std::vector<Exposure> user_exposures(std::string_view user, std::size_t most) const override { return data::user_exposures(at_, user, most); }
  std::uint64_t forget_exposures(std::int64_t before_ms, std::size_t most) override { return data::forget_exposures(at_, before_ms, most, wait_); }

  std::vector<StoredEvent> request_events(std::string_view request) const override {
    return events_of(at_.read([&](PgConnection& c) { return c.query(ATTUNE_NAMED_EVENTS "WHERE e.request = $1 ORDER BY e.sequence", {request}); }));
  }

  void rate(const ListRating& rating) override {
    check_length("a request", rating.request);
    check_length("a user's name", rating.user);
    data::rate(at_, rating);
  }
  std::optional<ListRating> rating(std::string_view request) const override { return data::rating(at_, request); }
  void read_ratings(std::size_t most, const std::function<void(const ListRating&)>& sink) const override { data::read_ratings(at_, most, sink); }

  Receipt erase(Kind kind, std::string_view name) override {
    return at_.write([&](PostgresWriter& writer) { return writer.erase(kind, name); });
  }

  std::vector<Receipt> receipts() const override { return receipts_between(0, std::numeric_limits<std::int64_t>::max()); }

  void put_trial(const StoredTrial& trial) override { data::put_trial(at_, trial); }
  std::vector<StoredTrial> trials(std::string_view study) const override { return data::trials(at_, study); }
  std::vector<std::string> studies() const override { return data::studies(at_); }
  std::uint64_t forget_trials(std::string_view study) override { return data::forget_trials(at_, study); }

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
        if (const std::int64_t n = at_.read([sql = sql](PgConnection& c) { return c.query(sql); }).integer(0, 0); n > 0)
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

  Marks marks() const override { return data::marks(at_); }
  void wait(int most_ms) override { listener_.wait(at_.pool(), most_ms); }
  std::vector<Record> items_between(std::uint64_t after, std::uint64_t last) const override { return data::items_between(at_, after, last); }
  std::vector<std::string> users_between(std::uint64_t after, std::uint64_t last) const override { return data::users_between(at_, after, last); }
  std::vector<Receipt> receipts_between(std::uint64_t after, std::uint64_t last) const override { return data::receipts_between(at_, after, last); }
  std::vector<StoredEvent> events_between(Sequence after, Sequence last) const override { return data::events_between(at_, after, last); }

 private:
  static constexpr std::pair<const char*, const char*> kOrphans[] = {
      {"a user", "SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = e.user_id)"},
      {"an item", "SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = e.item_id)"},
      {"a type", "SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM types t WHERE t.id = e.type_id)"}};

  const milliseconds wait_;
  PgTransactions at_;
  PgListener listener_;   // of the one thread that follows
};

}  // namespace

std::unique_ptr<Store> open_postgres(const std::string& url) { return open_postgres(url, static_cast<int>(kWait.count())); }
std::unique_ptr<Store> open_postgres(const std::string& url, int wait_ms) { return std::make_unique<PostgresStore>(url, milliseconds(wait_ms)); }

}  // namespace attune::data
