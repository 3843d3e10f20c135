// Datasets, catalogues and event types on worlds small enough to check by hand.
#include "attune/data/dataset.h"

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

std::shared_ptr<const Catalogue> abc() {
  return std::make_shared<const Catalogue>(std::vector<CatalogueItem>{{.name = "a"}, {.name = "b"}, {.name = "c"}},
                                           std::vector<std::string>{"ana", "ben"});
}

HistoryRow row(int item, float weight, std::int64_t time_ms) { return {.touch = {item_at(static_cast<std::size_t>(item)), weight, time_ms}}; }

constexpr std::int64_t kDay = 86400000;

}  // namespace

TEST("interactions are the distinct items whose weights add up to more than zero, and the audience is their transpose") {
  const Dataset data(abc(), {{row(2, 1, 1), row(0, 1, 2), row(2, 0.5f, 3)}, {row(0, 1, 1), row(0, -1, 2), row(1, 0, 3)}});
  EXPECT_EQ(data.user_count(), 2u);
  EXPECT_EQ(data.event_count(), 6u);
  EXPECT_EQ(data.interactions().indices, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(data.interactions().values, (std::vector<float>{1, 1.5f}));
  EXPECT_EQ(data.interactions().offsets, (std::vector<std::uint64_t>{0, 2, 2}));
  EXPECT_EQ(data.audience().rows, 3u);
  EXPECT_EQ(data.audience().offsets, (std::vector<std::uint64_t>{0, 1, 1, 2}));
  EXPECT_EQ(std::vector<std::uint32_t>(data.popularity().begin(), data.popularity().end()), (std::vector<std::uint32_t>{1, 0, 1}));
  EXPECT_EQ(data.newest_ms(), 3);
}

TEST("users of the catalogue beyond the rows have empty histories") {
  const Dataset data(abc(), {{row(1, 1, 1)}});
  EXPECT_EQ(data.user_count(), 2u);
  EXPECT_TRUE(data.history(UserId{1}).empty());
  EXPECT_EQ(data.interactions().rows, 2u);
}

TEST("a history out of order or an item that is not in the catalogue is our own mistake") {
  EXPECT_THROW(Dataset(abc(), {{row(0, 1, 2), row(1, 1, 1)}}), Error);
  EXPECT_THROW(Dataset(abc(), {{row(3, 1, 1)}}), Error);
}

TEST("a catalogue finds names, refuses doubles and says which name is near") {
  const auto catalogue = abc();
  EXPECT_EQ(catalogue->find_item("c"), ItemId{2});
  EXPECT_EQ(catalogue->find_user("ben"), UserId{1});
  EXPECT_FALSE(catalogue->find_item("d"));
  EXPECT_THROW(Catalogue({{.name = "a"}, {.name = "a"}}, {}), Error);
  const Catalogue books({{.name = "solaris"}, {.name = "dune"}}, {});
  try {
    books.item_named("solari");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
    EXPECT_NE(std::string(e.what()).find("'solaris'"), std::string::npos);
  }
}

TEST("an event weighs its type, halves with each half-life and counts nothing below the threshold") {
  const EventTypes types = {{"view", {.weight = 0.2f, .half_life_days = 30, .hides = false}},
                            {"rating", {.weight = 1, .min_value = 4}},
                            {"listen", {.weight = 0.5f, .use_value = true}},
                            {"dislike", {.weight = -1}}};
  const std::int64_t now = 1000 * kDay;
  EXPECT_FLOAT_EQ(event_weight(types, "view", {}, now, now), 0.2f);
  EXPECT_FLOAT_EQ(event_weight(types, "view", {}, now - 60 * kDay, now), 0.05f);
  EXPECT_FLOAT_EQ(event_weight(types, "view", {}, now + 60 * kDay, now), 0.2f) << "from the future: as good as new";
  EXPECT_FLOAT_EQ(event_weight(types, "view", {}, 0, now), 0.2f) << "time not known";
  EXPECT_FLOAT_EQ(event_weight(types, "rating", 3.5, now, now), 0);
  EXPECT_FLOAT_EQ(event_weight(types, "rating", 4, now, now), 1);
  EXPECT_FLOAT_EQ(event_weight(types, "rating", {}, now, now), 1);
  EXPECT_FLOAT_EQ(event_weight(types, "listen", 3, now, now), 1.5f);
  EXPECT_FLOAT_EQ(event_weight(types, "dislike", {}, now, now), -1);
  EXPECT_FLOAT_EQ(event_weight(types, "never heard of", {}, now, now), 1);
  EXPECT_FALSE(event_hides(types, "view"));
  EXPECT_TRUE(event_hides(types, "purchase"));
}

}  // namespace attune::data
