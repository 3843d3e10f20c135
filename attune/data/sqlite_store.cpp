// SQLite store: one file that any SQLite tool can look into. One connection writes, each reader at work has its own.
// Durability: a commit syncs the write-ahead log before it returns (sqlite_schema.cpp), so an acknowledged event survives a
// kill and a power cut; a write that was not acknowledged is there as a whole or not at all.
// Cost: a single append is one sync of the disk; bulk about 1 us an event; user_events tens of microseconds.
#include <sys/stat.h>

#include <mutex>
#include <utility>

#include "attune/core/error.h"
#include "attune/data/amend.h"
#include "attune/data/names.h"
#include "attune/data/sqlite_changes.h"
#include "attune/data/sqlite_lists.h"
#include "attune/data/sqlite_pool.h"
#include "attune/data/sqlite_rows.h"
#include "attune/data/sqlite_schema.h"
#include "attune/data/sqlite_scrub.h"
#include "attune/data/sqlite_trials.h"
#include "attune/data/sqlite_writer.h"
#include "attune/data/store.h"
#include "attune/data/store_rules.h"
#include "attune/data/studies.h"

namespace attune::data {
namespace {

constexpr int kWaitMs = 10000;
constexpr int kExposureWaitMs = 100;   // a list is shown to somebody who waits

class SqliteStore final : public Store, public OrderedNames, public Amending, public StudyList, public FollowedStore {
 public:
  SqliteStore(const std::string& path, int wait_ms) : pool_(path, wait_ms), writer_(open_writer(path, wait_ms)) {
    finish_scrub(*writer_);
  }

  Appended append(std::span<const Event> events) override {
    check(events);
    return write([&](SqliteWriter& writer) { return writer.append(events); });
  }

  std::vector<Appended> append_groups(std::span<const std::vector<Event>> groups) override {
    for (const std::vector<Event>& events : groups) check(std::span(events));
    return write([&](SqliteWriter& writer) {
      std::vector<Appended> done;
      for (const std::vector<Event>& events : groups) done.push_back(writer.append(events));
      return done;
    });
  }

  Appended amend(std::span<const Event> events, Amend how) override {
    check(events);
    return write([&](SqliteWriter& writer) { return writer.amend(events, how); });
  }

  std::uint64_t retract(std::string_view user, std::string_view item, std::string_view type) override {
    return write([&](SqliteWriter& writer) { return writer.retract(user, item, type); });
  }

  void put(Kind kind, std::span<const Record> records) override {
    check(records);
    write([&](SqliteWriter& writer) { return writer.put(kind, records); });
  }

  Appended take(const Batch& batch) override {
    check(std::span(batch.events));
    check(std::span(batch.items));
    check(std::span(batch.users));
    return write([&](SqliteWriter& writer) {
      bool is_new = writer.put(Kind::item, batch.items);
      is_new |= writer.put(Kind::user, batch.users);
      const Appended done = writer.append(batch.events);
      is_new |= writer.reject(batch.rejections) > 0;
      if (is_new || done.accepted > 0) writer.log_import(batch, done);
      return done;
    });
  }

  void read_events(Sequence from, const std::function<void(const StoredEvent&)>& sink) const override {
    const Reader reader(pool_);
    Query rows = reader->query("SELECT sequence, item, type, value, time_ms, session, request, user FROM events WHERE sequence > ? ORDER BY sequence");
    rows.with(from);
    data::read_events(*reader, rows, sink);
  }

  std::vector<StoredEvent> user_events(std::string_view user) const override {
    const Reader reader(pool_);
    Query rows = reader->query(
        "SELECT sequence, item, type, value, time_ms, session, request FROM events WHERE user = (SELECT id FROM users WHERE name = ?) "
        "ORDER BY time_ms, sequence");
    EventNames names(*reader);
    std::vector<StoredEvent> found;
    rows.with(user);
    while (rows.step()) {
      StoredEvent& stored = found.emplace_back();
      read_event(rows, names, stored);
      stored.event.user = user;
    }
    return found;
  }

  void read_records(Kind kind, const std::function<void(const Record&)>& sink) const override {
    const Reader reader(pool_);
    Query rows = reader->query(kind == Kind::item
                                   ? "SELECT name, text, attributes, created_ms, hidden FROM items WHERE record IS NOT NULL ORDER BY record"
                                   : "SELECT name, text, attributes, created_ms, hidden FROM users WHERE record IS NOT NULL ORDER BY record");
    while (rows.step()) sink(record_of(rows));
  }

