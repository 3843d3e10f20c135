// What people said to the chat in their first minutes and how it must be taken: dialogues read message after message, in both languages.
#include "tests/support/test.h"
#include "tests/unit/talk/newcomer_shop.h"

namespace attune::talk {
namespace {

TEST("the chat's own words withdraw a price, and no price of 0 is read") {
  for (const char* answer : {"without the price", "without price", "no price limit", "without price under 4", "drop the price", "price may go"})
    leaves(english(), {{{"red lamps", "under 4", answer}, "colour=red category=lamps"}});
  for (const char* answer : {"去掉价格", "去掉价格不超过4", "放宽价格", "价格可以不要", "价格放宽"})
    leaves(chinese(), {{{"红色的台灯", "最多4元", answer}, "颜色=红色 类别=台灯"}});
}

TEST("which one may go is answered by the name of a condition, however it is put") {
  for (const char* answer : {"without category", "without the category", "the category", "category", "the category may go", "category can go", "drop the category", "without category lamps", "lamps", "relax the category", "the category please"})
    leaves(english(), {{{"red lamps", "under 4", answer}, "colour=red price<4"}});
  for (const char* answer : {"类别", "类别吧", "去掉类别", "不要类别了", "类别可以放宽", "放宽类别", "去掉类别为“台灯”", "类别不要了"})
    leaves(chinese(), {{{"红色的台灯", "最多4元", answer}, "颜色=红色 价格<=4"}});
}

TEST("a name of an attribute withdraws nothing where things fit") {
  leaves(english(), {{{"red lamps", "how much is the first?"}, "colour=red category=lamps"}, {{"red lamps", "no blue"}, "colour=red category=lamps colour!=blue"}, {{"red lamps", "not the colour blue"}, "colour=red category=lamps colour!=blue"}});
}

TEST("no with a comma corrects what was asked for") {
  leaves(english(), {{{"a red lamp", "no, green"}, "category=lamps colour=green"}, {{"red lamps", "no, not green"}, "colour=red category=lamps colour!=green"}, {{"red lamps", "no green"}, "colour=red category=lamps colour!=green"}});
  leaves(chinese(), {{{"红色的台灯", "不，绿色"}, "类别=台灯 颜色=绿色"}, {{"红色的台灯", "不是，绿色的"}, "类别=台灯 颜色=绿色"}});
}

TEST("a withdrawn or negated attribute is no dislike of what is shown") {
  for (const char* message : {"not ceramic", "without colour", "drop the colour", "any"}) EXPECT_TRUE(english().hear({"lamps", message}).dialogue.wants.away.empty()) << message;
  for (const char* message : {"去掉颜色", "不要陶瓷的", "去掉价格"}) EXPECT_TRUE(chinese().hear({"台灯", message}).dialogue.wants.away.empty()) << message;
  EXPECT_EQ(english().hear({"lamps", "none of these"}).dialogue.wants.away.size(), 3u);
}

TEST("any takes nothing back, never mind does") {
  leaves(english(), {{{"lamps", "red", "any"}, "category=lamps colour=red"}, {{"lamps", "red", "never mind"}, "category=lamps"}});
}

TEST("a condition is named once in what is offered when nothing fits") {
  const Reply bar = english().hear({"teas without lemon", "under 4"});
  EXPECT_FALSE(says(bar, "ithout without")) << bar.say;
  leaves(english(), {{{"red or red lamps"}, "colour=red category=lamps"}});
}

TEST("what two of a list differ in is told, and the price that was asked for stays") {
  for (const char* message : {"what's the difference between 1 and 3?", "compare 1 and 3", "which is cheaper, the first or the third?", "is the first cheaper than the third?"}) {
    const Reply reply = english().hear({"lamps under 30", message});
    EXPECT_EQ(reply.act, "compare") << message << ": " << reply.say;
    EXPECT_EQ(reply.items.size(), 2u) << message;
    EXPECT_EQ(wanted(reply), "category=lamps price<30") << message;
  }
  for (const char* message : {"第一个和第三个有什么区别", "第一和第二哪个便宜", "1和3有什么区别"}) {
    const Reply reply = chinese().hear({"30元以下的台灯", message});
    EXPECT_EQ(reply.act, "compare") << message << ": " << reply.say;
    EXPECT_EQ(reply.items.size(), 2u) << message;
    EXPECT_EQ(wanted(reply), "价格<=30 类别=台灯") << message;
  }
}

TEST("how much the third of a list of one is: there is no third") {
  EXPECT_TRUE(says(english().hear({"red lamps under 6", "how much is the third"}), "no number 3"));
  EXPECT_TRUE(says(english().hear({"red lamps under 6", "difference between the first and the third"}), "no number 3"));
  EXPECT_TRUE(says(chinese().hear({"6元以下的红色台灯", "第三个多少钱"}), "没有第3个"));
}

TEST("why not some item answers about the item that has all of the words") {
  for (const char* message : {"why not the Plain blue desk lamp?", "why not the plain blue lamp?"}) {
    const Reply reply = english().hear({"mugs", message});
    EXPECT_EQ(reply.act, "why_not") << reply.say;
    ASSERT_FALSE(reply.items.empty()) << reply.say;
    EXPECT_EQ(reply.items[0].text, "Plain blue desk lamp") << message;
  }
}

TEST("why not a category is answered, and how about it is a wish") {
  const Reply english_why = english().hear({"mugs", "why not lamps?"});
  EXPECT_EQ(english_why.act, "why_not");
  EXPECT_TRUE(says(english_why, "you asked for category “mugs”")) << english_why.say;
  EXPECT_EQ(wanted(english_why), "category=mugs");
  const Reply chinese_why = chinese().hear({"杯子", "为什么不推荐茶叶"});
  EXPECT_EQ(chinese_why.act, "why_not");
  EXPECT_EQ(wanted(chinese_why), "类别=杯子");
  leaves(english(), {{{"mugs", "how about lamps?"}, "category=lamps"}});
}

TEST("without caffeine keeps what is said to be free of it") {
  const auto lemon_and_free = [](const Reply& reply, const char* rich) {
    EXPECT_FALSE(reply.items.empty());
    for (const ReplyItem& item : reply.items) EXPECT_EQ(item.text.find(rich), std::string::npos) << item.text;
  };
  const Reply english_list = english().hear({"red teas without caffeine"});
  lemon_and_free(english_list, "rich in");
  EXPECT_EQ(english_list.items.size(), 2u) << english_list.say;      // the one with lemon and the one that is free of it
  const Reply chinese_list = chinese().hear({"不含咖啡因的茶叶，红色"});
  lemon_and_free(chinese_list, "富含");
  EXPECT_EQ(chinese_list.items.size(), 2u) << chinese_list.say;
}

TEST("exactly a price is that price, and no rating makes no bound on buyers") {
  leaves(english(), {{{"lamps exactly 8 pounds"}, "category=lamps price>=8 price<=8"}, {{"lamps", "better rated"}, "category=lamps"}});
  leaves(chinese(), {{{"正好8元的台灯"}, "价格>=8 价格<=8 类别=台灯"}, {{"台灯", "评分更高"}, "类别=台灯"}});
}

TEST("none of these shows none of them again") {
  EXPECT_TRUE(english().hear({"red lamps under 6", "none of these"}).items.empty());
  EXPECT_TRUE(chinese().hear({"6元以下的红色台灯", "都不喜欢"}).items.empty());
}

}  // namespace
}  // namespace attune::talk
