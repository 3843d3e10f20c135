// What every store must do, run over every STORE line of plugins.def.
#include "attune/data/store.h"

#include <limits>
#include <thread>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/dataset.h"
#include "attune/data/stores.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

using attune::testing::Folder;

struct Fresh {
  Folder folder;
  std::unique_ptr<Store> store;
  Store* operator->() { return store.get(); }
};

std::string place_for(std::string_view store, const Fresh& fresh) {
  return store == "postgres" ? testing::Postgres::shared().fresh_url() : (fresh.folder.path / "a.db").string();
}

// Calls body with an empty store of every kind.
void for_every_store(const std::function<void(Fresh&)>& body) {
#define STORE(name, about, source)                                    \
  {                                                                   \
    Fresh fresh;                                                      \
    SCOPED_TRACE(#name);                                              \
    fresh.store = open_##name(place_for(#name, fresh));               \
    body(fresh);                                                      \
  }
#include "attune/plugins.def"
}

Event event(std::string user, std::string item, std::int64_t time_ms, std::string session = "") {
  return {.user = std::move(user), .item = std::move(item), .type = "purchase", .time_ms = time_ms, .session = std::move(session)};
}

std::vector<StoredEvent> log_of(const Store& store, Sequence from = 0) {
  std::vector<StoredEvent> all;
  store.read_events(from, [&](const StoredEvent& stored) { all.push_back(stored); });
  return all;
}

std::vector<Record> records_of(const Store& store, Kind kind) {
  std::vector<Record> all;
  store.read_records(kind, [&](const Record& record) { all.push_back(record); });
  return all;
}

std::vector<Rejection> rejections_of(const Store& store, std::size_t limit = 1000) {
  std::vector<Rejection> all;
  store.read_rejections(limit, [&](const Rejection& row) { all.push_back(row); });
  return all;
}

template <class F>
Code code_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.code();
  }
  return Code::internal;
}

Batch small_batch() {
  Batch batch;
  batch.items = {{.name = "mug", .text = "A blue mug"}, {.name = "cup", .text = "A cup"}};
  batch.users = {{.name = "ana", .text = "likes blue"}};
  batch.events = {event("ana", "mug", 10, "i1"), event("ben", "cup", 5, "i2"), event("ana", "mug", 10, "i1"), event("ana", "lamp", 7)};
  batch.rejections = {{.file = "f.csv", .line = 3, .reason = "no date", .text = "ana,mug,never"},
                      {.file = "f.csv", .line = 4, .reason = "no date", .text = "susana,mug,never"}};
  batch.source = "f.csv";
  batch.report = Json::object();
  return batch;
}

}  // namespace

TEST("events come back as they were, with every field, in the order of the log") {
  for_every_store([](Fresh& s) {
    const std::vector<Event> events = {
        {.user = "ana", .item = "mug", .type = "rating", .value = 4.5, .time_ms = -1, .session = "s", .request = "r"},
        {.user = "Ä\xff", .item = std::string("a\0b", 3), .type = "", .value = {}, .time_ms = std::numeric_limits<std::int64_t>::max()},
        {.user = "ana", .item = "mug", .type = "rating", .value = 0, .time_ms = -1, .session = "s", .request = "r"},
        {.user = "ana", .item = "mug", .type = "rating", .value = {}, .time_ms = -1, .session = "s", .request = "r"},
        {.user = "ana", .item = "mug", .type = "rating", .value = {}, .time_ms = -1, .session = "sr", .request = ""}};
    const Appended done = s->append(events);
    EXPECT_EQ(done.accepted, 5u);
    EXPECT_EQ(done.last, 5u);
    const std::vector<StoredEvent> log = log_of(*s.store);
    ASSERT_EQ(log.size(), 5u);
    for (std::size_t k = 0; k < 5; ++k) {
      EXPECT_EQ(log[k].event, events[k]) << k;
      EXPECT_EQ(log[k].sequence, k + 1);
    }
    EXPECT_EQ(log_of(*s.store, 3).size(), 2u);
    EXPECT_EQ(log_of(*s.store, 3)[0].sequence, 4u);
    EXPECT_TRUE(log_of(*s.store, 99).empty());
  });
}

