// Slots: what rules find in messages, and what they leave alone.
#include "attune/talk/desk/slots.h"

#include "tests/support/test.h"

using namespace attune::talk::desk;

namespace {

const std::chrono::year_month_day kToday{std::chrono::year(2026), std::chrono::month(3), std::chrono::day(1)};

struct Case {
  std::string_view text, found;        // "slot=value slot=value"
  std::string_view asked = "";
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    std::string all;
    for (const FoundSlot& f : find_slots(c.text, c.asked, kToday)) all += (all.empty() ? "" : " ") + f.name + "=" + f.value;
    EXPECT_EQ(all, c.found) << c.text;
  }
}

}  // namespace

TEST("order numbers are found by their form or by the word before them") {
  check({{"where is my order 48213?", "order=48213"},
         {"cancel purchase 113542617735902", "order=113542617735902"},
         {"order #A-771-20 please", "order=A-771-20"},
         {"tracking JD0012345678", "order=JD0012345678"},
         {"我的订单48213到哪了", "order=48213"},
         {"I have 3 cats and 12 cups", ""}});
}

TEST("dates are found as people write them, also in Chinese and as yesterday") {
  check({{"on 2026-05-03", "date=2026-05-03"},
         {"on 3/5/2026", "date=2026-05-03"},
         {"on 5/23/2026", "date=2026-05-23"},
         {"on May 3rd", "date=2026-05-03"},
         {"the 3rd of May 2025", "date=2025-05-03"},
         {"yesterday", "date=2026-02-28"},
         {"5月3日买的", "date=2026-05-03"},
         {"2025年12月31日", "date=2025-12-31"},
         {"昨天下的单", "date=2026-02-28"},
         {"on 2026-02-31 and 99/99/2026", ""},
         {"may I ask you something", ""}});
}

TEST("addresses, telephone numbers, amounts and names are found") {
  check({{"write to ana.b+shop@mail.example.com.", "email=ana.b+shop@mail.example.com"},
         {"call me at +44 20 7946 0958", "phone=+44 20 7946 0958"},
         {"我的手机13812345678", "phone=13812345678"},
         {"I paid $19.90 twice", "amount=$19.90"},
         {"退我35元", "amount=35元"},
         {"my name is Ana Baker and I wait", "name=Ana Baker"}});
}

TEST("the answer to a question may be a bare number or word") {
  check({{"it is 482", "order=482", "order"}, {"482", ""}, {"Baker", "name=Baker", "name"}, {"what do you mean?", "", "name"}});
}

TEST("money is not cut at its point, nor taken for the order when both are said") {
  check({{"23.50", "amount=23.50", "amount"},
         {"order 9912, it was 23.50", "order=9912 amount=23.50"},
         {"order 9912, it was 23.50", "order=9912 amount=23.50", "amount"},
         {"order 9912, it was 123", "order=9912 amount=123", "amount"},
         {"it was 1,200.50", "amount=1,200.50"},
         {"12000", "amount=12000", "amount"},
         {"订单9912，23.50", "order=9912 amount=23.50"},
         {"it weighs 1.25 kg", ""}});
}

TEST("an order that cannot be read is known to have been named") {
  for (const char* text : {"refund of 1000 pounds for order 1", "order no. 7", "订单号是5，退款", "订单 5"}) EXPECT_TRUE(names_unread_order(text, find_slots(text, "", kToday))) << text;
  for (const char* text : {"where is order 48213", "I ordered 2 mugs", "my order is late", "订单48213到哪了", "请退款"}) EXPECT_FALSE(names_unread_order(text, find_slots(text, "", kToday))) << text;
}

TEST("cards, identity and account numbers are no orders, and masked with telephone numbers in what is shown") {
  const std::string text = "cancel my order, my card is 4111 1111 1111 1111, call 555 123 4567, order 33120";
  const auto found = find_slots(text, "", kToday);
  EXPECT_EQ(masked(text, found), "cancel my order, my card is [card], call [phone], order 33120");
  check({{"4111111111111111", "card=4111111111111111"}, {"pay to DE89370400440532013000", "iban=DE89370400440532013000"}, {"我的卡号4111111111111111", "card=4111111111111111"}});
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
