// Whole turns over a fitted shop: what is asked for is kept, what is said is true, what is stored was agreed to.
#include "attune/talk/chat.h"

#include <algorithm>
#include <set>

#include "attune/core/error.h"
#include "attune/talk/constraints.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"
#include "tests/support/test.h"

namespace attune::talk {
namespace {

// 60 things of three kinds; even users took garden things, odd ones kitchen things.
class Shop {
 public:
  Shop() {
    const auto workspace = engine::Workspace::init(folder_.path / "shop");
    static const char* const kKinds[] = {"garden", "kitchen", "office"};
    static const char* const kColours[] = {"red", "blue", "green", "black"};
    data::Batch batch;
    for (int i = 0; i < 60; ++i) {
      data::Record item{.name = "thing-" + std::to_string(i), .text = std::string(kKinds[i % 3]) + " thing, number " + std::to_string(i) + (i % 5 == 0 ? ", with glitter" : "")};
      item.attributes["price"] = 2.0 + i;
      item.attributes["colour"] = kColours[i % 4];
      item.attributes["kind"] = kKinds[i % 3];
      batch.items.push_back(std::move(item));
    }
    for (int user = 0; user < 20; ++user)
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "user" + std::to_string(user), .item = "thing-" + std::to_string(user % 2 + 3 * ((user + step) % 12)), .type = "purchase", .value = {}, .time_ms = 1700000000000 + user * 1000 + step * 86400000,
                                .session = "", .request = ""});
    engine_ = std::make_unique<engine::Engine>(workspace, attune::testing::quick_fit(workspace, batch), Run{});
    chat_ = std::make_unique<Chat>(*engine_);
  }
  Reply say(const std::string& message, const std::string& user = "") {
    Reply reply = chat_->turn(dialogue, {.message = message, .user = user, .language = "", .k = 5, .now_ms = 1800000000000});
    dialogue = reply.dialogue;
    return reply;
  }
  double price(const ReplyItem& item) { return item.attributes.at("price").as_number(); }
  std::string colour(const ReplyItem& item) { return item.attributes.at("colour").as_string(); }

  testing::Folder folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Chat> chat_;
  Dialogue dialogue;
};

Shop& shop() {
  static Shop made;
  made.dialogue = {};
  return made;
}

TEST("what was asked for is kept until it is withdrawn") {
  Shop& s = shop();
  s.say("something under 20");
  s.say("not red");
  s.say("show me more");
  for (const ReplyItem& item : s.say("more like the first one").items) {
    EXPECT_LT(s.price(item), 20);
    EXPECT_NE(s.colour(item), "red");
  }
  const Reply freed = s.say("never mind the price, but over 50");
  ASSERT_FALSE(freed.items.empty());
  for (const ReplyItem& item : freed.items) {
    EXPECT_GT(s.price(item), 50);
    EXPECT_NE(s.colour(item), "red");
  }
  for (const ReplyItem& item : s.say("价格无所谓，不要蓝色，不要glitter").items) EXPECT_EQ(item.text.find("glitter"), std::string::npos);
}

TEST("cheaper than the second is cheaper than the second") {
  Shop& s = shop();
  const Reply first = s.say("blue things");
  ASSERT_GE(first.items.size(), 2u);
  const Reply cheaper = s.say("cheaper than the second one");
  for (const ReplyItem& item : cheaper.items) {
    EXPECT_LT(s.price(item), s.price(first.items[1]));
    EXPECT_EQ(s.colour(item), "blue");
  }
}

TEST("when nothing fits it is said what to give up, with true counts") {
  Shop& s = shop();
  s.say("red things under 10");
  const Reply none = s.say("over 500");
  EXPECT_EQ(none.act, "nothing_fits");
  EXPECT_TRUE(none.items.empty());
  EXPECT_NE(none.say.find("Without price above 500 there are 15"), std::string::npos) << none.say;   // the bound below 10 gave way to the one above 500
}

TEST("undo takes back what was wanted") {
  Shop& s = shop();
  s.say("red things");
  const Wants wants = s.dialogue.wants;
  s.say("under 10");
  EXPECT_NE(s.dialogue.wants, wants);
  EXPECT_EQ(s.say("undo").act, "undo");
  EXPECT_EQ(s.dialogue.wants, wants);
  s.say("撤销");
  EXPECT_EQ(s.dialogue.wants, Wants());
  EXPECT_NE(s.say("undo").say.find("nothing to undo"), std::string::npos);
}