TEST("an event that is already in the log, or comes twice in one batch, is counted and not stored") {
  for_every_store([](Fresh& s) {
    const std::vector<Event> events = {event("ana", "mug", 1), event("ana", "cup", 1), event("ana", "mug", 1)};
    const Appended first = s->append(events);
    EXPECT_EQ(first.accepted, 2u);
    EXPECT_EQ(first.repeated, 1u);
    const Appended again = s->append(events);
    EXPECT_EQ(again.accepted, 0u);
    EXPECT_EQ(again.repeated, 3u);
    EXPECT_EQ(again.last, 2u);
    const std::vector<Event> zero = {{.user = "a", .item = "b", .value = 0.0}}, minus_zero = {{.user = "a", .item = "b", .value = -0.0}};
    EXPECT_EQ(s->append(zero).accepted, 1u);
    EXPECT_EQ(s->append(minus_zero).accepted, 0u);
  });
}

TEST("a user's events are oldest first, equal times in the order of the log") {
  for_every_store([](Fresh& s) {
    const std::vector<Event> events = {event("ana", "c", 9), event("ben", "x", 1), event("ana", "a", 3), event("ana", "b", 3)};
    s->append(events);
    std::string order;
    for (const StoredEvent& stored : s->user_events("ana")) {
      EXPECT_EQ(stored.event.user, "ana");
      order += stored.event.item;
    }
    EXPECT_EQ(order, "abc");
    EXPECT_TRUE(s->user_events("nobody").empty());
  });
}

TEST("impossible input is a bad request and leaves nothing behind") {
  for_every_store([](Fresh& s) {
    const std::vector<Event> no_user = {event("ana", "mug", 1), event("", "mug", 1)};
    const std::vector<Event> no_item = {event("ana", "", 1)};
    const std::vector<Event> no_number = {{.user = "a", .item = "b", .value = std::numeric_limits<double>::quiet_NaN()}};
    const std::vector<Event> infinite = {{.user = "a", .item = "b", .value = std::numeric_limits<double>::infinity()}};
    for (const auto& bad : {no_user, no_item, no_number, infinite}) EXPECT_EQ(code_of([&] { s->append(bad); }), Code::bad_request);
    const std::vector<Record> no_name = {{.name = ""}};
    EXPECT_EQ(code_of([&] { s->put(Kind::item, no_name); }), Code::bad_request);
    Batch batch = small_batch();
    batch.events.push_back(event("", "x", 1));
    EXPECT_EQ(code_of([&] { s->take(batch); }), Code::bad_request);
    EXPECT_EQ(code_of([&] { s->log_exposure({.request = "r", .items = {"a"}, .scores = {}, .propensities = {1}}); }), Code::bad_request);
    const StoreCounts counts = s->counts();
    EXPECT_EQ(counts.events + counts.users + counts.items + counts.rejections + counts.exposures + counts.imports, 0u);
  });
}

TEST("records keep their first place, a later one replaces the text it has and the attributes it names") {
  for_every_store([](Fresh& s) {
    s->append(std::vector<Event>{event("ana", "cup", 1)});
    Json red = Json::object(), price = Json::object();
    red["color"] = Json("red");
    red["price"] = Json(2);
    price["price"] = Json(3.5);
    const std::vector<Record> first = {{.name = "mug", .text = "A mug", .attributes = red, .created_ms = 5}, {.name = "cup", .text = "A cup"}};
    const std::vector<Record> later = {{.name = "mug", .text = "", .attributes = price, .hidden = true}};
    s->put(Kind::item, first);
    s->put(Kind::item, later);
    const std::vector<Record> records = records_of(*s.store, Kind::item);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].name, "mug");
    EXPECT_EQ(records[0].text, "A mug");
    EXPECT_EQ(records[0].attributes.at("color"), Json("red"));
    EXPECT_EQ(records[0].attributes.at("price"), Json(3.5));
    EXPECT_EQ(records[0].created_ms, 5);
    EXPECT_TRUE(records[0].hidden);
    EXPECT_EQ(s->find(Kind::item, "cup")->text, "A cup");
    EXPECT_FALSE(s->find(Kind::user, "ana")) << "known from an event only";
    EXPECT_FALSE(s->find(Kind::item, "lamp"));
    EXPECT_EQ(s->counts().items, 2u);
    EXPECT_EQ(s->counts().users, 1u);
  });
}

