// Rows of a PostgreSQL database, imported as a file's.
#include "attune/data/postgres_source.h"

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/import.h"
#include "attune/data/postgres_connection.h"
#include "attune/data/stores.h"
#include "tests/support/postgres.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

std::string url() {
  static const auto is_there = open_postgres(testing::Postgres::shared().fresh_url());   // waits for the server
  return testing::Postgres::shared().url("attune");
}

void run(const std::string& sql) {
  const PostgresTarget target = postgres_target(url());
  PgConnection(target, PgConnection::Use::foreign).execute(sql);
}

std::string message_of(const std::string& query, Code expected) {
  try {
    const PostgresRows rows(url(), query, attune::Run{});
  } catch (const Error& e) {
    EXPECT_EQ(name(e.code()), name(expected)) << e.what();
    return e.what();
  }
  ADD_FAILURE() << query << " was taken";
  return {};
}

}  // namespace

TEST("columns of a query are guessed as a file's are, times in UTC, quotes and line ends kept") {
  run("CREATE TABLE public.lines(id serial, customer text, sku text, at timestamptz, amount numeric, note text); "
      "INSERT INTO public.lines(customer, sku, at, amount, note) SELECT 'c' || n % 9, 'sku,' || n % 5, timestamptz '2024-03-01 01:00+02' + n * interval '1 hour', n / 4.0, NULL FROM generate_series(0, 99) n; "
      "CREATE TABLE public.things(sku text, title text, price float8); INSERT INTO public.things VALUES('sku,1', E'A \"blue\"\\nmug', 3.5), ('sku,2', '蓝色杯子', NULL), ('sku,3', 'back\\slash', 1e3)");
  std::filesystem::path written;
  {
    const PostgresRows rows(url(), "select customer as user, sku as item, at as time, amount as value from lines order by id;  ", attune::Run{});
    written = rows.file();
    EXPECT_EQ(rows.rows(), 100u);
    const Mapping mapping = guess(rows.file(), {});
    EXPECT_EQ(mapping.kind, "events");
    const Batch batch = read(rows.file(), mapping, {}, attune::Run{});
    ASSERT_EQ(batch.events.size(), 100u);
    EXPECT_EQ(batch.events[1], (Event{.user = "c1", .item = "sku,1", .type = batch.events[1].type, .value = 0.25, .time_ms = 1709251200000}));
  }
  EXPECT_FALSE(std::filesystem::exists(written)) << "the rows written down go with their reading";
  const PostgresRows rows(url(), query_of_table("public.things"), attune::Run{});
  const Mapping mapping = guess(rows.file(), {.map = {{"item", "sku"}, {"text", "title"}}, .kind = "items"});
  const Batch batch = read(rows.file(), mapping, {}, attune::Run{});
  ASSERT_EQ(batch.items.size(), 3u);
  EXPECT_EQ(batch.items[0].text, "A \"blue\"\nmug");
  EXPECT_EQ(batch.items[1].text, "蓝色杯子");
  EXPECT_EQ(batch.items[2].text, "back\\slash");
  EXPECT_EQ(batch.items[0].attributes.at("price"), Json(3.5));
  EXPECT_EQ(std::filesystem::status(rows.file()).permissions() & std::filesystem::perms::others_all, std::filesystem::perms::none);
}

TEST("a query that cannot be asked, writes or gives nothing is refused with the server's reason, and changes nothing") {
  run("CREATE TABLE public.kept(a int); INSERT INTO public.kept VALUES(1)");
  EXPECT_NE(message_of("select nonsense", Code::bad_request).find("nonsense"), std::string::npos);
  EXPECT_NE(message_of("select * from no_such_table", Code::bad_request).find("no_such_table"), std::string::npos);
  message_of("delete from kept returning a", Code::bad_request);
  message_of("select 1) to stdout (format text); drop table kept; copy (select 1", Code::bad_request);
  message_of("select 1) to stdout; drop table kept; copy (select 1", Code::bad_request);
  message_of("", Code::bad_request);
  message_of("select * from kept where a > 5", Code::bad_data);
  const PostgresRows rows(url(), query_of_table("kept"), attune::Run{});
  EXPECT_EQ(rows.rows(), 1u);
  EXPECT_EQ(query_of_table("shop.odd\"name"), "SELECT * FROM \"shop\".\"odd\"\"name\"");
  EXPECT_EQ(shown_source("postgres://u:hunter2@h:1/d", ""), "postgres://u@h:1/d:query");
}

}  // namespace attune::data
