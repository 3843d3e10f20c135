// What people said to the chat in their first minutes and how it must be taken: dialogues read message after message, in both languages.
#include "attune/talk/chat.h"
#include "attune/talk/constraints.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"
#include "tests/support/test.h"

namespace attune::talk {
namespace {

// 36 things of three kinds, once in English and once in Chinese.
class Shop {
 public:
  explicit Shop(bool zh) {
    static const char* const kNames[2][3] = {{"price", "category", "colour"}, {"价格", "类别", "颜色"}};
    static const char* const kKinds[2][3] = {{"lamps", "mugs", "teas"}, {"台灯", "杯子", "茶叶"}};
    static const char* const kThings[2][3] = {{"desk lamp", "tall mug", "herbal tea"}, {"阅读台灯", "高杯子", "花草茶叶"}};
    static const char* const kColours[2][4] = {{"red", "blue", "green", "white"}, {"红色", "蓝色", "绿色", "白色"}};
    static const char* const kStyles[2][3] = {{"Nordic", "Rustic", "Plain"}, {"北欧", "乡村", "素净"}};
    static const char* const kEnds[2][3] = {{", caffeine free", ", rich in caffeine", ", with lemon"}, {"，不含咖啡因", "，富含咖啡因", "，加柠檬"}};
    const auto workspace = engine::Workspace::init(folder_.path / "shop");
    data::Batch batch;
    for (int i = 0; i < 36; ++i) {
      const int kind = i % 3, colour = i / 3 % 4, style = i / 12;
      data::Record item{.name = "thing-" + std::to_string(i), .text = std::string(kStyles[zh][style]) + (zh ? "" : " ") + kColours[zh][colour] + (zh ? "" : " ") + kThings[zh][kind] + (kind == 2 ? kEnds[zh][style] : "")};
      item.attributes[kNames[zh][0]] = 5.0 + i;
      item.attributes[kNames[zh][1]] = kKinds[zh][kind];
      item.attributes[kNames[zh][2]] = kColours[zh][colour];
      batch.items.push_back(std::move(item));
    }
    for (int user = 0; user < 12; ++user)
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "user" + std::to_string(user), .item = "thing-" + std::to_string((user * 5 + step * 7) % 36), .type = "purchase", .value = {}, .time_ms = 1700000000000 + user * 1000 + step * 86400000, .session = "", .request = ""});
    engine_ = std::make_unique<engine::Engine>(workspace, attune::testing::quick_fit(workspace, batch, {"popularity"}), Run{});
    chat_ = std::make_unique<Chat>(*engine_);
  }
  // The reply to the last of some messages.
  Reply hear(const std::vector<std::string>& messages) {
    Dialogue dialogue;
    Reply reply;
    for (const std::string& message : messages) {
      reply = chat_->turn(dialogue, {.message = message, .user = "", .language = "", .k = 3, .now_ms = 1800000000000});
      dialogue = reply.dialogue;
    }
    return reply;
  }

 private:
  testing::Folder folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Chat> chat_;
};

Shop& english() {
  static Shop made(false);
  return made;
}
Shop& chinese() {
  static Shop made(true);
  return made;
}

std::string wanted(const Reply& reply) {
  std::string text;
  for (const Constraint& c : reply.dialogue.wants.constraints) {
    static const char* kOps[] = {"=", "!=", "<", "<=", ">", ">="};
    text += (text.empty() ? "" : " ") + (c.attribute.empty() ? "text" : c.attribute) + kOps[c.op];
    if (c.op > Constraint::is_not) text += std::to_string(static_cast<int>(c.number));
    for (std::size_t i = 0; i < c.values.size(); ++i) text += (i > 0 ? "|" : "") + c.values[i];
  }
  return text;
}

struct Case {
  std::vector<std::string> messages;
  const char* wanted;
};
void leaves(Shop& shop, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Reply reply = shop.hear(c.messages);
    EXPECT_EQ(wanted(reply), c.wanted) << c.messages.back() << ": " << reply.say;
  }
}
bool says(const Reply& reply, const std::string& text) { return reply.say.find(text) != std::string::npos; }

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
