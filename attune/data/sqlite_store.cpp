// SQLite store: one file that any SQLite tool can look into. One connection writes, each reader at work has its own.
// Durability: a commit syncs the write-ahead log before it returns (sqlite_schema.cpp), so an acknowledged event survives a
// kill and a power cut; a write that was not acknowledged is there as a whole or not at all.
// Cost: a single append is one sync of the disk; bulk about 1 us an event; user_events tens of microseconds.
#include <sys/stat.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "attune/core/error.h"
#include "attune/data/amend.h"
#include "attune/data/changes.h"
#include "attune/data/names.h"
#include "attune/data/sqlite_rows.h"
#include "attune/data/sqlite_schema.h"
#include "attune/data/sqlite_scrub.h"
#include "attune/data/sqlite_writer.h"
#include "attune/data/store.h"
#include "attune/data/store_rules.h"
#include "attune/data/studies.h"

namespace attune::data {
namespace {

constexpr int kWaitMs = 10000;
constexpr int kExposureWaitMs = 100;   // a list is shown to somebody who waits
constexpr std::chrono::milliseconds kLook{20};   // how often SQLite is asked whether another connection wrote: it tells nobody by itself

class SqliteStore final : public Store, public OrderedNames, public Amending, public StudyList, public FollowedStore {
 public:
  SqliteStore(const std::string& path, int wait_ms) : path_(path), wait_ms_(wait_ms), writer_(open_writer(path, wait_ms)) {
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
    const Reader reader(*this);
    Query rows = reader->query("SELECT sequence, item, type, value, time_ms, session, request, user FROM events WHERE sequence > ? ORDER BY sequence");
    NamesByNumber users(*reader, kUserName), items(*reader, kItemName), types(*reader, kTypeName);
    rows.with(from);
    StoredEvent stored;
    while (rows.step()) {
      read_event(rows, items, types, stored);
      stored.event.user = users[rows.integer(7)];
      sink(stored);
    }
  }

  std::vector<StoredEvent> user_events(std::string_view user) const override {
    const Reader reader(*this);
    Query rows = reader->query(
        "SELECT sequence, item, type, value, time_ms, session, request FROM events WHERE user = (SELECT id FROM users WHERE name = ?) "
        "ORDER BY time_ms, sequence");
    NamesByNumber items(*reader, kItemName), types(*reader, kTypeName);
    std::vector<StoredEvent> found;
    rows.with(user);
    while (rows.step()) {
      StoredEvent& stored = found.emplace_back();
      read_event(rows, items, types, stored);
      stored.event.user = user;
    }
    return found;
  }

  void read_records(Kind kind, const std::function<void(const Record&)>& sink) const override {
    const Reader reader(*this);
    Query rows = reader->query(kind == Kind::item
                                   ? "SELECT name, text, attributes, created_ms, hidden FROM items WHERE record IS NOT NULL ORDER BY record"
                                   : "SELECT name, text, attributes, created_ms, hidden FROM users WHERE record IS NOT NULL ORDER BY record");
    while (rows.step()) sink(record_of(rows));
  }

  std::optional<Record> find(Kind kind, std::string_view name) const override {
    const Reader reader(*this);
    Query row = reader->query(kind == Kind::item
                                  ? "SELECT name, text, attributes, created_ms, hidden FROM items WHERE name = ? AND record IS NOT NULL"
                                  : "SELECT name, text, attributes, created_ms, hidden FROM users WHERE name = ? AND record IS NOT NULL");
    return row.with(name).step() ? std::optional(record_of(row)) : std::nullopt;
  }

  void read_rejections(std::size_t limit, const std::function<void(const Rejection&)>& sink) const override {
    const Reader reader(*this);
    Query rows = reader->query("SELECT file, line, reason, text FROM rejections ORDER BY id");
    for (std::size_t n = 0; n < limit && rows.step(); ++n)
      sink({std::string(rows.text(0)), static_cast<std::uint64_t>(rows.integer(1)), std::string(rows.text(2)), std::string(rows.text(3))});
  }

  void log_exposure(const Exposure& exposure) override { log_exposures(std::span(&exposure, 1)); }

