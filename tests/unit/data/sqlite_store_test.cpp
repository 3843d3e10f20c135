// The SQLite store when things go wrong: kills, full disks, second writers, damaged and foreign files; and that erased
// names leave the files.
#include <sys/wait.h>

#include <atomic>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/data/store.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/unit/data/faulty_disk.h"

namespace attune::data {
namespace {

using attune::testing::FaultyDisk;
using attune::testing::Folder;

constexpr const char* kErased = "Ottilie-Erasmus-9137";

std::string path_in(const Folder& folder) { return (folder.path / "attune.db").string(); }

Batch batch_of(int first, int count) {
  Batch batch;
  for (int k = first; k < first + count; ++k) {
    batch.events.push_back({.user = "user " + std::to_string(k % 50), .item = "item " + std::to_string(k % 70), .time_ms = k});
    if (k % 10 == 0) batch.rejections.push_back({.file = "f", .line = static_cast<std::uint64_t>(k), .reason = "bad", .text = "row"});
  }
  batch.events.push_back({.user = kErased, .item = "mug", .time_ms = first});
  batch.users = {{.name = kErased, .text = "a text about the user"}};
  batch.items = {{.name = "mug " + std::to_string(first), .text = "A mug"}};
  return batch;
}

std::size_t count_by_reading(const Store& store) {
  std::size_t n = 0;
  Sequence last = 0;
  store.read_events(0, [&](const StoredEvent& stored) {
    EXPECT_GT(stored.sequence, last);
    last = stored.sequence;
    ++n;
  });
  return n;
}

bool is_in_files(const Folder& folder, std::string_view name) {
  for (const auto& file : std::filesystem::directory_iterator(folder.path))
    if (read_file(file.path()).find(name) != std::string::npos) return true;
  return false;
}

std::string message_of(Code code, const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), code) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

void execute(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

std::string integrity_of(const std::string& path) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  std::string answer;
  sqlite3_exec(db, "PRAGMA integrity_check", [](void* out, int, char** values, char**) { return *static_cast<std::string*>(out) += values[0], 0; }, &answer, nullptr);
  sqlite3_close(db);
  return answer;
}

// Runs the body in a child that is killed at its n-th write. True when it was; false when it came to its end before.
template <class F>
bool is_killed_at(int write, F body) {
  const pid_t child = ::fork();
  if (child == 0) {
    FaultyDisk::install();
    FaultyDisk::heal();
    FaultyDisk::die_at_write = write;
    try {
      body();
    } catch (...) {
      ::_exit(3);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "the child failed by itself";
  return WIFSIGNALED(status);
}

}  // namespace

TEST("a kill at any write of an import leaves the old state or the whole batch") {
  const Folder origin;
  open_sqlite(path_in(origin))->take(batch_of(0, 100));
  int kills = 0, kept = 0;
  for (int write = 1;; ++write) {
    const Folder folder;
    std::filesystem::copy_file(path_in(origin), path_in(folder));
    // 100 more events, then the file is closed, which empties the log into it: kills fall into both.
    if (!is_killed_at(write, [&] { open_sqlite(path_in(folder))->take(batch_of(1000, 100)); })) break;
    ++kills;
    const auto store = open_sqlite(path_in(folder));
    const StoreCounts counts = store->counts();
    EXPECT_TRUE(counts.events == 101 || counts.events == 202) << counts.events << " after a kill at write " << write;
    EXPECT_EQ(count_by_reading(*store), counts.events);
    EXPECT_EQ(counts.rejections, counts.events == 202 ? 20u : 10u);
    EXPECT_EQ(store->find(Kind::item, "mug 1000").has_value(), counts.events == 202);
    const Appended again = store->take(batch_of(1000, 100));
    EXPECT_EQ(again.accepted, counts.events == 202 ? 0u : 101u);
    EXPECT_EQ(store->counts().last, 202u);
    EXPECT_EQ(integrity_of(path_in(folder)), "ok");
    kept += counts.events == 202;
  }
  EXPECT_GT(kills, 10);
  EXPECT_GT(kept, 0) << "some kills come after the commit";
  EXPECT_LT(kept, kills) << "some before";
}

TEST("a kill at any write of an erasure leaves the user whole or gone, and gone means in no file once opened again") {
  const Folder origin;
  open_sqlite(path_in(origin))->take(batch_of(0, 100));
  ASSERT_TRUE(is_in_files(origin, kErased));
  int gone = 0, kills = 0;
  for (int write = 1;; ++write) {
    const Folder folder;
    std::filesystem::copy_file(path_in(origin), path_in(folder));
    if (!is_killed_at(write, [&] { open_sqlite(path_in(folder))->erase(Kind::user, kErased); })) break;
    ++kills;
    auto store = open_sqlite(path_in(folder));
    const bool is_gone = store->user_events(kErased).empty();
    EXPECT_EQ(store->find(Kind::user, kErased).has_value(), !is_gone);
    EXPECT_EQ(store->receipts().size(), is_gone ? 1u : 0u);
    store.reset();
    if (is_gone) {
      EXPECT_FALSE(is_in_files(folder, kErased)) << "after a kill at write " << write;
    }
    gone += is_gone;
  }
  EXPECT_GT(gone, 0);
  EXPECT_LT(gone, kills);
}

TEST("a full disk is an io error that keeps nothing of the write, and the store goes on when there is room") {
  FaultyDisk::install();
  for (int write = 1; write < 40; ++write) {
    const Folder folder;
    const auto store = open_sqlite(path_in(folder));
    store->take(batch_of(0, 30));
    FaultyDisk::heal();
    FaultyDisk::full_at_write = write;
    bool is_full = false;
    try {
      store->take(batch_of(1000, 100));
    } catch (const Error& e) {
      is_full = true;
      EXPECT_EQ(e.code(), Code::io) << e.what();
    }
    FaultyDisk::heal();
    EXPECT_EQ(count_by_reading(*store), is_full ? 31u : 132u);
    EXPECT_EQ(store->take(batch_of(1000, 100)).accepted, is_full ? 101u : 0u);
    if (!is_full) {
      EXPECT_GT(write, 5);
      return;
    }
  }
}

TEST("an append is synced to the disk when it returns; an exposure waits for the next append") {
  FaultyDisk::install();
  FaultyDisk::heal();
  const Folder folder;
  const auto store = open_sqlite(path_in(folder));
  const std::vector<Event> one = {{.user = "ana", .item = "mug", .time_ms = 1}}, two = {{.user = "ana", .item = "mug", .time_ms = 2}};
  store->append(one);
  EXPECT_EQ(FaultyDisk::unsynced_log_writes, 0);
  store->log_exposure({.request = "r", .user = "ana", .items = {"mug"}, .scores = {1}, .propensities = {1}});
  EXPECT_GT(FaultyDisk::unsynced_log_writes, 0);
  store->append(two);
  EXPECT_EQ(FaultyDisk::unsynced_log_writes, 0);
  store->put(Kind::item, std::vector<Record>{{.name = "mug", .text = "x"}});
  EXPECT_EQ(FaultyDisk::unsynced_log_writes, 0);
}

TEST("what was stored is there when the file is opened again") {
  const Folder folder;
  open_sqlite(path_in(folder))->take(batch_of(0, 100));
  const auto store = open_sqlite(path_in(folder));
  EXPECT_EQ(store->counts().events, 101u);
  EXPECT_EQ(store->take(batch_of(0, 100)).accepted, 0u);
  EXPECT_EQ(store->find(Kind::user, kErased)->text, "a text about the user");
}

TEST("a large batch finds its repeats against the log and within itself, and reads back in order") {
  const Folder folder;
  const auto store = open_sqlite(path_in(folder));
  store->take(batch_of(0, 15000));
  Batch large = batch_of(10000, 40000);  // the indexes are dropped and made anew: more than 20,000 new events
  const std::vector<Event> once = large.events;
  large.events.insert(large.events.end(), once.begin(), once.end());
  const Appended done = store->take(large);
  EXPECT_EQ(done.accepted, 35001u);
  EXPECT_EQ(done.repeated, 45001u);
  EXPECT_EQ(count_by_reading(*store), 50002u);
  EXPECT_EQ(store->user_events("user 7").size(), 1000u);
  EXPECT_EQ(store->take(large).accepted, 0u);
  EXPECT_EQ(integrity_of(path_in(folder)), "ok");
}

TEST("an erased name is in no file, wherever balancing and rewriting may have left copies") {
  const Folder folder;
  const auto store = open_sqlite(path_in(folder));
  Random random(5);
  for (int round = 0; round < 20; ++round) {
    Batch batch;
    for (int k = 0; k < 200; ++k)
      batch.users.push_back({.name = "user-" + std::to_string(random.below(100000)), .text = std::string(random.below(300), 'x')});
    batch.users.push_back({.name = kErased, .text = "about " + std::string(kErased) + std::string(random.below(3000), 'y')});
    batch.events.push_back({.user = kErased, .item = "mug", .time_ms = round, .session = std::string(kErased) + "'s visit"});
    batch.rejections.push_back({.file = "f", .line = static_cast<std::uint64_t>(round), .reason = "bad", .text = std::string("x,") + kErased + ",y"});
    store->take(batch);
  }
  store->log_exposure({.request = "r", .user = kErased, .items = {"mug"}, .scores = {1}, .propensities = {1}});
  ASSERT_TRUE(is_in_files(folder, kErased));
  const Receipt receipt = store->erase(Kind::user, kErased);
  EXPECT_EQ(receipt.events, 20u);
  EXPECT_EQ(receipt.rejections, 20u);
  EXPECT_FALSE(is_in_files(folder, kErased)) << "while the store is open";
  EXPECT_EQ(store->counts().users, [&] {
    std::size_t n = 0;
    store->read_records(Kind::user, [&](const Record&) { ++n; });
    return n;
  }());
}

TEST("an erasure that a reader holds up says so, and is finished at the next opening") {
  const Folder folder;
  auto store = open_sqlite(path_in(folder), 20);
  store->take(batch_of(0, 300));
  auto reader = open_sqlite(path_in(folder), 20);
  bool is_first = true;
  reader->read_events(0, [&](const StoredEvent&) {
    if (!std::exchange(is_first, false)) return;
    const std::string message = message_of(Code::io, [&] { store->erase(Kind::user, kErased); });
    EXPECT_NE(message.find("reader"), std::string::npos) << message;
  });
  EXPECT_TRUE(store->user_events(kErased).empty());
  reader.reset();
  store.reset();
  store = open_sqlite(path_in(folder));
  EXPECT_FALSE(is_in_files(folder, kErased));
  EXPECT_EQ(store->receipts().size(), 1u);
}

TEST("a second writer waits its time, then says who is writing; readers are not held up") {
  const Folder folder;
  const auto store = open_sqlite(path_in(folder), 20);
  store->take(batch_of(0, 10));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_in(folder).c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const std::string message = message_of(Code::io, [&] { store->take(batch_of(1000, 10)); });
  EXPECT_NE(message.find("process"), std::string::npos) << message;
  EXPECT_NE(message.find("is writing"), std::string::npos) << message;
  EXPECT_EQ(count_by_reading(*store), 11u);
  EXPECT_EQ(count_by_reading(*open_sqlite(path_in(folder), 20)), 11u) << "opening waits for nobody";
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_EQ(store->take(batch_of(1000, 10)).accepted, 11u);
}

TEST("a read keeps its moment while others write") {
  const Folder folder;
  const auto store = open_sqlite(path_in(folder));
  store->take(batch_of(0, 10));
  const auto other = open_sqlite(path_in(folder));
  std::size_t n = 0;
  store->read_events(0, [&](const StoredEvent&) {
    if (n++ == 0) other->take(batch_of(1000, 10));
  });
  EXPECT_EQ(n, 11u);
  EXPECT_EQ(count_by_reading(*store), 22u);
}

TEST("a store made before there were trials reads as having none and takes them") {
  const Folder folder;
  open_sqlite(path_in(folder))->take(batch_of(0, 10));
  execute(path_in(folder), "DROP TABLE trials");
  const auto store = open_sqlite(path_in(folder));
  EXPECT_TRUE(store->trials("a").empty());
  EXPECT_EQ(count_by_reading(*store), 11u);
  store->put_trial({.study = "a", .number = 3, .result = Json(1)});
  EXPECT_EQ(store->trials("a").size(), 1u);
  EXPECT_EQ(open_sqlite(path_in(folder))->trials("a").at(0).number, 3u);
  EXPECT_TRUE(store->damage().empty());
}

TEST("a store of a newer version is refused with both versions named") {
  const Folder folder;
  open_sqlite(path_in(folder));
  execute(path_in(folder), "PRAGMA user_version=7");
  const std::string message = message_of(Code::unsupported, [&] { open_sqlite(path_in(folder)); });
  EXPECT_NE(message.find("version 7"), std::string::npos) << message;
  EXPECT_NE(message.find("version 5"), std::string::npos) << message;
}

TEST("a store of version 1 is brought up to date when it is opened, and still knows its repeats") {
  const Folder folder;
  const std::vector<Event> events = {{.user = "ana", .item = "mug", .time_ms = 5}, {.user = "ben", .item = "pan", .time_ms = 6}};
  open_sqlite(path_in(folder))->append(events);
  execute(path_in(folder),
          "DROP INDEX events_by_user; CREATE INDEX events_by_user ON events(user, time_ms); CREATE INDEX events_by_hash ON events(hash); "
          "ALTER TABLE exposures DROP COLUMN note; DROP INDEX users_by_change; DROP INDEX items_by_change; ALTER TABLE users DROP COLUMN change; "
          "ALTER TABLE items DROP COLUMN change; ALTER TABLE totals DROP COLUMN last_change; PRAGMA user_version=1");
  const auto store = open_sqlite(path_in(folder));
  EXPECT_EQ(store->append(events).repeated, 2u);
  EXPECT_EQ(store->user_events("ben").size(), 1u);
  EXPECT_TRUE(store->damage().empty());
}

TEST("groups of one commit are answered each for itself, and one that is refused takes none of the others in") {
  const Folder folder;
  const auto store = open_sqlite(path_in(folder));
  const std::vector<std::vector<Event>> groups = {{{.user = "ana", .item = "mug"}}, {{.user = "ana", .item = "mug"}, {.user = "ben", .item = "pan"}}};
  const auto done = store->append_groups(groups);
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].accepted, 1u);
  EXPECT_EQ(done[1].accepted, 1u);
  EXPECT_EQ(done[1].repeated, 1u);
  EXPECT_EQ(done[1].last, 2u);
  const std::vector<std::vector<Event>> bad = {{{.user = "cid", .item = "mug"}}, {{.user = "", .item = "pan"}}};
  message_of(Code::bad_request, [&] { store->append_groups(bad); });
  EXPECT_EQ(store->counts().events, 2u);
}

