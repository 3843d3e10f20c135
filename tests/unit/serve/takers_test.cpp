// Takers: leaderboards and people alike, in step with the log.
#include "attune/serve/takers.h"

#include "attune/core/error.h"
#include "attune/data/amend.h"
#include "tests/support/test.h"

namespace attune::serve {
namespace {

constexpr std::int64_t kDay = 24ll * 3600 * 1000, kNow = 100 * kDay;

data::Event event(std::string user, std::string item, std::string type = "like", std::int64_t time_ms = kNow - kDay) {
  return {.user = std::move(user), .item = std::move(item), .type = std::move(type), .time_ms = time_ms};
}

Takers::Scores leaders(Takers& takers, const gorse::Board& board) { return *takers.leaders(board, kNow); }

}  // namespace

TEST("a leaderboard counts people, of its types and days, up to now") {
  const auto store = data::open_memory();
  store->append(std::vector<data::Event>{event("ana", "mug", "star"), event("ana", "mug", "star", kNow), event("ben", "mug", "star", kNow - 8 * kDay), event("ben", "cup", "star"),
                                         event("cem", "cup", "star", kNow + 1), event("cem", "cup", "view")});
  Takers takers(*store, {});
  EXPECT_EQ(leaders(takers, {.name = "week", .types = {"star"}, .days = 7}), (Takers::Scores{{"cup", 1}, {"mug", 1}}));
  EXPECT_EQ(leaders(takers, {.name = "ever", .types = {"star"}}), (Takers::Scores{{"mug", 2}, {"cup", 1}}));
  EXPECT_EQ(leaders(takers, {.name = "none", .types = {"never"}}), Takers::Scores{});
}

TEST("without types a leaderboard counts what says liking") {
  const auto store = data::open_memory();
  store->append(std::vector<data::Event>{event("ana", "mug"), event("ben", "cup", "hate"), event("ben", "mug", "hate")});
  Takers takers(*store, {{"hate", {.weight = -1}}});
  EXPECT_EQ(leaders(takers, {.name = "popular"}), (Takers::Scores{{"mug", 1}}));
}

TEST("people alike share what they like, and an erased one is among them no more") {
  const auto store = data::open_memory();
  std::vector<data::Event> events;
  for (const auto& [user, items] : std::vector<std::pair<std::string, std::vector<std::string>>>{{"ana", {"a", "b", "c"}}, {"ben", {"a", "b", "c"}}, {"cem", {"a", "x", "y"}}, {"dora", {"x", "y"}}})
    for (const std::string& item : items) events.push_back(event(user, item));
  store->append(events);
  Takers takers(*store, {});
  const auto near = takers.alike("ana", 10);
  ASSERT_EQ(near.size(), 2u);
  EXPECT_EQ(near[0].first, "ben");
  EXPECT_NEAR(near[0].second, 1, 1e-9);
  EXPECT_NEAR(near[1].second, 1.0 / 3, 1e-9);
  EXPECT_EQ(takers.of_item("a"), (std::vector<std::string>{"ana", "ben", "cem"}));
  store->erase(data::Kind::user, "ben");
  EXPECT_EQ(takers.alike("ana", 10).size(), 1u);
  EXPECT_EQ(takers.of_item("a"), (std::vector<std::string>{"ana", "cem"}));
  EXPECT_TRUE(takers.alike("nobody", 10).empty());
}

TEST("a board is read from NAME=TYPES/DAYS") {
  const gorse::Board board = gorse::parse_board("best=like,star/30");
  EXPECT_EQ(board.name, "best");
  EXPECT_EQ(board.types, (std::vector<std::string>{"like", "star"}));
  EXPECT_EQ(board.days, 30);
  EXPECT_EQ(gorse::parse_board("all=").types.size(), 0u);
  for (const char* text : {"", "=star", "best", "best=star/0", "best=star/x", "best=star/-1"}) EXPECT_THROW(gorse::parse_board(text), Error) << text;
}

}  // namespace attune::serve