  // Commits without a sync; the next append's sync takes it along.
  void log_exposures(std::span<const Exposure> exposures) override {
    for (const Exposure& exposure : exposures) check(exposure);
    const std::lock_guard lock(mutex_);
    const Waiting briefly(*writer_, std::min(wait_ms_, kExposureWaitMs));
    const Unsynced unsynced(*writer_);
    in_transaction([&](SqliteWriter& writer) {
      for (const Exposure& exposure : exposures) writer.log_exposure(exposure);
      return 0;
    });
  }

  void read_exposures(const std::function<void(const Exposure&)>& sink) const override {
    const Reader reader(*this);
    Query rows = reader->query("SELECT request, user, snapshot, time_ms, items, scores, propensities, note FROM exposures ORDER BY id");
    while (rows.step()) sink(exposure_of(rows));
  }

  std::vector<std::string> names(Kind kind, std::string_view prefix, std::string_view after, std::size_t most) const override {
    const Reader reader(*this);
    Query rows = reader->query(kind == Kind::item ? "SELECT name FROM items WHERE name >= ? AND name > ? ORDER BY name LIMIT ?"
                                                  : "SELECT name FROM users WHERE name >= ? AND name > ? ORDER BY name LIMIT ?");
    rows.with(prefix, after, static_cast<std::int64_t>(most));
    std::vector<std::string> found;
    while (rows.step() && rows.text(0).starts_with(prefix)) found.emplace_back(rows.text(0));
    return found;
  }

  std::optional<Exposure> exposure(std::string_view request) const override {
    const Reader reader(*this);
    Query row = reader->query("SELECT request, user, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE request = ? ORDER BY id DESC LIMIT 1");
    return row.with(request).step() ? std::optional(exposure_of(row)) : std::nullopt;
  }

  std::vector<Exposure> user_exposures(std::string_view user, std::size_t most) const override {
    return all_of("SELECT request, user, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE user = ? ORDER BY id DESC LIMIT ?", exposure_of, user,
                  static_cast<std::int64_t>(most));
  }

  std::vector<StoredEvent> request_events(std::string_view request) const override {
    const Reader reader(*this);
    Query rows = reader->query("SELECT sequence, item, type, value, time_ms, session, request, user FROM events WHERE request = ? ORDER BY sequence");
    rows.with(request);
    return named_events(*reader, rows);
  }

  std::uint64_t forget_exposures(std::int64_t before_ms, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    const Unsynced unsynced(*writer_);
    return in_transaction([&](SqliteWriter& writer) { return writer.forget_exposures(before_ms, most); });
  }

  void rate(const ListRating& rating) override {
    const std::lock_guard lock(mutex_);
    Transaction transaction(*writer_);
    writer_->query("INSERT OR REPLACE INTO ratings VALUES(?, ?, ?, ?, ?)").with(rating.request, rating.user, std::optional(rating.value), rating.comment, rating.time_ms).run();
    transaction.commit();
  }

  std::optional<ListRating> rating(std::string_view request) const override {
    const Reader reader(*this);
    Query row = reader->query("SELECT request, user, value, comment, time_ms FROM ratings WHERE request = ?");
    return row.with(request).step() ? std::optional(rating_of(row)) : std::nullopt;
  }

  void read_ratings(std::size_t most, const std::function<void(const ListRating&)>& sink) const override {
    const Reader reader(*this);
    Query rows = reader->query("SELECT request, user, value, comment, time_ms FROM ratings ORDER BY time_ms DESC LIMIT ?");
    rows.with(static_cast<std::int64_t>(most));
    while (rows.step()) sink(rating_of(rows));
  }

  Receipt erase(Kind kind, std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const Receipt receipt = in_transaction([&](SqliteWriter& writer) {
      Receipt erased = writer.erase(kind, name);
      ask_for_scrub(*writer_);
      return erased;
    });
    close_idle_readers();
    scrub(*writer_, name);
    return receipt;
  }

  std::vector<Receipt> receipts() const override {
    return all_of("SELECT id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence FROM receipts ORDER BY number", receipt_of);
  }

  void put_trial(const StoredTrial& trial) override {
    const std::string result = trial.result.dump();
    const std::lock_guard lock(mutex_);
    Transaction transaction(*writer_);
    make_trials(*writer_);
    writer_->query("INSERT OR REPLACE INTO trials VALUES(?, ?, ?, ?)").with(trial.study, trial.number, trial.time_ms, result).run();
    transaction.commit();
  }

