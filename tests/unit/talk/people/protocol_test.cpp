// Simulated users: what is held out, what they find, what is said of them.
#include "attune/talk/people/protocol.h"

#include "attune/core/error.h"
#include "attune/engine/fit.h"
#include "attune/talk/people/slips.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

namespace attune::talk::people {
namespace {

data::Event event(const std::string& user, const std::string& item, std::int64_t day, const std::string& session) {
  return {.user = user, .item = item, .type = "purchase", .value = {}, .time_ms = 1700000000000 + day * 86400000, .session = session, .request = ""};
}

// 90 things of three kinds in 30 colours; users buy four baskets of two, the last one of a kind they never had.
data::Batch shop() {
  static const char* const kKinds[] = {"lamp", "teapot", "cushion"};
  static const char* const kColours[] = {"red", "blue", "green", "black", "white", "yellow", "purple", "orange", "pink", "brown"};
  static const char* const kStuff[] = {"velvet", "bamboo", "marble"};
  data::Batch batch;
  for (int i = 0; i < 90; ++i) {
    data::Record item{.name = "thing-" + std::to_string(i), .text = std::string(kStuff[i / 30]) + " " + kColours[i / 3 % 10] + " " + kKinds[i % 3]};
    item.attributes["price"] = 3.0 + i % 17;
    item.attributes["kind"] = kKinds[i % 3];
    batch.items.push_back(std::move(item));
  }
  for (int user = 0; user < 12; ++user)
    for (int basket = 0; basket < 4; ++basket)
      for (int one = 0; one < 2; ++one) {
        const int kind = basket < 3 ? user % 2 : 2;
        batch.events.push_back(event("user" + std::to_string(user), "thing-" + std::to_string(kind + 3 * ((user * 5 + basket * 7 + one * 3) % 30)), basket * 10 + one, "s" + std::to_string(user) + "-" + std::to_string(basket)));
      }
  return batch;
}

TEST("a user's last basket is held out whole, and the hidden item was never taken before") {
  const data::Batch all = shop();
  const HeldOut held = hold_out(all.items, all.events, 5, 1);
  ASSERT_EQ(held.cases.size(), 5u);
  EXPECT_EQ(held.batch.items.size(), 90u);
  EXPECT_EQ(held.batch.events.size(), all.events.size() - 10);
  for (const Case& c : held.cases)
    for (const data::Event& e : held.batch.events) EXPECT_FALSE(e.user == c.user && (e.item == c.hidden || e.session.ends_with("-3")));
  EXPECT_EQ(hold_out(all.items, all.events, 5, 1).cases[0].hidden, held.cases[0].hidden);
}

TEST("without sessions the last event alone is held out, and visitors and newcomers are left out") {
  std::vector<data::Event> events;
  for (int i = 0; i < 4; ++i)
    for (const char* user : {"ana", "session:x"}) events.push_back(event(user, "thing-" + std::to_string(i), i, ""));
  events.push_back(event("new", "thing-1", 1, ""));
  const HeldOut held = hold_out(shop().items, events, 10, 1);
  ASSERT_EQ(held.cases.size(), 1u);
  EXPECT_EQ(held.cases[0].user, "ana");
  EXPECT_EQ(held.cases[0].hidden, "thing-3");
  EXPECT_EQ(held.batch.events.size(), events.size() - 1);
}

engine::Settings settings() {
  engine::Settings settings = engine::standard_settings();
  settings.encoders = {"tfidf"};
  settings.models = {"slist", "popularity"};
  return settings;
}

TEST("people who say what they want find it more often than the list shows it, and every item named exists") {
  const testing::Folder folder;
  const auto workspace = engine::Workspace::init(folder.path / "shop");
  workspace.store()->take(shop());
  const DialogueReport report = judge_workspace(workspace, settings(), folder.path / "work", {.users = 8, .k = 3}, attune::Run{});
  EXPECT_FALSE(std::filesystem::exists(folder.path / "work"));      // a copy of people's events does not stay behind
  ASSERT_EQ(report.rows.size(), 6u);
  const Row& asks = report.rows[2];
  EXPECT_EQ(asks.kind, Kind::asks);
  EXPECT_EQ(asks.users, 8u);
  EXPECT_GT(asks.found, asks.plain);
  EXPECT_GE(asks.found, 6u);
  for (const Row& row : report.rows) {
    EXPECT_EQ(row.items_unknown, 0u);
    EXPECT_GT(row.items_named, 0u);
    EXPECT_EQ(row.slips, &row - report.rows.data() >= 3);
  }
  EXPECT_EQ(asks.misled, 0u);
  for (std::size_t kind = 0; kind < 3; ++kind) {
    EXPECT_FALSE(report.rows[kind].fall);
    const Row &clean = report.rows[kind], &slips = report.rows[kind + 3];
    ASSERT_TRUE(slips.fall);
    EXPECT_EQ(clean.found + slips.fall->gained, slips.found + slips.fall->lost);
    EXPECT_LE(slips.fall->low, slips.fall->share);
    EXPECT_GE(slips.fall->high, slips.fall->share);
  }
  const Json json = report.to_json();
  EXPECT_EQ(json.at("rows").size(), 6u);
  EXPECT_EQ(json.at("rows").as_array()[2].at("people").as_string(), "asks");
  EXPECT_NE(report.table().text().find("without talk"), std::string::npos);
}

TEST("a person with slips means the same as without, as long as nothing was misspelt") {
  const testing::Folder folder;
  const auto workspace = engine::Workspace::init(folder.path / "shop");
  workspace.store()->take(shop());
  engine::fit(workspace, settings(), attune::Run{});
  const engine::Engine engine(workspace, settings(), attune::Run{});
  const Chat chat(engine);
  const Counts counts = count_facets(*chat.lexicon());
  const std::string hidden = chat.lexicon()->world().item(item_at(0)).name;
  std::size_t misspelt = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Habits habits{.kind = Kind::critic, .turns = 6, .k = 1};
    Habits hasty = habits;
    hasty.slips = true;
    const Outcome clean = converse(engine, chat, "", hidden, habits, counts, seed), slips = converse(engine, chat, "", hidden, hasty, counts, seed);
    EXPECT_EQ(clean.meant, clean.typed);
    for (std::size_t turn = 0; turn < std::min(clean.meant.size(), slips.meant.size()); ++turn) {
      EXPECT_EQ(clean.meant[turn], slips.meant[turn]) << "seed " << seed << ", turn " << turn + 1;
      if (slips.meant[turn] == slips.typed[turn]) continue;
      ++misspelt;
      break;
    }
  }
  EXPECT_GT(misspelt, 5u);
}

TEST("a workspace where nobody came back cannot be judged, and says why") {
  const testing::Folder folder;
  const auto workspace = engine::Workspace::init(folder.path / "shop");
  data::Batch batch = shop();
  batch.events.resize(2);
  workspace.store()->take(batch);
  try {
    judge_workspace(workspace, settings(), folder.path / "work", {}, attune::Run{});
    FAIL() << "judged";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
    EXPECT_NE(std::string(e.what()).find("three items"), std::string::npos);
  }
}

TEST("about one word in ten slips, of the long ones, and the rest stays") {
  Random random(3);
  std::size_t changed = 0;
  for (int i = 0; i < 2000; ++i) changed += with_slips("lantern", random) != "lantern" ? 1 : 0;
  EXPECT_GT(changed, 100u);
  EXPECT_LT(changed, 300u);
  EXPECT_EQ(with_slips("a red 20 红色!", random), "a red 20 红色!");
}

}  // namespace
}  // namespace attune::talk::people