TEST("taking a batch twice changes nothing") {
  for_every_store([](Fresh& s) {
    const Appended first = s->take(small_batch());
    EXPECT_EQ(first.accepted, 3u);
    EXPECT_EQ(first.repeated, 1u);
    const StoreCounts before = s->counts();
    EXPECT_EQ(before.events, 3u);
    EXPECT_EQ(before.users, 2u);
    EXPECT_EQ(before.items, 3u);
    EXPECT_EQ(before.rejections, 2u);
    EXPECT_EQ(before.imports, 1u);
    EXPECT_EQ(before.first_ms, 5);
    EXPECT_EQ(before.last_ms, 10);
    EXPECT_EQ(s->take(small_batch()).accepted, 0u);
    const StoreCounts after = s->counts();
    EXPECT_EQ(after.events, before.events);
    EXPECT_EQ(after.rejections, before.rejections);
    EXPECT_EQ(after.imports, before.imports);
    EXPECT_EQ(after.last, before.last);
    EXPECT_EQ(rejections_of(*s.store).size(), 2u);
    EXPECT_EQ(rejections_of(*s.store, 1)[0].text, "ana,mug,never");
    EXPECT_EQ(rejections_of(*s.store, 1)[0].line, 3u);
  });
}

TEST("a record put again as it was is no change, also when its attributes are stored in other words") {
  for_every_store([](Fresh& s) {
    Batch batch = small_batch();
    Json odd = Json::object();
    odd["price"] = Json(3.0);
    odd["share"] = Json(0.1f);
    odd["name"] = Json("bad \xff byte");
    odd["text"] = Json(std::string("a\0b", 3));
    batch.items[0].attributes = odd;
    batch.items.push_back({.name = "jar", .text = std::string("j\0r \xff", 5)});
    s->take(batch);
    s->take(batch);
    EXPECT_EQ(s->counts().imports, 1u);
  });
}

TEST("erasing a user takes its events, record, exposures and rejected rows, and nobody else's") {
  for_every_store([](Fresh& s) {
    s->take(small_batch());
    s->log_exposure({.request = "r1", .user = "ana", .snapshot = "s", .time_ms = 1, .items = {"mug"}, .scores = {1}, .propensities = {1}});
    s->log_exposure({.request = "r2", .user = "ben", .snapshot = "s", .time_ms = 1, .items = {"mug"}, .scores = {1}, .propensities = {1}});
    const Receipt receipt = s->erase(Kind::user, "ana");
    EXPECT_EQ(receipt.events, 2u);
    EXPECT_EQ(receipt.records, 1u);
    EXPECT_EQ(receipt.exposures, 1u);
    EXPECT_EQ(receipt.rejections, 1u) << "susana is somebody else";
    EXPECT_EQ(receipt.sequence, 3u);
    EXPECT_EQ(receipt.name_hash, hash_hex(receipt.id + ":ana"));
    EXPECT_TRUE(s->user_events("ana").empty());
    EXPECT_FALSE(s->find(Kind::user, "ana"));
    ASSERT_EQ(log_of(*s.store).size(), 1u);
    EXPECT_EQ(log_of(*s.store)[0].event.user, "ben");
    EXPECT_EQ(rejections_of(*s.store)[0].text, "susana,mug,never");
    const StoreCounts counts = s->counts();
    EXPECT_EQ(counts.events, 1u);
    EXPECT_EQ(counts.users, 1u);
    EXPECT_EQ(counts.exposures, 1u);
    EXPECT_EQ(counts.first_ms, 5);
    EXPECT_EQ(counts.last_ms, 5);
    EXPECT_EQ(code_of([&] { s->erase(Kind::user, "ana"); }), Code::not_found);
    ASSERT_EQ(s->receipts().size(), 1u);
    EXPECT_EQ(s->receipts()[0].id, receipt.id);
    EXPECT_EQ(s->receipts()[0].events, 2u);
    EXPECT_EQ(s->receipts()[0].name_hash, receipt.name_hash);
  });
}

