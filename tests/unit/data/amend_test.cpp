// Single events taken back or put in the place of those before, in every store that can.
#include "attune/data/amend.h"

#include "attune/core/error.h"
#include "attune/data/stores.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

// Calls body with an empty store of every kind that takes events back.
void for_every_amending_store(const std::function<void(Store&)>& body) {
  int count = 0;
  for (auto* const open : {+[](const std::string& path) { return open_sqlite(path); }, +[](const std::string& path) { return open_memory(path); },
                          +[](const std::string&) { return open_postgres(attune::testing::Postgres::shared().fresh_url()); }}) {
    attune::testing::Folder folder;
    const auto store = open((folder.path / "a.db").string());
    ASSERT_NE(dynamic_cast<Amending*>(store.get()), nullptr);
    SCOPED_TRACE(++count);
    body(*store);
  }
}

Event event(std::string user, std::string item, std::string type, std::int64_t time_ms, std::optional<double> value = {}) {
  return {.user = std::move(user), .item = std::move(item), .type = std::move(type), .value = value, .time_ms = time_ms};
}

std::vector<Event> events_of(const Store& store) {
  std::vector<Event> all;
  store.read_events(0, [&](const StoredEvent& stored) { all.push_back(stored.event); });
  return all;
}

}  // namespace

TEST("an event put over others takes the place of all with its user, item and type, and of no more") {
  for_every_amending_store([](Store& store) {
    const std::vector<Event> before = {event("ana", "mug", "star", 10, 3), event("ana", "mug", "view", 11), event("ben", "mug", "star", 12, 1), event("ana", "mug", "star", 20, 4), event("ana", "cup", "star", 21, 5)};
    store.append(before);
    const std::vector<Event> now = {event("ana", "mug", "star", 30, 2)};
    const Appended done = amend(store, now, Amend::overwrite);
    EXPECT_EQ(done.accepted, 1u);
    EXPECT_EQ(done.repeated, 2u);
    EXPECT_EQ(done.last, 6u);
    EXPECT_EQ(events_of(store), (std::vector<Event>{before[1], before[2], before[4], now[0]}));
    const StoreCounts counts = store.counts();
    EXPECT_EQ(counts.events, 4u);
    EXPECT_EQ(counts.first_ms, 11);
    EXPECT_EQ(counts.last_ms, 30);
    EXPECT_TRUE(store.damage().empty());
  });
}

TEST("values are added up, also of events in one call, and the newest tells the rest") {
  for_every_amending_store([](Store& store) {
    amend(store, std::vector<Event>{event("ana", "mug", "star", 10, 1), event("ana", "mug", "star", 20, 2)}, Amend::add_up);
    amend(store, std::vector<Event>{event("ana", "mug", "star", 5, 4)}, Amend::add_up);
    EXPECT_EQ(events_of(store), (std::vector<Event>{event("ana", "mug", "star", 5, 7)}));
    amend(store, std::vector<Event>{event("ana", "cup", "star", 5)}, Amend::add_up);
    amend(store, std::vector<Event>{event("ana", "cup", "star", 6)}, Amend::add_up);
    EXPECT_FALSE(events_of(store).back().value.has_value());
    // the same again is not a repeat: it adds up
    for (int i = 0; i < 2; ++i) amend(store, std::vector<Event>{event("ben", "mug", "read", 9, 1)}, Amend::add_up);
    EXPECT_EQ(events_of(store).back().value, 2);
  });
}

TEST("a sum that is no finite number refuses the whole call") {
  for_every_amending_store([](Store& store) {
    store.append(std::vector<Event>{event("ana", "mug", "star", 10, 1e308)});
    EXPECT_THROW(amend(store, std::vector<Event>{event("ben", "mug", "star", 10, 1), event("ana", "mug", "star", 11, 1e308)}, Amend::add_up), Error);
    EXPECT_EQ(events_of(store), (std::vector<Event>{event("ana", "mug", "star", 10, 1e308)}));
  });
}

TEST("what is taken back is in the log no more, of one type or of all") {
  for_every_amending_store([](Store& store) {
    store.append(std::vector<Event>{event("ana", "mug", "star", 10), event("ana", "mug", "view", 11), event("ana", "cup", "star", 12), event("ben", "mug", "star", 13)});
    EXPECT_EQ(retract(store, "ana", "mug", "star"), 1u);
    EXPECT_EQ(retract(store, "ana", "mug", "star"), 0u);
    EXPECT_EQ(retract(store, "ana", "mug"), 1u);
    for (const auto& [user, item, type] : {std::tuple("nobody", "mug", ""), {"ana", "nothing", ""}, {"ana", "cup", "never"}}) EXPECT_EQ(retract(store, user, item, type), 0u);
    EXPECT_EQ(store.counts().first_ms, 12);
    EXPECT_EQ(retract(store, "ben", "mug"), 1u);
    EXPECT_EQ(store.counts().last_ms, 12);
    EXPECT_EQ(events_of(store), (std::vector<Event>{event("ana", "cup", "star", 12)}));
    // it may come again, with a sequence of its own
    EXPECT_EQ(store.append(std::vector<Event>{event("ben", "mug", "star", 13)}).last, 5u);
  });
}

}  // namespace attune::data
