// Another thing is asked for, or one of some is disliked: what stays of what was said before.
#include "tests/support/test.h"
#include "tests/unit/talk/newcomer_shop.h"

namespace attune::talk {
namespace {

TEST("what was said of the lamp is not asked of the mugs, and the reply says so") {
  const Reply reply = english().hear({"I want a red lamp under 20", "now show me mugs"});
  EXPECT_EQ(wanted(reply), "category=mugs");
  EXPECT_TRUE(says(reply, "colour “red”")) << reply.say;
  EXPECT_TRUE(says(reply, "price under 20")) << reply.say;
  const Reply zh = chinese().hear({"想要20元以下的红色台灯", "看看杯子"});
  EXPECT_EQ(wanted(zh), "类别=杯子");
  EXPECT_TRUE(says(zh, "不再算") && says(zh, "20") && says(zh, "红色")) << zh.say;
}

TEST("what was said before any thing, or for all, goes on, and the reply says so") {
  const Reply before = english().hear({"nothing over 30", "red lamps", "now show me mugs"});
  EXPECT_EQ(wanted(before), "price<=30 category=mugs");
  EXPECT_TRUE(says(before, "Still price at most 30")) << before.say;
  leaves(english(), {{{"a red lamp, everything under 20", "now show me mugs"}, "colour=red price<20 category=mugs"}, {{"red lamps", "everything under 20 please", "show me mugs"}, "price<20 category=mugs"}});
  leaves(chinese(), {{{"不超过30元", "红色台灯", "看看杯子"}, "价格<=30 类别=杯子"}, {{"红色台灯", "所有东西都不超过30元", "看看杯子"}, "价格<=30 类别=杯子"}});
}

TEST("what is not wanted at all stays when another thing is asked for") {
  const Reply reply = english().hear({"a lamp, but not blue", "now show me mugs"});
  EXPECT_EQ(wanted(reply), "colour!=blue category=mugs");
  EXPECT_TRUE(says(reply, "Still colour not “blue”")) << reply.say;
}

TEST("keep the price brings it back, and what is said anew with the other thing holds") {
  leaves(english(), {{{"I want a red lamp under 20", "now show me mugs", "keep the price"}, "category=mugs price<20"}, {{"a red lamp under 20", "show me mugs under 10"}, "category=mugs price<10"},
                     {{"I want a red lamp under 20", "now show me mugs", "keep the colour and the price"}, "category=mugs colour=red price<20"}, {{"a red lamp under 20", "now blue mugs"}, "colour=blue category=mugs"}});
  leaves(chinese(), {{{"想要20元以下的红色台灯", "看看杯子", "保留价格"}, "类别=杯子 价格<=20"}});
}

TEST("one more value of the same thing is no other thing") {
  leaves(english(), {{{"red lamps under 20", "in blue"}, "category=lamps price<20 colour=blue"}, {{"red lamps under 20", "lamps please"}, "colour=red price<20 category=lamps"}, {{"red lamps under 20", "or mugs"}, "colour=red category=lamps|mugs price<20"}});
}

TEST("another thing told by words alone takes the place of the one before with its price") {
  const Reply reply = english().hear({"I want a rustic decoration under 20", "now show me a nordic ornament"});
  EXPECT_EQ(wanted(reply), "");
  EXPECT_TRUE(says(reply, "price under 20")) << reply.say;
}

TEST("how about ornaments, after a decoration, is of ornaments alone, and how about red is of the same") {
  EXPECT_EQ(english().hear({"I want a nordic decoration", "how about rustic ones"}).dialogue.wants.wish.size(), 2u);
  EXPECT_EQ(english().hear({"I want a nordic decoration", "how about rustic"}).act, "recommend");
  EXPECT_EQ(english().hear({"I want a nordic decoration", "what about the second one?"}).act, "why_not");
  for (const char* message : {"how about teas", "what about teas?", "now teas"}) EXPECT_EQ(wanted(english().hear({"I want a nordic decoration under 20", message})), "price<20 category=teas") << message;
  const Reply reply = english().hear({"herbal things under 20", "how about plain drinks"});
  EXPECT_EQ(reply.dialogue.wants.wish, std::vector<std::string>{"plain drinks"}) << reply.say;
}

TEST("what a thing is for is no other thing") {
  leaves(english(), {{{"a rustic decoration under 20", "a party with nordic friends"}, "price<20"}});
  leaves(chinese(), {{{"20元以下的北欧风装饰", "周末和朋友素净聚餐"}, "价格<=20"}});
}

TEST("of lamps one is disliked: it goes, lamps stay, and the others of the list may") {
  for (const char* message : {"not the second one", "I don't like the second one", "the second is ugly"}) {
    const Reply before = english().hear({"lamps"}), reply = english().hear({"lamps", message});
    ASSERT_EQ(reply.items.size(), 3u) << message << ": " << reply.say;
    for (const ReplyItem& item : reply.items) {
      EXPECT_NE(item.item, before.items[1].item) << message;
      EXPECT_NE(item.text.find("lamp"), std::string::npos) << message << ": " << item.text;
    }
  }
}

TEST("of things told by a word one is disliked, and things with the word stay") {
  const Reply reply = english().hear({"something nordic", "not the first one", "not the first one", "not the second one"});
  for (const ReplyItem& item : reply.items) EXPECT_NE(item.text.find("Nordic"), std::string::npos) << item.text;
  const Reply zh = chinese().hear({"北欧风的", "不要第一个", "第二个不要"});
  for (const ReplyItem& item : zh.items) EXPECT_NE(item.text.find("北欧"), std::string::npos) << item.text;
}

TEST("when all of what was asked for by a word were turned down, the reply says that what comes is something else") {
  std::vector<std::string> messages = {"something nordic"};
  for (int turns = 0; turns < 4; ++turns) messages.push_back("none of these");
  const Reply last = english().hear(messages);
  EXPECT_TRUE(says(last, "You have seen all with “nordic”")) << last.say;
  messages.pop_back();
  EXPECT_FALSE(says(english().hear(messages), "You have seen all")) << last.say;
}

TEST("not that one, where several are shown, is asked about") {
  const Reply reply = english().hear({"lamps", "not that one"});
  EXPECT_TRUE(says(reply, "Which one")) << reply.say;
  EXPECT_TRUE(reply.dialogue.wants.away.empty());
  const Reply zh = chinese().hear({"台灯", "不要这个"});
  EXPECT_TRUE(says(zh, "哪一个")) << zh.say;
  const Reply focus = english().hear({"lamps", "tell me about the second one", "not that one"});
  EXPECT_EQ(focus.dialogue.wants.disliked.size(), 1u) << focus.say;
}

}  // namespace
}  // namespace attune::talk