TEST("erasing an item takes its record and events; sequences are never given again") {
  for_every_store([](Fresh& s) {
    s->take(small_batch());
    const Receipt receipt = s->erase(Kind::item, "lamp");
    EXPECT_EQ(receipt.events, 1u);
    EXPECT_EQ(receipt.records, 0u);
    EXPECT_EQ(s->counts().last, 3u);
    EXPECT_EQ(s->append(std::vector<Event>{event("ana", "lamp", 7)}).last, 4u) << "the erased event was number 3";
    EXPECT_EQ(s->erase(Kind::item, "cup").records, 1u);
    EXPECT_EQ(code_of([&] { s->erase(Kind::item, "never"); }), Code::not_found);
  });
}

TEST("exposures and small values come back as they were") {
  for_every_store([](Fresh& s) {
    const Exposure exposure{.request = "r", .user = "ana", .snapshot = "s1", .time_ms = 7, .items = {"a", "b\""}, .scores = {0.1f, -3e-9f}, .propensities = {1, 1.0f / 3},
                            .note = R"({"experiments": {"wide": "b"}})"};
    s->log_exposure(exposure);
    std::size_t n = 0;
    s->read_exposures([&](const Exposure& read) {
      ++n;
      EXPECT_EQ(read.request, "r");
      EXPECT_EQ(read.user, "ana");
      EXPECT_EQ(read.snapshot, "s1");
      EXPECT_EQ(read.time_ms, 7);
      EXPECT_EQ(read.items, exposure.items);
      EXPECT_EQ(read.scores, exposure.scores);
      EXPECT_EQ(read.propensities, exposure.propensities);
      EXPECT_EQ(read.note, exposure.note);
    });
    EXPECT_EQ(n, 1u);
    EXPECT_FALSE(s->meta("key"));
    s->set_meta("key", "one");
    s->set_meta("key", "two");
    EXPECT_EQ(s->meta("key"), "two");
  });
}

TEST("many threads append and read, and every event is there once") {
  for_every_store([](Fresh& s) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int k = 0; k < 25; ++k) {
          const std::vector<Event> one = {event("u" + std::to_string(t), "i" + std::to_string(k), k), event("both", "i" + std::to_string(k), k)};
          s->append(one);
          s->user_events("both");
          log_of(*s.store, 10);
          s->counts();
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(s->counts().events, 125u);
    EXPECT_EQ(s->user_events("both").size(), 25u);
    Sequence last = 0;
    for (const StoredEvent& stored : log_of(*s.store)) EXPECT_EQ(stored.sequence, ++last);
  });
}

