// Messages that correct themselves, or say by the way what is not wanted: as people put it who have not read how they are read.
#include "tests/support/test.h"
#include "tests/unit/talk/newcomer_shop.h"

namespace attune::talk {
namespace {

TEST("a message that corrects itself means what was said last") {
  leaves(english(), {{{"a blue mug, sorry, i mean a green one"}, "category=mugs colour=green"}, {{"i need a lamp no wait a mug"}, "category=mugs"}, {{"red mugs", "red was for my mum, now i want green"}, "category=mugs colour=green"}, {{"lamps under 30, correction, under 20"}, "category=lamps price<20"}});
  leaves(chinese(), {{{"蓝色杯子，哦不，说错了，绿色的"}, "类别=杯子 颜色=绿色"}, {{"杯子，蓝色！啊不，绿色！"}, "类别=杯子 颜色=绿色"}, {{"想买台灯……算了，还是杯子吧"}, "类别=杯子"}});
}

TEST("what is joined to something unwanted after a comma is wanted when it is of another kind") {
  leaves(english(), {{{"neither red nor blue, and lamps if you have them"}, "colour!=red|blue category=lamps"}, {{"no red, blue, and green"}, "colour!=red|blue|green"}});
}

TEST("a kind before a lone no in another script is wanted") { leaves(english(), {{{"mug 不要 blue, under 20"}, "category=mugs colour!=blue price<20"}}); }

TEST("cheap stuff is not wanted: of the lamps behind the comma nothing is said but their price") { leaves(chinese(), {{{"便宜货不要，台灯20起"}, "类别=台灯 价格>=20"}}); }

TEST("a budget is let go as the price is, and other colours beside the one asked for") {
  leaves(english(), {{{"lamps under 20", "forget about the budget"}, "category=lamps"}, {{"red lamps", "other colours too please"}, "category=lamps"}});
  leaves(chinese(), {{{"20元以下的台灯", "预算不管了"}, "类别=台灯"}, {{"红色的台灯", "别的颜色也看看"}, "类别=台灯"}});
}

TEST("politeness and questions at the end of a message are no conditions") {
  leaves(chinese(), {{{"您好，可以给我看看台灯吗？十分感谢！"}, "类别=台灯"}, {{"红色的杯子", "换成蓝色行不行"}, "类别=杯子 颜色=蓝色"}, {{"在想要不要买个杯子，红色的更好"}, "类别=杯子 颜色=红色"}});
}

TEST("a no ends at a comma where another attribute follows, and goes on in a list of one") {
  leaves(chinese(), {{{"一定不能是红色，杯子"}, "颜色!=红色 类别=杯子"}, {{"不要红色，蓝色，绿色"}, "颜色!=红色|蓝色|绿色"}, {{"红色的台灯", "红色看腻了，颜色随便"}, "类别=台灯"}});
  leaves(english(), {{{"no red, blue, lamps please"}, "colour!=red|blue category=lamps"}});
}

TEST("a number said anew takes the place of the one before, wherever it stands") {
  leaves(english(), {{{"lamps under 30", "sorry, meant 13 not 30"}, "category=lamps price<13"}, {{"dont wanna go past 25, a lamp"}, "price<=25 category=lamps"}});
  leaves(chinese(), {{{"30元以下的台灯", "打错了，是13不是30"}, "类别=台灯 价格<=13"}, {{"30元以下的台灯", "预算改成20"}, "类别=台灯 价格<=20"}});
}

TEST("words that only look like a correction or a new beginning are none") {
  leaves(english(), {{{"red lamps", "one meant for reading"}, "colour=red category=lamps"}});
  leaves(chinese(), {{{"红色的台灯", "这些都不算贵"}, "颜色=红色 类别=台灯"}, {{"红色的台灯", "前面说的全作废"}, ""}});
  EXPECT_NE(chinese().hear({"红色的台灯", "我的发票作废了"}).reading.intent, Intent::reset);
}

TEST("a colour that is not wanted is no contempt of people, and contempt of people is no colour") {
  for (const char* message : {"I don't want white", "i dont want white", "I hate white", "lamps, i could stretch to 25"}) EXPECT_EQ(english().hear({message}).act, "recommend") << message;
  for (const char* message : {"I hate white people", "why are white people so stupid", "I don't want white people here"}) EXPECT_EQ(english().hear({message}).act, "refuse") << message;
}

TEST("what is ugly is not wanted, and what is still too dear wants cheaper") {
  EXPECT_EQ(english().hear({"lamps", "the second one is ugly"}).dialogue.wants.disliked.size(), 1u);
  EXPECT_EQ(chinese().hear({"台灯", "第二个好丑"}).dialogue.wants.disliked.size(), 1u);
  EXPECT_EQ(chinese().hear({"台灯", "还是贵"}).reading.comparatives.size(), 1u);
}

}  // namespace
}  // namespace attune::talk
