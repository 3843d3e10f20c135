// What is special to the store on PostgreSQL: several writers, a server that falls, a server that says no, hostile bytes.
#include <array>
#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>

#include "attune/core/error.h"
#include "attune/data/amend.h"
#include "attune/data/postgres_connection.h"
#include "attune/data/postgres_target.h"
#include "attune/data/postgres_text.h"
#include "attune/data/stores.h"
#include "tests/support/postgres.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

using attune::testing::Postgres;

Event event(std::string user, std::string item, std::int64_t time_ms) { return {.user = std::move(user), .item = std::move(item), .type = "purchase", .time_ms = time_ms}; }

void run(const std::string& url, const std::string& sql) {
  const PostgresTarget target = postgres_target(url);
  PgConnection(target).execute(sql);
}

std::string message_of(const std::function<void()>& body, Code expected) {
  try {
    body();
  } catch (const Error& e) {
    EXPECT_EQ(name(e.code()), name(expected)) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

std::vector<StoredEvent> log_of(const Store& store) {
  std::vector<StoredEvent> all;
  store.read_events(0, [&](const StoredEvent& stored) { all.push_back(stored); });
  return all;
}

}  // namespace

TEST("any bytes come back from PostgreSQL as they were, also those that stand for others there") {
  std::uint64_t state = 7;
  const auto random = [&state] { return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33; };
  std::vector<std::string> texts = {"", std::string("a\0b", 3), "\xff\xfe", "\xf4\x8f\xb8\x80", "\xf4\x8f\xbb\xbf\xf4\x8f", "\xed\xa0\x80", "\xc0\xaf", "שלום עולם", "你好\xe4\xbd", "\xf4\x90\x80\x80", "tab\tline\n\\.\\N\"{}'"};
  for (int n = 0; n < 300; ++n) {
    std::string text;
    for (std::uint64_t k = random() % 12; k > 0; --k) text += random() % 3 == 0 ? std::string("\xf4\x8f\xb8\x80").substr(random() % 4) : std::string(1, static_cast<char>(random()));
    texts.push_back(text);
  }
  std::vector<Event> events;
  std::set<std::string> stored;
  for (const std::string& text : texts) {
    EXPECT_EQ(from_postgres(to_postgres(text)), text);
    EXPECT_TRUE(stored.insert(to_postgres(text)).second || std::count(texts.begin(), texts.end(), text) > 1) << "two texts are kept as one";
    events.push_back({.user = "u" + text, .item = "i" + text, .type = "t" + text, .time_ms = 1, .session = text, .request = text});
  }
  const auto store = open_postgres(Postgres::shared().fresh_url());
  store->append(events);
  const auto log = log_of(*store);
  std::size_t at = 0;
  std::set<std::string> seen;
  for (const Event& event : events) {
    if (!seen.insert(event.user).second) continue;
    ASSERT_LT(at, log.size());
    EXPECT_EQ(log[at++].event, event);
    EXPECT_EQ(store->user_events(event.user).size(), 1u);
  }
  EXPECT_EQ(store->append(events).accepted, 0u);
  EXPECT_EQ(store->request_events(std::string("a\0b", 3)).size(), 1u);
}

TEST("several processes' writers share one log without gaps, and what two of them bring is taken once") {
  const std::string url = Postgres::shared().fresh_url();
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> accepted{0}, repeated{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const auto store = open_postgres(url);    // each its own, as if in a process of its own; the first also makes the tables
      for (int k = 0; k < 30; ++k) {
        const std::vector<Event> events = {event("both", "i" + std::to_string(k), k), event("u" + std::to_string(t), "i" + std::to_string(k), k)};
        const Appended done = store->append(events);
        accepted += done.accepted;
        repeated += done.repeated;
      }
    });
  for (std::thread& thread : threads) thread.join();
  const auto store = open_postgres(url);
  EXPECT_EQ(accepted, 150u);
  EXPECT_EQ(repeated, 90u);
  EXPECT_EQ(store->counts().events, 150u);
  EXPECT_EQ(store->counts().users, 5u);
  EXPECT_EQ(store->counts().items, 30u);
  Sequence last = 0;
  for (const StoredEvent& stored : log_of(*store)) EXPECT_EQ(stored.sequence, ++last);
  EXPECT_TRUE(store->damage().empty());
}

