// Superlatives: "the cheapest" is shown first and bounds nothing. Of the shop, thing i costs 5 + i; lamps are 0, 3, 6, ..., mugs 1, 4, 7, ...
#include "tests/support/test.h"
#include "tests/unit/talk/newcomer_shop.h"

namespace attune::talk {
namespace {

std::vector<std::string> named(const Reply& reply) {
  std::vector<std::string> names;
  for (const ReplyItem& item : reply.items) names.push_back(item.item);
  return names;
}
using Names = std::vector<std::string>;

TEST("the cheapest is the cheapest that fits, shown first, and stays no condition") {
  for (const char* message : {"what's your cheapest lamp", "show me the cheapest lamps", "the cheapest lamp please", "cheapest lamp?"}) {
    const Reply reply = english().hear({message});
    EXPECT_EQ(named(reply), (Names{"thing-0", "thing-3", "thing-6"})) << message << ": " << reply.say;
    EXPECT_EQ(wanted(reply), "category=lamps") << message;
    EXPECT_TRUE(says(reply, "cheapest first")) << reply.say;
    EXPECT_TRUE(reply.items[0].because.starts_with("price 5")) << reply.items[0].because;
  }
  for (const char* message : {"最便宜的台灯", "哪个台灯最便宜", "最便宜的台灯是哪个", "你们最便宜的台灯是什么"}) {
    const Reply reply = chinese().hear({message});
    EXPECT_EQ(named(reply), (Names{"thing-0", "thing-3", "thing-6"})) << message << ": " << reply.say;
    EXPECT_EQ(wanted(reply), "类别=台灯") << message;
    EXPECT_TRUE(says(reply, "最便宜的在前")) << reply.say;
  }
}

TEST("the cheapest one is of what was asked for so far") {
  EXPECT_EQ(named(english().hear({"blue lamps", "the cheapest one"})), (Names{"thing-3", "thing-15", "thing-27"}));
  EXPECT_EQ(named(english().hear({"lamps over 20", "the cheapest"})), (Names{"thing-18", "thing-21", "thing-24"}));
  EXPECT_EQ(named(chinese().hear({"蓝色的台灯", "最便宜的"})), (Names{"thing-3", "thing-15", "thing-27"}));
}

TEST("the most expensive is at the other end") {
  EXPECT_EQ(named(english().hear({"the most expensive mug"})).front(), "thing-34");
  EXPECT_EQ(named(chinese().hear({"最贵的杯子"})).front(), "thing-34");
  EXPECT_EQ(wanted(english().hear({"the most expensive mug"})), "category=mugs");
}

TEST("the cheapest of these is one of those shown") {
  for (const char* message : {"the cheapest of these", "which of these is the cheapest?", "which one is cheapest?", "which is the cheapest"}) {
    const Reply before = english().hear({"lamps over 20"}), reply = english().hear({"lamps over 20", message});
    Names shown = named(before), now = named(reply);
    ASSERT_EQ(now.size(), shown.size()) << message << ": " << reply.say;
    const auto price = [](const ReplyItem& item) { return item.attributes.at("price").as_number(); };
    for (std::size_t i = 1; i < reply.items.size(); ++i) EXPECT_LE(price(reply.items[i - 1]), price(reply.items[i])) << message;
    std::sort(shown.begin(), shown.end());
    std::sort(now.begin(), now.end());
    EXPECT_EQ(now, shown) << message;
  }
  for (const char* message : {"哪个最便宜", "这些里面最便宜的是哪个", "其中最便宜的"}) {
    const Reply reply = chinese().hear({"20元以上的台灯", message});
    EXPECT_TRUE(says(reply, "刚才这些里")) << message << ": " << reply.say;
  }
}

TEST("more after the cheapest goes on upwards, a colour keeps the order, another wish ends it") {
  EXPECT_EQ(named(english().hear({"the cheapest lamps", "more"})), (Names{"thing-9", "thing-12", "thing-15"}));
  EXPECT_EQ(named(english().hear({"the cheapest lamps", "in blue"})), (Names{"thing-3", "thing-15", "thing-27"}));
  EXPECT_FALSE(english().hear({"the cheapest lamps", "something like the second one"}).dialogue.wants.order);
  EXPECT_FALSE(english().hear({"the cheapest lamps", "undo"}).dialogue.wants.order);
}

TEST("the newest where nothing has a year is told, and the cheapest of a word is of the things that have it") {
  EXPECT_TRUE(says(english().hear({"the newest lamp"}), "says nothing of the year"));
  EXPECT_TRUE(says(chinese().hear({"最新的台灯"}), "没有年份"));
  EXPECT_EQ(named(english().hear({"the cheapest rustic one"})).front(), "thing-12");
  EXPECT_TRUE(english().hear({"a lamp for my oldest daughter"}).reading.missing.empty());
}

TEST("an order survives being sent back, and a broken one is refused by its name") {
  const Dialogue dialogue = english().hear({"the cheapest lamps"}).dialogue;
  EXPECT_EQ(dialogue_from(to_json(dialogue)), dialogue);
  Json json = to_json(dialogue);
  json["wants"]["order"] = "up";
  try {
    dialogue_from(json);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("wants.order"), std::string::npos);
  }
}

}  // namespace
}  // namespace attune::talk
