// Events as JSON objects over a wire.
#include "attune/data/event_json.h"

#include "tests/support/test.h"

using namespace attune::data;

namespace {
constexpr std::int64_t kNow = 1700000000000;
}

TEST("an event has what it says, and now for what it does not") {
  EventJson reader(kNow);
  Event event;
  EXPECT_TRUE(reader.read(R"({"user": "ana", "item": 42})", event).empty());
  EXPECT_EQ(event, (Event{.user = "ana", .item = "42", .time_ms = kNow}));
  EXPECT_TRUE(reader.read(R"({"item":"mug","user":"b","type":"view","value":-2.5,"time":"2023-11-14T22:13:19Z","session":"s","request":"r1"})", event).empty());
  EXPECT_EQ(event, (Event{.user = "b", .item = "mug", .type = "view", .value = -2.5, .time_ms = kNow - 1000, .session = "s", .request = "r1"}));
}

TEST("times are seconds, milliseconds or ISO, not later than a day from now") {
  EventJson reader(kNow);
  Event event;
  for (const char* time : {"1600000000", "1600000000000", "1.6e9", "\"2020-09-13T12:26:40Z\"", "\"2020-09-13 12:26:40\""}) {
    EXPECT_TRUE(reader.read(std::string(R"({"user":"a","item":"b","time":)") + time + "}", event).empty()) << time;
    EXPECT_EQ(event.time_ms, 1600000000000) << time;
  }
  for (const char* time : {"1700090000", "-5", "1e300", "\"2099-01-01\"", "\"yesterday\"", "[1]", "true"})
    EXPECT_EQ(reader.read(std::string(R"({"user":"a","item":"b","time":)") + time + "}", event).field, "time") << time;
}

TEST("what is wrong is named by its field") {
  EventJson reader(kNow);
  Event event;
  for (const auto& [text, field] : {std::pair{R"({"item":"b"})", "user"}, {R"({"user":"a"})", "item"}, {R"({"user":"","item":"b"})", "user"}, {R"({"user":"a","item":" "})", "item"},
                                   {R"({"user":"a","item":["b"]})", "item"}, {R"({"user":"a","item":"b","value":"3"})", "value"}, {R"({"user":"a\u0000","item":"b"})", "user"},
                                   {R"({"user":"a","item":"b","usr":1})", "usr"}, {R"([1])", ""}, {R"({"user":"a","item":"b")", ""}, {"", ""}, {R"({"user":"a","item":"b","value":1e999})", ""}})
    EXPECT_EQ(reader.read(text, event).field, field) << text;
  EXPECT_FALSE(reader.read("[1]", event).empty());
  EXPECT_FALSE(reader.read(R"({"user":"a","item":"b","value":1e999})", event).empty());
  EXPECT_NE(reader.read(R"({"user":"a","item":"b","usr":1})", event).reason.find("did you mean 'user'?"), std::string::npos);
  EXPECT_EQ(reader.read("{\"user\":\"" + std::string(600, 'x') + "\",\"item\":\"b\"}", event).field, "user");
}
