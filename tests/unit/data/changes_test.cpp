// What another process wrote, in every store that can tell.
#include "attune/data/changes.h"

#include <chrono>

#include "attune/data/amend.h"
#include "attune/data/stores.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

// Calls body with two openings of one empty store, as two processes have them.
void for_every_followed_store(const std::function<void(Store& one, Store& other)>& body) {
  const attune::testing::Folder folder;
  const std::string path = (folder.path / "a.db").string(), url = attune::testing::Postgres::shared().fresh_url();
  {
    SCOPED_TRACE("SQLite");
    const auto one = open_sqlite(path), other = open_sqlite(path);
    body(*one, *other);
  }
  SCOPED_TRACE("PostgreSQL");
  const auto one = open_postgres(url), other = open_postgres(url);
  body(*one, *other);
}

Event event(std::string user, std::string item, std::int64_t time_ms) { return {.user = std::move(user), .item = std::move(item), .type = "purchase", .time_ms = time_ms}; }

}  // namespace

TEST("what one process writes, another is told of, and finds by its marks") {
  for_every_followed_store([](Store& one, Store& other) {
    auto& feed = dynamic_cast<FollowedStore&>(other);
    feed.wait(10);     // listens from here on
    const Marks before = feed.marks();
    one.append(std::vector<Event>{event("ana", "mug", 1), event("ben", "cup", 2)});
    one.put(Kind::item, std::vector<Record>{{.name = "mug", .text = "A mug"}, {.name = "jar", .text = "A jar"}});
    const auto began = std::chrono::steady_clock::now();
    feed.wait(5000);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4));
    const Marks then = feed.marks();
    EXPECT_EQ(feed.events_between(before.sequence, then.sequence).size(), 2u);
    const auto items = feed.items_between(before.change, then.change);
    ASSERT_EQ(items.size(), 2u);
    EXPECT_EQ(items[1].text, "A jar");
    one.put(Kind::item, std::vector<Record>{{.name = "mug", .text = "A mug"}});
    EXPECT_EQ(feed.marks(), then) << "nothing was changed";
    dynamic_cast<Amending&>(one).retract("ben", "cup", "");
    EXPECT_EQ(feed.users_between(then.change, feed.marks().change), std::vector<std::string>{"ben"}) << "an event taken back leaves no place in the log";
    const Receipt receipt = one.erase(Kind::user, "ana");
    const auto receipts = feed.receipts_between(then.receipt, feed.marks().receipt);
    ASSERT_EQ(receipts.size(), 1u);
    EXPECT_TRUE(proves(receipts[0], "ana"));
    EXPECT_EQ(receipts[0].id, receipt.id);
  });
}

}  // namespace attune::data