TEST("a dataset numbers items by records, then events, and users by events, then records") {
  for_every_store([](Fresh& s) {
    s->append(std::vector<Event>{event("ben", "lamp", 9), event("ana", "mug", 5), event("ben", "mug", 2), event("ben", "cup", 2)});
    s->put(Kind::item, std::vector<Record>{{.name = "cup", .text = "A cup"}, {.name = "mug", .hidden = true}});
    s->put(Kind::user, std::vector<Record>{{.name = "cy"}, {.name = "ana"}});
    const Dataset data = build(*s.store, {});
    std::string items, users, history;
    for (const CatalogueItem& item : data.catalogue().items()) items += item.name + " ";
    for (const std::string& user : data.catalogue().users()) users += user + " ";
    for (const Touch& touch : data.history(UserId{0})) history += data.catalogue().item(touch.item).name + " ";
    EXPECT_EQ(items, "cup mug lamp ");
    EXPECT_EQ(users, "ben ana cy ");
    EXPECT_EQ(history, "mug cup lamp ");
    EXPECT_EQ(data.catalogue().item(ItemId{0}).text, "A cup");
    EXPECT_TRUE(data.catalogue().item(ItemId{1}).hidden);
    EXPECT_EQ(data.until(), 4u);
    EXPECT_EQ(build(*s.store, {.until = 2}).event_count(), 2u);
    EXPECT_EQ(build(*s.store, {.until = 2}).until(), 2u);
  });
}

TEST("a dataset weighs events by type and age, keeps sessions apart and collapses repeats of one") {
  for_every_store([](Fresh& s) {
    constexpr std::int64_t day = 86400000;
    std::vector<Event> events = {event("ana", "mug", 10 * day, "i1"), event("ana", "cup", 10 * day, "i1"), event("ana", "mug", 10 * day + 1, "i1"),
                                 event("ana", "mug", 20 * day, "i2"), event("ana", "mug", 20 * day)};
    events[2].type = "view";
    s->append(events);
    const EventTypes types = {{"purchase", {.weight = 1, .half_life_days = 10}}, {"view", {.weight = 0.2f, .hides = false}}};
    const Dataset whole = build(*s.store, {.types = types});
    const auto history = whole.history(UserId{0});
    ASSERT_EQ(history.size(), 5u);
    EXPECT_FLOAT_EQ(history[0].weight, 0.5f);
    EXPECT_FLOAT_EQ(history[2].weight, 0.2f);
    EXPECT_FLOAT_EQ(history[3].weight, 1);
    EXPECT_FLOAT_EQ(build(*s.store, {.types = types, .until = 3}).history(UserId{0})[0].weight, 0.9999999f);
    const auto sessions = whole.sessions(UserId{0});
    EXPECT_EQ(sessions[0], sessions[1]);
    EXPECT_NE(sessions[0], sessions[3]);
    EXPECT_EQ(sessions[4], 0u);
    EXPECT_EQ(whole.hides(UserId{0})[2], 0);
    EXPECT_EQ(build(*s.store, {.types = types, .collapse_sessions = true}).event_count(), 4u);
  });
}

TEST("trials come back by study and number, one put again is replaced, a forgotten study is gone") {
  for_every_store([](Fresh& store) {
    EXPECT_TRUE(store->trials("a").empty());
    Json result = Json::object();
    for (const std::uint64_t number : {2u, 0u, 1u}) {
      result["ndcg@10"] = 0.25 * static_cast<double>(number);
      store->put_trial({.study = "a", .number = number, .time_ms = 5, .result = result});
    }
    store->put_trial({.study = "b", .number = 0, .time_ms = 6, .result = Json("x")});
    store->put_trial({.study = "a", .number = 1, .time_ms = 7, .result = Json("again")});
    const auto trials = store->trials("a");
    ASSERT_EQ(trials.size(), 3u);
    EXPECT_EQ(trials[0].number, 0u);
    EXPECT_EQ(trials[1].result, Json("again"));
    EXPECT_EQ(trials[1].time_ms, 7);
    EXPECT_DOUBLE_EQ(trials[2].result.at("ndcg@10").as_number(), 0.5);
    EXPECT_EQ(store->forget_trials("a"), 3u);
    EXPECT_TRUE(store->trials("a").empty());
    EXPECT_EQ(store->trials("b").size(), 1u);
    EXPECT_EQ(store->forget_trials("none"), 0u);
  });
}

}  // namespace attune::data