TEST("a server that falls while it is written to loses and doubles nothing that was acknowledged") {
  Postgres server;
  const std::string url = server.url("shop");
  const auto store = open_postgres(url, 30000);
  std::atomic<bool> is_over{false};
  std::atomic<int> acknowledged{0}, lists{0};
  std::thread writer([&] {
    for (int k = 0; !is_over; ++k) {
      const Appended done = store->append(std::vector<Event>{event("u" + std::to_string(k % 7), "i", k)});
      EXPECT_EQ(done.accepted, 1u) << "number " << k << " was taken twice";
      EXPECT_EQ(done.last, static_cast<Sequence>(k + 1));
      ++acknowledged;
    }
  });
  for (int fall = 0; fall < 2; ++fall) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    server.crash();
    server.start();
    const int before = acknowledged;
    for (int tries = 0; acknowledged < before + 20 && tries < 2000; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_GE(acknowledged, before + 20) << "it goes on by itself";
  }
  is_over = true;
  writer.join();
  Sequence last = 0;
  for (const StoredEvent& stored : log_of(*store)) {
    EXPECT_EQ(stored.event.time_ms, static_cast<std::int64_t>(last));
    EXPECT_EQ(stored.sequence, ++last);
  }
  EXPECT_EQ(last, static_cast<Sequence>(acknowledged));
  EXPECT_TRUE(store->damage().empty());

  server.stop();
  const auto impatient = message_of([&] { open_postgres(url, 300); }, Code::io);
  EXPECT_NE(impatient.find("see that the server runs"), std::string::npos) << impatient;
  message_of([&] { store->counts(); }, Code::io);
  server.start();
  const auto again = open_postgres(url);
  EXPECT_EQ(again->counts().events, last);
  for (int tries = 0; tries < 200; ++tries) {
    try {
      EXPECT_EQ(store->counts().events, last) << "the store that was open finds the server again";
      return;
    } catch (const Error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  ADD_FAILURE() << "the store did not find the server again";
}

TEST("a server without a free connection is waited for, then said to be full") {
  const std::string url = Postgres::shared().fresh_url();
  open_postgres(url);
  std::string as = url;
  as.replace(as.find("attune@"), 7, "guest@");
  const std::string schema = url.substr(url.rfind('=') + 1);
  run(url, "CREATE ROLE guest LOGIN CONNECTION LIMIT 2; GRANT ALL ON SCHEMA " + schema + " TO guest; GRANT ALL ON ALL TABLES IN SCHEMA " + schema + " TO guest");
  {
    const auto store = open_postgres(as);      // one connection writes, one is left to read
    store->append(std::vector<Event>{event("ana", "mug", 1)});
    std::vector<std::thread> threads;
    std::atomic<int> read{0};
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        for (int k = 0; k < 20; ++k) {
          try {
            EXPECT_EQ(store->user_events("ana").size(), 1u);
            ++read;
          } catch (const Error& e) {
            EXPECT_EQ(e.code(), Code::io) << e.what();    // waited for a second in vain, on a machine that has other things to do
          }
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(read, 100);
    const std::string full = message_of([&] { open_postgres(as, 300); }, Code::io);
    EXPECT_NE(full.find("max_connections"), std::string::npos) << full;
  }
  run(url, "DROP OWNED BY guest; DROP ROLE guest");
}

TEST("what is no store of ours is left as it is and named") {
  Postgres& server = Postgres::shared();
  const std::string newer = server.fresh_url();
  open_postgres(newer);
  run(newer, "UPDATE attune_store SET version = 99");
  EXPECT_NE(message_of([&] { open_postgres(newer); }, Code::unsupported).find("version 99"), std::string::npos);
  const std::string other = server.fresh_url(), schema = other.substr(other.rfind('=') + 1);
  run(other, "CREATE SCHEMA " + schema + "; CREATE TABLE " + schema + ".users(id int)");
  EXPECT_NE(message_of([&] { open_postgres(other); }, Code::bad_data).find("?schema=NAME"), std::string::npos);
  run(other, "INSERT INTO users VALUES(1)");
  run(other, "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  std::string latin = other;
  latin.replace(latin.find("/attune?"), 8, "/latin?");
  EXPECT_NE(message_of([&] { open_postgres(latin); }, Code::unsupported).find("UTF8"), std::string::npos);
  std::string nowhere = other;
  nowhere.replace(nowhere.find("/attune?"), 8, "/nowhere?");
  EXPECT_NE(message_of([&] { open_postgres(nowhere); }, Code::not_found).find("createdb"), std::string::npos);
  const std::string damaged = server.fresh_url();
  const auto store = open_postgres(damaged);
  run(damaged, "DROP TABLE events CASCADE");
  message_of([&] { store->append(std::vector<Event>{event("a", "b", 1)}); }, Code::bad_data);
  EXPECT_FALSE(store->damage().empty());
}

TEST("a password is in no message, however broken the URL") {
  const auto refused = [](const std::string& url) {
    std::string said;
    try {
      open_postgres(url, 100);
      ADD_FAILURE() << url << " was opened";
    } catch (const Error& e) {
      said = e.what();
    }
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
    return said;
  };
  for (const char* url : {"postgres://u:hunter2@127.0.0.1:1/d", "postgres://u:hunter2%zz@h/d", "postgres://u:p/hunter2@h/d", "postgres://u:hunter2@h:port/d", "mysql://u:hunter2@h/d",
                          "postgres://u@127.0.0.1:1/d?password=hunter2", "postgres://u:hunter2@h/d?schema=No;", "postgres://u:a@hunter2@h:x/d", "postgres://u:hunter2?@[::/d"})
    refused(url);
  EXPECT_EQ(without_password("postgres://u:hunter2@h:1/d?sslmode=require"), "postgres://u@h:1/d?sslmode=require");
  EXPECT_EQ(without_password("postgres://h:1/d?password=hunter2"), "postgres://h:1/d");
}

TEST("names longer than an index takes are refused before anything is written") {
  const auto store = open_postgres(Postgres::shared().fresh_url());
  EXPECT_EQ(store->append(std::vector<Event>{event(std::string(2000, 'x'), std::string(2000, 'y'), 1)}).accepted, 1u);
  message_of([&] { store->append(std::vector<Event>{event("a", "b", 1), event(std::string(2001, 'x'), "b", 1)}); }, Code::bad_request);
  message_of([&] { store->put(Kind::item, std::vector<Record>{{.name = std::string(700, '\0')}}); }, Code::bad_request);
  EXPECT_EQ(store->counts().events, 1u);
  EXPECT_EQ(store->counts().items, 1u);
}

TEST("groups in one commit are told apart: what each brought, and which place it reached") {
  const auto store = open_postgres(Postgres::shared().fresh_url());
  store->append(std::vector<Event>{event("ana", "mug", 1)});
  const std::vector<std::vector<Event>> groups = {{event("ana", "mug", 1)}, {event("ben", "cup", 2), event("ben", "cup", 3)}, {}, {event("cy", "jar", 4), event("ben", "cup", 2)}, {event("cy", "jar", 4)}};
  const auto done = store->append_groups(groups);
  ASSERT_EQ(done.size(), 5u);
  const std::vector<std::array<std::uint64_t, 3>> expected = {{1, 0, 1}, {3, 2, 0}, {3, 0, 0}, {4, 1, 1}, {4, 0, 1}};   // last, accepted, repeated
  for (std::size_t g = 0; g < done.size(); ++g) EXPECT_EQ((std::array<std::uint64_t, 3>{done[g].last, done[g].accepted, done[g].repeated}), expected[g]) << g;
  EXPECT_EQ(log_of(*store).size(), 4u);
}

TEST("a large first load and a second one over it keep every event once, in order") {
  const auto store = open_postgres(Postgres::shared().fresh_url());
  std::vector<Event> events;
  for (int k = 0; k < 60000; ++k) events.push_back(event("u" + std::to_string(k % 5000), "i" + std::to_string(k * 7 % 1000), k));
  EXPECT_EQ(store->append(events).accepted, 60000u);
  events.push_back(event("u1", "i1", 999999));
  const Appended again = store->append(events);
  EXPECT_EQ(again.accepted, 1u);
  EXPECT_EQ(again.repeated, 60000u);
  Sequence last = 0;
  store->read_events(0, [&](const StoredEvent& stored) {
    EXPECT_EQ(stored.event, events[last]);
    EXPECT_EQ(stored.sequence, ++last);
  });
  EXPECT_EQ(last, 60001u);
  EXPECT_EQ(store->user_events("u7").size(), 12u);
}

}  // namespace attune::data
