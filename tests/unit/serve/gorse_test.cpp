// Gorse's words in ours.
#include "attune/serve/gorse.h"

#include "attune/serve/refusal.h"
#include "tests/support/test.h"

namespace attune::serve::gorse {

TEST("times are read in nearly any form and written as RFC 3339") {
  for (const auto& [text, there] : {std::pair("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"), {"2024-05-01 10:00:00", "2024-05-01T10:00:00Z"}, {"2024-05-01", "2024-05-01T00:00:00Z"}, {"1700000000", "2023-11-14T22:13:20Z"},
                                    {"1700000000123", "2023-11-14T22:13:20.123Z"}, {"", "0001-01-01T00:00:00Z"}, {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"}, {"2024-05-01T10:00:00.5+02:00", "2024-05-01T08:00:00.500Z"}})
    EXPECT_EQ(time_text(parse_time(text, "Timestamp")), there) << text;
  for (const char* text : {"soon", "9999-01-01", "-5", "2024-13-01", "1e9"}) EXPECT_THROW(parse_time(text, "Timestamp"), Refusal) << text;
}

TEST("durations are read as Go writes them") {
  for (const auto& [text, ms] : {std::pair("0h10m0s", 600000), {"90s", 90000}, {"1.5h", 5400000}, {"250ms", 250}, {"0", 0}, {"1h1m1s1ms", 3661001}}) EXPECT_EQ(parse_duration(text, "d"), ms) << text;
  for (const char* text : {"", "10", "m", "-1s", "1x", "nan", "1e99h", "999999999999h"}) EXPECT_THROW(parse_duration(text, "d"), Refusal) << text;
}

TEST("what is merged over a record leaves nothing of it") {
  data::Record before{.name = "i", .text = "old", .attributes = Json::parse(R"({"a": 1, "b": [1, 2], "categories": ["x"]})")};
  const data::Record wanted = item_of(Json::parse(R"({"ItemId": "i", "Labels": {"b": "new"}})"));
  data::merge(before, replacing(wanted, before));
  EXPECT_EQ(item_json(before).dump(), item_json(wanted).dump());
}

TEST("an item without a comment is read by the title in its labels, which is no comment") {
  const data::Record item = item_of(Json::parse(R"({"ItemId": "i", "Labels": {"title": "Blue mug", "description": "300 ml"}})"));
  EXPECT_EQ(item.text, "Blue mug. 300 ml");
  EXPECT_EQ(item_json(item).at("Comment").as_string(), "");
}

TEST("feedback of one key is one row with the sum, where its newest event stands") {
  const auto stored = [](data::Sequence sequence, const char* type, std::optional<double> value, std::int64_t time_ms) {
    return data::StoredEvent{sequence, {.user = "u", .item = "i", .type = type, .value = value, .time_ms = time_ms}};
  };
  const auto rows = feedback_rows({stored(3, "read", 1, 1000), stored(1, "like", {}, 2000), stored(2, "read", 2, 3000)});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].event.type, "like");
  EXPECT_EQ(rows[1].event.value, 3);
  EXPECT_EQ(rows[1].event.time_ms, 3000);
  EXPECT_EQ(rows[1].sequence, 3u);
}

TEST("hostile rows are refused") {
  for (const char* text : {"7", "[]", "{}", R"({"UserId": "u"})", R"({"UserId": "u", "ItemId": "i", "FeedbackType": "a/b"})", R"({"UserId": "u\u0000", "ItemId": "i", "FeedbackType": "t"})",
                           R"({"UserId": "u", "ItemId": "i", "FeedbackType": "t", "Value": 1e999})", R"({"UserId": "u", "ItemId": "i", "FeedbackType": "t", "Value": "1"})",
                           R"({"UserId": "u", "ItemId": "i", "FeedbackType": "t", "Labels": [[1]]})", R"({"UserId": "u", "ItemId": "i", "FeedbackType": "t", "Timestamp": 5})"})
    EXPECT_THROW(feedback_of(Json::parse(text)), Error) << text;
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "{\"a\":" + deep + "}";
  EXPECT_THROW(user_of(Json::parse(R"({"UserId": "u", "Labels": )" + deep + "}")), Refusal);
}

}  // namespace attune::serve::gorse