  std::optional<Record> find(Kind kind, std::string_view name) const override {
    const Reader reader(pool_);
    Query row = reader->query(kind == Kind::item
                                  ? "SELECT name, text, attributes, created_ms, hidden FROM items WHERE name = ? AND record IS NOT NULL"
                                  : "SELECT name, text, attributes, created_ms, hidden FROM users WHERE name = ? AND record IS NOT NULL");
    return row.with(name).step() ? std::optional(record_of(row)) : std::nullopt;
  }

  void read_rejections(std::size_t limit, const std::function<void(const Rejection&)>& sink) const override {
    const Reader reader(pool_);
    Query rows = reader->query("SELECT file, line, reason, text FROM rejections ORDER BY id");
    for (std::size_t n = 0; n < limit && rows.step(); ++n)
      sink({std::string(rows.text(0)), static_cast<std::uint64_t>(rows.integer(1)), std::string(rows.text(2)), std::string(rows.text(3))});
  }

  void log_exposure(const Exposure& exposure) override { log_exposures(std::span(&exposure, 1)); }

  // Commits without a sync; the next append's sync takes it along.
  void log_exposures(std::span<const Exposure> exposures) override {
    for (const Exposure& exposure : exposures) check(exposure);
    const std::lock_guard lock(mutex_);
    const Waiting briefly(*writer_, std::min(pool_.wait_ms(), kExposureWaitMs));
    const Unsynced unsynced(*writer_);
    in_transaction([&](SqliteWriter& writer) {
      for (const Exposure& exposure : exposures) writer.log_exposure(exposure);
      return 0;
    });
  }

  std::vector<std::string> names(Kind kind, std::string_view prefix, std::string_view after, std::size_t most) const override {
    const Reader reader(pool_);
    Query rows = reader->query(kind == Kind::item ? "SELECT name FROM items WHERE name >= ? AND name > ? ORDER BY name LIMIT ?"
                                                  : "SELECT name FROM users WHERE name >= ? AND name > ? ORDER BY name LIMIT ?");
    rows.with(prefix, after, static_cast<std::int64_t>(most));
    std::vector<std::string> found;
    while (rows.step() && rows.text(0).starts_with(prefix)) found.emplace_back(rows.text(0));
    return found;
  }

  void read_exposures(const std::function<void(const Exposure&)>& sink) const override { data::read_exposures(*Reader(pool_), sink); }
  std::optional<Exposure> exposure(std::string_view request) const override { return data::exposure(*Reader(pool_), request); }
  std::vector<Exposure> user_exposures(std::string_view user, std::size_t most) const override { return data::user_exposures(*Reader(pool_), user, most); }

  std::vector<StoredEvent> request_events(std::string_view request) const override {
    const Reader reader(pool_);
    Query rows = reader->query("SELECT sequence, item, type, value, time_ms, session, request, user FROM events WHERE request = ? ORDER BY sequence");
    rows.with(request);
    return events_of(*reader, rows);
  }

  std::uint64_t forget_exposures(std::int64_t before_ms, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    const Unsynced unsynced(*writer_);
    return in_transaction([&](SqliteWriter& writer) { return writer.forget_exposures(before_ms, most); });
  }

  void rate(const ListRating& rating) override {
    const std::lock_guard lock(mutex_);
    data::rate(*writer_, rating);
  }
  std::optional<ListRating> rating(std::string_view request) const override { return data::rating(*Reader(pool_), request); }
  void read_ratings(std::size_t most, const std::function<void(const ListRating&)>& sink) const override { data::read_ratings(*Reader(pool_), most, sink); }

  Receipt erase(Kind kind, std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const Receipt receipt = in_transaction([&](SqliteWriter& writer) {
      Receipt erased = writer.erase(kind, name);
      ask_for_scrub(*writer_);
      return erased;
    });
    pool_.close_idle();
    scrub(*writer_, name);
    return receipt;
  }

  std::vector<Receipt> receipts() const override {
    return all_of(*Reader(pool_), "SELECT id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence FROM receipts ORDER BY number", receipt_of);
  }

