// What recorded dialogues taught is in the chat's lists, with a true reason, and is gone when it is deleted.
#include <algorithm>
#include <filesystem>

#include "attune/core/error.h"
#include "attune/talk/chat.h"
#include "attune/talk/listing.h"
#include "attune/talk/replay.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"
#include "tests/support/test.h"

namespace attune::talk {
namespace {

namespace fs = std::filesystem;

// 40 things that everybody takes alike; whoever spoke of an aunt was sent to thing-31, whoever spoke of a boat to thing-17.
class Shop {
 public:
  Shop() : workspace_(engine::Workspace::init(folder_.path / "shop")) {
    data::Batch batch;
    for (int i = 0; i < 40; ++i)
      batch.items.push_back({.name = "thing-" + std::to_string(i), .text = std::string(i % 2 == 0 ? "useful" : "pretty") + " thing, number " + std::to_string(i)});
    for (int user = 0; user < 40; ++user)
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "user" + std::to_string(user), .item = "thing-" + std::to_string((user + step) % 40), .type = "purchase", .value = {}, .time_ms = 1700000000000 + step * 86400000, .session = "", .request = ""});
    engine_ = std::make_unique<engine::Engine>(workspace_, attune::testing::quick_fit(workspace_, batch), Run{});
  }
  fs::path file() const { return workspace_.folder() / "talk" / "ranker.bin"; }
  ranking::Ranker learned() const {
    const auto world = engine_->world();
    const ranking::View view(world, engine_->snapshot()->reader, Run{});
    std::vector<ranking::Conversation> dialogues;
    // Five matters: a word that half of all dialogues say would tell nothing.
    static const std::pair<const char*, const char*> kMatters[] = {
        {"a gift for my aunt", "thing-31"}, {"something for our boat", "thing-17"}, {"we moved to a farm", "thing-4"}, {"my desk is empty", "thing-8"}, {"camping in winter", "thing-22"}};
    for (int d = 0; d < 60; ++d) {
      const auto& [words, item] = kMatters[d % 5];
      ranking::Conversation one{.id = std::to_string(d)};
      one.turns.push_back({.text = words});
      one.turns.push_back({.is_seeker = false, .text = "have a look at this", .mentions = {{*world->find(item)}}});
      dialogues.push_back(std::move(one));
    }
    return ranking::Ranker::learn(view, dialogues, {.rounds = 0}, Run{});
  }
  std::vector<std::string> list(const std::string& message, std::string* because = nullptr) const {
    const Chat chat(*engine_, &workspace_);
    const Reply reply = chat.turn({}, {.message = message, .user = "", .language = "", .k = 5, .now_ms = 0});
    std::vector<std::string> names;
    for (const ReplyItem& item : reply.items) names.push_back(item.item);
    if (because != nullptr && !reply.items.empty()) *because = reply.items[0].because;
    return names;
  }

  testing::Folder folder_;
  engine::Workspace workspace_;
  std::unique_ptr<engine::Engine> engine_;
};

Shop& shop() {
  static Shop made;
  fs::remove_all(made.file().parent_path());
  return made;
}

bool has(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace

TEST("the chat lists first what recorded dialogues led to after such words, and says so") {
  Shop& s = shop();
  const auto before = s.list("a gift for my aunt");
  CHECK(before.empty() || before[0] != "thing-31");
  s.learned().save(s.file());
  std::string because;
  const auto aunt = s.list("a gift for my aunt", &because);
  REQUIRE(!aunt.empty());
  CHECK(aunt[0] == "thing-31");
  EXPECT_NE(because.find("such conversations"), std::string::npos) << because;
  CHECK(s.list("something for our boat")[0] == "thing-17");
  CHECK(s.list("想给姑妈送 aunt 的礼物")[0] == "thing-31");
  fs::remove(s.file());
  CHECK(s.list("a gift for my aunt") == before);
}

TEST("what was learned bends no condition") {
  Shop& s = shop();
  s.learned().save(s.file());
  CHECK(!has(s.list("a gift for my aunt, not pretty"), "thing-31"));
}

TEST("a learning is seen by the chat that is running, a damaged one is named with what to do") {
  Shop& s = shop();
  const ranking::Advisor advisor(s.file());
  const ranking::Conversation said{.id = "", .turns = {{.text = "a gift for my aunt"}}};
  const auto world = s.engine_->world();
  CHECK(advisor.score(world, s.engine_->snapshot()->reader, said).empty());
  s.learned().save(s.file());
  const auto scores = advisor.score(world, s.engine_->snapshot()->reader, said);
  REQUIRE(scores.size() == world->item_count());
  CHECK(static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin()) == to_index(*world->find("thing-31")));
  CHECK(advisor.score(world, s.engine_->snapshot()->reader, {}).empty());   // nothing was said
  write_file(s.file(), "no ranker");
  fs::last_write_time(s.file(), fs::last_write_time(s.file()) + std::chrono::seconds(2));
  try {
    advisor.score(world, s.engine_->snapshot()->reader, said);
    FAIL() << "a damaged file was read";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("learn again with attune dialogues"), std::string::npos) << e.what();
  }
  fs::remove(s.file());
  CHECK(advisor.score(world, s.engine_->snapshot()->reader, said).empty());
}

TEST("what is said in a dialogue becomes turns: conditions, wishes, and the items by how they were spoken of") {
  Shop& s = shop();
  Dialogue dialogue;
  CHECK(said_in(dialogue, *s.engine_->world()).turns.empty());
  dialogue.wants.constraints = {{.op = Constraint::is, .attribute = "", .values = {}, .number = 0, .said = "pretty"}, {.op = Constraint::is_not, .attribute = "", .values = {}, .number = 0, .said = "blue"}};
  dialogue.wants.wish = {"a gift"};
  dialogue.wants.liked = {"thing-1"};
  dialogue.wants.disliked = {"thing-2", "gone"};
  const ranking::Conversation said = said_in(dialogue, *s.engine_->world());
  REQUIRE(said.turns.size() == 2);
  CHECK(said.turns[0].text == "pretty" && said.turns[1].text == "a gift");
  REQUIRE(said.turns[1].mentions.size() == 2);
  CHECK(said.turns[1].mentions[0].stance == -1 && said.turns[1].mentions[1].stance == 1);
}

TEST("a recorded dialogue said again leads to the chat's list, without what was shown") {
  Shop& s = shop();
  const ranking::Advisor advisor(s.learned());
  const Lexicon lexicon(s.engine_->world());
  ranking::Conversation said;
  said.turns = {{.text = "hello"}, {.is_seeker = false, .text = "hello, what do you need?"}, {.text = "a gift for my aunt"}};
  const auto list = replayed(*s.engine_, lexicon, &advisor, said);
  REQUIRE(list.size() > 5);
  CHECK(list[0] == *lexicon.world().find("thing-31"));
  said.turns.push_back({.is_seeker = false, .text = "thing-31?", .mentions = {{*lexicon.world().find("thing-31")}}});
  const auto next = replayed(*s.engine_, lexicon, &advisor, said);
  CHECK(std::find(next.begin(), next.end(), *lexicon.world().find("thing-31")) == next.end());
}

}  // namespace attune::talk
