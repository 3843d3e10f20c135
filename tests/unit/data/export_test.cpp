// What is written out is read in again with no flags, and is the same.
#include "attune/data/export.h"

#include "tests/unit/data/import_files.h"

namespace attune::data {
namespace {

using testing::import;

std::string exported(const Store& store, ExportFormat format, std::optional<Kind> kind = {}) {
  std::string out;
  const attune::Run run;
  const Bytes sink = [&](std::string_view part) { out += part; };
  if (kind) export_records(store, *kind, format, sink, run);
  else export_events(store, format, sink, run);
  return out;
}

const std::vector<Event> kEvents = {
    {.user = "ana", .item = "mug, \"blue\"", .type = "purchase", .value = 2.5, .time_ms = 1291191960123, .session = "s 1", .request = "r1"},
    {.user = "session:536365", .item = "päon\nline", .type = "view", .time_ms = 0},
    {.user = "bo", .item = "0012", .type = "dislike", .value = 0.1, .time_ms = 1700000000000},
};

TEST("events go out and come back equal, as CSV and as JSON lines") {
  const auto store = open_memory();
  store->append(kEvents);
  for (const ExportFormat format : {ExportFormat::csv, ExportFormat::jsonl}) {
    const Batch back = import(exported(*store, format));
    EXPECT_EQ(back.events, kEvents);
    EXPECT_TRUE(back.rejections.empty());
    EXPECT_EQ(store->append(back.events).accepted, 0u);  // importing one's own export changes nothing
  }
}

TEST("items go out and come back equal as JSON lines, whatever their attributes are called") {
  const auto store = open_memory();
  std::vector<Record> items = {
      {.name = "i1", .text = "Mug, \"blue\"", .attributes = Json::parse(R"({"price": 3, "asin": "B0", "description": "Round", "user": "maker", "tags": ["a|b"], "deep": {"x": [1, null]}})"), .created_ms = 1291191960000},
      {.name = "i2", .text = "", .attributes = Json::parse(R"({"released": "1995", "a.b": true, "zip": "01234"})"), .hidden = true},
  };
  items[0].attributes = Json::parse(R"({"price": 3, "asin": "B0", "description": "Round", "tags": ["a|b"], "deep": {"x": [1, 2]}})");
  store->put(Kind::item, items);
  const Batch back = import(exported(*store, ExportFormat::jsonl, Kind::item));
  REQUIRE(back.items.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(back.items[i].name, items[i].name);
    EXPECT_EQ(back.items[i].text, items[i].text);
    EXPECT_EQ(back.items[i].created_ms, items[i].created_ms);
    EXPECT_EQ(back.items[i].hidden, items[i].hidden);
    for (const auto& [key, value] : items[i].attributes.as_object()) {
      REQUIRE(back.items[i].attributes.find(key) != nullptr) << key;
      EXPECT_EQ(back.items[i].attributes.at(key), value) << key;
    }
    EXPECT_EQ(back.items[i].attributes.size(), items[i].attributes.size());
  }
}

TEST("items go out and come back as CSV: numbers, lists of one, texts over lines") {
  const auto store = open_memory();
  const std::vector<Record> items = {
      {.name = "i1", .text = "Mug\nblue", .attributes = Json::parse(R"({"price": 3.25, "tags": ["kitchen"], "color": "red, dark"})"), .created_ms = 1291191960000},
      {.name = "i2", .text = "Pan", .attributes = Json::parse(R"({"price": 4, "tags": ["kitchen", "steel"]})"), .hidden = true},
  };
  store->put(Kind::item, items);
  const Batch back = import(exported(*store, ExportFormat::csv, Kind::item));
  REQUIRE(back.items.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(back.items[i].text, items[i].text);
    EXPECT_EQ(back.items[i].attributes, items[i].attributes);
    EXPECT_EQ(back.items[i].hidden, items[i].hidden);
    EXPECT_EQ(back.items[i].created_ms, items[i].created_ms);
  }
}

TEST("users go out and come back") {
  const auto store = open_memory();
  const std::vector<Record> users = {{.name = "ana", .text = "likes tea", .attributes = Json::parse(R"({"country": "Portugal", "age": 34})")}};
  store->put(Kind::user, users);
  for (const ExportFormat format : {ExportFormat::csv, ExportFormat::jsonl}) {
    const Batch back = import(exported(*store, format, Kind::user));
    REQUIRE(back.users.size() == 1);
    EXPECT_EQ(back.users[0].text, "likes tea");
    EXPECT_EQ(back.users[0].attributes, users[0].attributes);
  }
}

TEST("times are written in ISO 8601") {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(1291191960000), "2010-12-01T08:26:00Z");
  EXPECT_EQ(iso_time(1291191960007), "2010-12-01T08:26:00.007Z");
}

}  // namespace
}  // namespace attune::data