  void put_trial(const StoredTrial& trial) override {
    const std::lock_guard lock(mutex_);
    data::put_trial(*writer_, trial);
  }
  std::vector<StoredTrial> trials(std::string_view study) const override { return data::trials(*Reader(pool_), study); }
  std::vector<std::string> studies() const override { return data::studies(*Reader(pool_)); }
  std::uint64_t forget_trials(std::string_view study) override {
    const std::lock_guard lock(mutex_);
    return data::forget_trials(*writer_, study);
  }

  StoreCounts counts() const override {
    const Reader reader(pool_);
    const Totals t = read_totals(*reader);
    const auto count = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    StoreCounts counts{.events = count(t.events), .users = count(t.users), .items = count(t.items), .exposures = count(t.exposures),
                       .rejections = count(t.rejections), .imports = count(t.imports), .last = count(t.last_sequence), .first_ms = t.first_ms,
                       .last_ms = t.last_ms};
    for (const char* ending : {"", "-wal"}) {
      struct stat info {};
      if (::stat((pool_.path() + ending).c_str(), &info) == 0) counts.size_bytes += static_cast<std::uint64_t>(info.st_size);
    }
    return counts;
  }

  std::vector<std::string> damage() const override {
    std::vector<std::string> found;
    try {
      const Reader reader(pool_);
      Query pages = reader->query("PRAGMA quick_check(5)");
      while (pages.step())
        if (pages.text(0) != "ok") found.emplace_back(pages.text(0));
      for (const auto& [what, sql] : kOrphans)
        if (const std::int64_t n = reader->number(sql); n > 0) found.push_back(std::to_string(n) + " events name " + what + " that is not there");
    } catch (const Error& e) {
      found.emplace_back(e.what());
    }
    return found;
  }

  std::optional<std::string> meta(std::string_view key) const override {
    const Reader reader(pool_);
    Query row = reader->query("SELECT value FROM meta WHERE key = ?");
    return row.with(key).step() ? std::optional(std::string(row.text(0))) : std::nullopt;
  }

  void set_meta(std::string_view key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    Transaction transaction(*writer_);
    writer_->query("INSERT INTO meta VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value").with(key, value).run();
    transaction.commit();
  }

  Marks marks() const override { return data::marks(*Reader(pool_)); }
  void wait(int most_ms) override { listener_.wait(pool_.path(), pool_.wait_ms(), most_ms); }
  std::vector<Record> items_between(std::uint64_t after, std::uint64_t last) const override { return data::items_between(*Reader(pool_), after, last); }
  std::vector<std::string> users_between(std::uint64_t after, std::uint64_t last) const override { return data::users_between(*Reader(pool_), after, last); }
  std::vector<Receipt> receipts_between(std::uint64_t after, std::uint64_t last) const override { return data::receipts_between(*Reader(pool_), after, last); }
  std::vector<StoredEvent> events_between(Sequence after, Sequence last) const override { return data::events_between(*Reader(pool_), after, last); }

 private:
  using Reader = SqlitePool::Reader;

  static constexpr std::pair<const char*, const char*> kOrphans[] = {
      {"a user", "SELECT COUNT(*) FROM events WHERE user NOT IN (SELECT id FROM users)"},
      {"an item", "SELECT COUNT(*) FROM events WHERE item NOT IN (SELECT id FROM items)"},
      {"a type", "SELECT COUNT(*) FROM events WHERE type NOT IN (SELECT id FROM types)"}};

  static std::unique_ptr<Connection> open_writer(const std::string& path, int wait_ms) {
    auto connection = std::make_unique<Connection>(path, wait_ms);
    make_or_check_store(*connection);
    return connection;
  }

  template <class F>
  std::invoke_result_t<F, SqliteWriter&> write(F body) {
    const std::lock_guard lock(mutex_);
    return in_transaction(body);
  }

  template <class F>
  std::invoke_result_t<F, SqliteWriter&> in_transaction(F body) {
    Transaction transaction(*writer_);
    SqliteWriter writer(*writer_);
    auto result = body(writer);
    writer.finish();
    transaction.commit();
    return result;
  }

  SqlitePool pool_;
  std::mutex mutex_;  // of the writer
  std::unique_ptr<Connection> writer_;
  SqliteListener listener_;   // of the one thread that follows
};

}  // namespace

std::unique_ptr<Store> open_sqlite(const std::string& path) { return open_sqlite(path, kWaitMs); }

std::unique_ptr<Store> open_sqlite(const std::string& path, int wait_ms) { return std::make_unique<SqliteStore>(path, wait_ms); }

}  // namespace attune::data