  std::vector<StoredTrial> trials(std::string_view study) const override {
    const Reader reader(*this);
    std::vector<StoredTrial> all;
    if (!has_trials(*reader)) return all;
    Query rows = reader->query("SELECT number, time_ms, result FROM trials WHERE study = ? ORDER BY number");
    rows.with(study);
    while (rows.step())
      all.push_back({.study = std::string(study), .number = static_cast<std::uint64_t>(rows.integer(0)), .time_ms = rows.integer(1),
                     .result = Json::parse(rows.text(2), path_ + ", a trial")});
    return all;
  }

  std::vector<std::string> studies() const override {
    const Reader reader(*this);
    std::vector<std::string> all;
    if (!has_trials(*reader)) return all;
    Query rows = reader->query("SELECT study FROM trials GROUP BY study ORDER BY MAX(time_ms) DESC, study");
    while (rows.step()) all.emplace_back(rows.text(0));
    return all;
  }

  std::uint64_t forget_trials(std::string_view study) override {
    const std::lock_guard lock(mutex_);
    Transaction transaction(*writer_);
    make_trials(*writer_);
    writer_->query("DELETE FROM trials WHERE study = ?").with(study).run();
    const std::int64_t gone = writer_->changes();
    transaction.commit();
    return static_cast<std::uint64_t>(gone);
  }

  StoreCounts counts() const override {
    const Reader reader(*this);
    const Totals t = read_totals(*reader);
    const auto count = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    StoreCounts counts{.events = count(t.events), .users = count(t.users), .items = count(t.items), .exposures = count(t.exposures),
                       .rejections = count(t.rejections), .imports = count(t.imports), .last = count(t.last_sequence), .first_ms = t.first_ms,
                       .last_ms = t.last_ms};
    for (const char* ending : {"", "-wal"}) {
      struct stat info {};
      if (::stat((path_ + ending).c_str(), &info) == 0) counts.size_bytes += static_cast<std::uint64_t>(info.st_size);
    }
    return counts;
  }