TEST("another program's file and files that are no database are refused and left as they are") {
  const Folder folder;
  execute(path_in(folder), "CREATE TABLE notes(text)");
  const std::string before = read_file(path_in(folder));
  message_of(Code::bad_data, [&] { open_sqlite(path_in(folder)); });
  EXPECT_EQ(read_file(path_in(folder)), before);

  const auto text = folder.write("text.db", std::string(5000, 'x'));
  EXPECT_NE(message_of(Code::bad_data, [&] { open_sqlite(text.string()); }).find("no attune store"), std::string::npos);
  EXPECT_EQ(read_file(text), std::string(5000, 'x'));
  message_of(Code::io, [&] { open_sqlite(folder.path.string()); });
  message_of(Code::io, [&] { open_sqlite((folder.path / "missing" / "a.db").string()); });
}

TEST("a damaged file is bad data or reads on, never anything else") {
  const Folder origin;
  open_sqlite(path_in(origin))->take(batch_of(0, 2000));
  const std::string whole = read_file(path_in(origin));
  Random random(11);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    const Folder folder;
    std::string bytes = whole;
    if (round % 3 == 0) bytes.resize(random.below(bytes.size()));
    else for (int k = 0; k < 200; ++k) bytes[random.below(round % 3 == 1 ? 4096 : bytes.size())] = static_cast<char>(random.next());
    std::ofstream(path_in(folder), std::ios::binary) << bytes;
    try {
      const auto store = open_sqlite(path_in(folder), 20);
      count_by_reading(*store);
      store->user_events("user 7");
      store->read_records(Kind::user, [](const Record&) {});
      store->take(batch_of(5000, 100));
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == Code::bad_data || e.code() == Code::unsupported) << e.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace attune::data