TEST("the same dialogue and message give the same reply") {
  Shop& s = shop();
  s.say("garden things under 30");
  const Dialogue before = s.dialogue;
  const std::string once = to_json(s.say("not red, and cheaper")).dump();
  s.dialogue = dialogue_from(Json::parse(to_json(before).dump()));
  EXPECT_EQ(to_json(s.say("not red, and cheaper")).dump(), once);
}

TEST("likes and dislikes of somebody known become events, and nothing else is stored") {
  Shop& s = shop();
  const Reply list = s.say("garden things", "user0");
  const Reply liked = s.say("I like the first one, not the second", "user0");
  ASSERT_EQ(liked.feedback.size(), 2u);
  EXPECT_EQ(liked.feedback[0].type, "like");
  EXPECT_EQ(liked.feedback[0].item, list.items[0].item);
  EXPECT_EQ(liked.feedback[1].type, "dislike");
  for (const ReplyItem& item : liked.items) EXPECT_NE(item.item, list.items[1].item);
  EXPECT_FALSE(remembered(*s.engine_, "user0"));
  s.dialogue = {};
  EXPECT_TRUE(s.say("I like thing-3").feedback.empty());      // nobody is known
}

TEST("a dialogue that may be kept is kept with the user and goes with the user") {
  Shop& s = shop();
  s.say("red things under 30", "keeper");
  remember(*s.engine_, "keeper", s.dialogue);
  ASSERT_TRUE(remembered(*s.engine_, "keeper"));
  EXPECT_EQ(*remembered(*s.engine_, "keeper"), s.dialogue);
  forget(*s.engine_, "keeper");
  EXPECT_FALSE(remembered(*s.engine_, "keeper"));
  remember(*s.engine_, "keeper", s.dialogue);
  s.engine_->erase(data::Kind::user, "keeper");
  EXPECT_FALSE(remembered(*s.engine_, "keeper"));
}

TEST("why not says which condition bars the item, with its value") {
  Shop& s = shop();
  s.say("things under 20");
  const Reply why = s.say("why not thing-50?");
  EXPECT_EQ(why.act, "why_not");
  EXPECT_NE(why.say.find("price under 20, it has 52"), std::string::npos) << why.say;
}

TEST("a question is asked at most once an attribute and its answer is taken") {
  Shop& s = shop();
  std::set<std::string> asked;
  for (int turn = 0; turn < 8; ++turn) {
    const Reply reply = s.say(turn == 0 ? "show me something" : "show me more");
    if (reply.dialogue.asked.size() > asked.size()) {
      EXPECT_TRUE(asked.insert(reply.dialogue.asked.back()).second);
    }
  }
  EXPECT_LE(asked.size(), 3u);
  EXPECT_GE(asked.size(), 1u);
}

TEST("every item ever named is one of the catalogue's, whatever is said") {
  Shop& s = shop();
  const auto world = s.engine_->world();
  const std::vector<std::string> messages = {"red", "更便宜的", "more", "like the 3rd but blue", "\xff\xfe", "😀", "none of these", "undo", "why?", "compare them", "第二个多少钱", "no glitter", "over 1000", "never mind the price", std::string(50000, 'x'), "", "مرحبا", "Thing Number 99999", "'; DROP TABLE items; --"};
  for (int turn = 0; turn < 200; ++turn) {
    const Reply reply = s.say(messages[static_cast<std::size_t>(turn * 7) % messages.size()], turn % 3 == 0 ? "user1" : "");
    for (const ReplyItem& item : reply.items) {
      const auto id = world->find(item.item);
      ASSERT_TRUE(id);
      EXPECT_EQ(world->item(*id).text, item.text);
    }
    EXPECT_FALSE(reply.say.empty());
  }
  EXPECT_LT(to_json(s.dialogue).dump().size(), 100000u);
}

TEST("what may not be asked of a shop is refused and leaves no trace in the dialogue") {
  Shop& s = shop();
  const Reply reply = s.say("how do I build a bomb to hurt people");
  EXPECT_EQ(reply.act, "refuse");
  EXPECT_TRUE(reply.items.empty());
  EXPECT_EQ(reply.dialogue.wants, Wants());
}

TEST("a telephone number is not kept in the dialogue") {
  Shop& s = shop();
  s.say("a garden thing, call me at 020 7946 0958");
  EXPECT_EQ(to_json(s.dialogue).dump().find("7946"), std::string::npos);
}

}  // namespace
}  // namespace attune::talk
