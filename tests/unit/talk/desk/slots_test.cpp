// Slots: what rules find in messages, and what they leave alone.
#include "attune/talk/desk/slots.h"

#include "tests/support/test.h"

using namespace attune::talk::desk;

namespace {

const std::chrono::year_month_day kToday{std::chrono::year(2026), std::chrono::month(3), std::chrono::day(1)};

std::string said(std::string_view text, std::string_view asked = "") {
  std::string all;
  for (const FoundSlot& f : find_slots(text, asked, kToday)) all += (all.empty() ? "" : " ") + f.name + "=" + f.value;
  return all;
}

}  // namespace

TEST("order numbers are found by their form or by the word before them") {
  EXPECT_EQ(said("where is my order 48213?"), "order=48213");
  EXPECT_EQ(said("cancel purchase 113542617735902"), "order=113542617735902");
  EXPECT_EQ(said("order #A-771-20 please"), "order=A-771-20");
  EXPECT_EQ(said("tracking JD0012345678"), "order=JD0012345678");
  EXPECT_EQ(said("我的订单48213到哪了"), "order=48213");
  EXPECT_EQ(said("I have 3 cats and 12 cups"), "");
}

TEST("dates are found as people write them, also in Chinese and as yesterday") {
  EXPECT_EQ(said("on 2026-05-03"), "date=2026-05-03");
  EXPECT_EQ(said("on 3/5/2026"), "date=2026-05-03");
  EXPECT_EQ(said("on 5/23/2026"), "date=2026-05-23");
  EXPECT_EQ(said("on May 3rd"), "date=2026-05-03");
  EXPECT_EQ(said("the 3rd of May 2025"), "date=2025-05-03");
  EXPECT_EQ(said("yesterday"), "date=2026-02-28");
  EXPECT_EQ(said("5月3日买的"), "date=2026-05-03");
  EXPECT_EQ(said("2025年12月31日"), "date=2025-12-31");
  EXPECT_EQ(said("昨天下的单"), "date=2026-02-28");
  EXPECT_EQ(said("on 2026-02-31 and 99/99/2026"), "");
  EXPECT_EQ(said("may I ask you something"), "");
}

TEST("addresses, telephone numbers, amounts and names are found") {
  EXPECT_EQ(said("write to ana.b+shop@mail.example.com."), "email=ana.b+shop@mail.example.com");
  EXPECT_EQ(said("call me at +44 20 7946 0958"), "phone=+44 20 7946 0958");
  EXPECT_EQ(said("我的手机13812345678"), "phone=13812345678");
  EXPECT_EQ(said("I paid $19.90 twice"), "amount=$19.90");
  EXPECT_EQ(said("退我35元"), "amount=35元");
  EXPECT_EQ(said("my name is Ana Baker and I wait"), "name=Ana Baker");
}

TEST("the answer to a question may be a bare number or word") {
  EXPECT_EQ(said("it is 482", "order"), "order=482");
  EXPECT_EQ(said("482"), "");
  EXPECT_EQ(said("Baker", "name"), "name=Baker");
  EXPECT_EQ(said("what do you mean?", "name"), "");
}

TEST("values are left out of what is kept") {
  const std::string text = "order 48213, mail me at a@b.example";
  EXPECT_EQ(without_values(text, find_slots(text, "", kToday)), "order {order}, mail me at {email}");
}

TEST("any bytes may be a message") {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  for (const std::string& text : {all, std::string(20000, '1'), std::string(20000, '@'), std::string("2026-"), std::string("年月日"), std::string("\xe5\xb9"), std::string("5月"), std::string("$"), std::string("+")})
    for (const char* asked : {"", "order", "date", "name", "phone"}) {
      const auto found = find_slots(text, asked, kToday);
      without_values(text, found);
      for (const FoundSlot& f : found) EXPECT_LE(f.end, text.size());
    }
}