  std::vector<std::string> damage() const override {
    std::vector<std::string> found;
    try {
      const Reader reader(*this);
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
    const Reader reader(*this);
    Query row = reader->query("SELECT value FROM meta WHERE key = ?");
    return row.with(key).step() ? std::optional(std::string(row.text(0))) : std::nullopt;
  }

  void set_meta(std::string_view key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    Transaction transaction(*writer_);
    writer_->query("INSERT INTO meta VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value").with(key, value).run();
    transaction.commit();
  }

  Marks marks() const override {
    const Reader reader(*this);
    Query row = reader->query("SELECT last_sequence, last_change, (SELECT COALESCE(MAX(number), 0) FROM receipts) FROM totals");
    if (!row.step()) return {};
    return {.sequence = static_cast<Sequence>(row.integer(0)), .change = static_cast<std::uint64_t>(row.integer(1)), .receipt = static_cast<std::uint64_t>(row.integer(2))};
  }

  void wait(int most_ms) override {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(most_ms);
    if (!listener_) {
      listener_ = std::make_unique<Connection>(path_, wait_ms_);
      heard_ = listener_->number(kVersion);
      return;   // something may have been written before
    }
    while (std::chrono::steady_clock::now() < until) {
      if (const std::int64_t now = listener_->number(kVersion); now != std::exchange(heard_, now)) return;
      std::this_thread::sleep_for(kLook);
    }
  }

  std::vector<Record> items_between(std::uint64_t after, std::uint64_t last) const override {
    return all_of("SELECT name, text, attributes, created_ms, hidden FROM items WHERE change > ? AND change <= ? ORDER BY change", record_of, after, last);
  }

  std::vector<std::string> users_between(std::uint64_t after, std::uint64_t last) const override {
    return all_of("SELECT name FROM users WHERE change > ? AND change <= ? ORDER BY change", first_text, after, last);
  }

  std::vector<Receipt> receipts_between(std::uint64_t after, std::uint64_t last) const override {
    return all_of("SELECT id, kind, name_hash, events, exposures, records, rejections, time_ms, last_sequence FROM receipts WHERE number > ? AND number <= ? ORDER BY number", receipt_of, after, last);
  }

  std::vector<StoredEvent> events_between(Sequence after, Sequence last) const override {
    const Reader reader(*this);
    Query rows = reader->query("SELECT sequence, item, type, value, time_ms, session, request, user FROM events WHERE sequence > ? AND sequence <= ? ORDER BY sequence");
    rows.with(after, last);
    return named_events(*reader, rows);
  }

 private:
  static constexpr const char* kVersion = "PRAGMA data_version";   // another number after a commit of another connection

  static std::string first_text(const Query& row) { return std::string(row.text(0)); }

  // What `read` makes of every row; sql is kept by its address.
  template <class F, class... Values>
  std::vector<std::invoke_result_t<F, const Query&>> all_of(const char* sql, F read, const Values&... values) const {
    const Reader reader(*this);
    Query rows = reader->query(sql);
    rows.with(values...);
    std::vector<std::invoke_result_t<F, const Query&>> found;
    while (rows.step()) found.push_back(read(rows));
    return found;
  }

  static std::vector<StoredEvent> named_events(Connection& connection, Query& rows) {
    NamesByNumber users(connection, kUserName), items(connection, kItemName), types(connection, kTypeName);
    std::vector<StoredEvent> found;
    while (rows.step()) {
      StoredEvent& stored = found.emplace_back();
      read_event(rows, items, types, stored);
      stored.event.user = users[rows.integer(7)];
    }
    return found;
  }

  static constexpr std::pair<const char*, const char*> kOrphans[] = {
      {"a user", "SELECT COUNT(*) FROM events WHERE user NOT IN (SELECT id FROM users)"},
      {"an item", "SELECT COUNT(*) FROM events WHERE item NOT IN (SELECT id FROM items)"},
      {"a type", "SELECT COUNT(*) FROM events WHERE type NOT IN (SELECT id FROM types)"}};
  static constexpr const char* kUserName = "SELECT name FROM users WHERE id = ?";
  static constexpr const char* kItemName = "SELECT name FROM items WHERE id = ?";
  static constexpr const char* kTypeName = "SELECT name FROM types WHERE id = ?";

  // A connection for the length of one read, taken from the idle ones or opened.
  class Reader {
   public:
    explicit Reader(const SqliteStore& store) : store_(store) {
      {
        const std::lock_guard lock(store.readers_mutex_);
        if (!store.idle_readers_.empty()) {
          connection_ = std::move(store.idle_readers_.back());
          store.idle_readers_.pop_back();
        }
      }
      if (connection_) return;
      connection_ = std::make_unique<Connection>(store.path_, store.wait_ms_);
      configure(*connection_);
    }
    ~Reader() {
      const std::lock_guard lock(store_.readers_mutex_);
      store_.idle_readers_.push_back(std::move(connection_));
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    const SqliteStore& store_;
    std::unique_ptr<Connection> connection_;
  };

  class Unsynced {
   public:
    explicit Unsynced(Connection& connection) : connection_(connection) { connection_.execute("PRAGMA synchronous=NORMAL"); }
    ~Unsynced() {
      try {
        connection_.execute("PRAGMA synchronous=FULL");
      } catch (const Error&) {
        // The pragma touches no file; it cannot fail on a connection that just set it.
      }
    }
    Unsynced(const Unsynced&) = delete;
    Unsynced& operator=(const Unsynced&) = delete;

   private:
    Connection& connection_;
  };

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

  void close_idle_readers() {
    const std::lock_guard lock(readers_mutex_);
    idle_readers_.clear();
  }

  const std::string path_;
  const int wait_ms_;
  std::mutex mutex_;  // of the writer
  std::unique_ptr<Connection> writer_;
  // Readers come and go within const methods; the pool is a cache and guarded.
  mutable std::mutex readers_mutex_;
  mutable std::vector<std::unique_ptr<Connection>> idle_readers_;
  std::unique_ptr<Connection> listener_;   // of the one thread that follows
  std::int64_t heard_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_sqlite(const std::string& path) { return open_sqlite(path, kWaitMs); }

std::unique_ptr<Store> open_sqlite(const std::string& path, int wait_ms) { return std::make_unique<SqliteStore>(path, wait_ms); }

}  // namespace attune::data
