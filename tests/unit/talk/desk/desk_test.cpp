// The desk end to end on a little shop: what it answers, asks, hands over and learns.
#include "attune/talk/desk/desk.h"

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::talk::desk;

namespace {

const std::chrono::year_month_day kToday{std::chrono::year(2026), std::chrono::month(3), std::chrono::day(1)};

// One trained desk for all tests; each opens a copy, so that what one teaches the next does not know.
const std::filesystem::path& trained() {
  static const attune::testing::Folder folder;
  static const bool done = [] {
    const std::filesystem::path world = std::filesystem::path(ATTUNE_SOURCE_DIR) / "tests/worlds/desk";
    Content content;
    const std::filesystem::path files[] = {world / "templates.csv", world / "messages.csv", world / "faq.jsonl", world / "docs/shipping.md", world / "docs/returns.md"};
    import_files(content, files, attune::Run{});
    save_content(content, folder.path / "desk");
    Desk::train(folder.path / "desk", folder.path / "vectors", {}, attune::Run{});
    return true;
  }();
  EXPECT_TRUE(done);
  return folder.path;
}

class Shop {
 public:
  Shop() {
    std::filesystem::copy(trained(), folder_.path / "w", std::filesystem::copy_options::recursive);
    open();
  }
  void open() { desk_ = std::make_unique<Desk>(Desk::open(folder_.path / "w/desk", folder_.path / "w/vectors", attune::Run{})); }
  DeskReply say(const std::string& message) { return desk_->answer(message, talk, kToday, attune::Run{}); }
  Desk& desk() { return *desk_; }
  std::filesystem::path path() const { return folder_.path / "w/desk"; }
  Conversation talk;

 private:
  attune::testing::Folder folder_;
  std::unique_ptr<Desk> desk_;
};

}  // namespace

TEST("a message of a known intent gets its template with the slots filled") {
  Shop shop;
  const DeskReply reply = shop.say("Could you please tell me where my parcel for order 48213 is?");
  EXPECT_EQ(reply.intent, "order_where");
  EXPECT_EQ(reply.template_name, "order_where_formal");
  EXPECT_NE(reply.answer.find("48213"), std::string::npos);
  EXPECT_FALSE(reply.handover);
}

TEST("a missing slot is asked for, and its answer goes on with what was wanted") {
  Shop shop;
  DeskReply reply = shop.say("please cancel my order");
  EXPECT_EQ(reply.asked, "order");
  EXPECT_NE(reply.answer.find("order number"), std::string::npos);
  reply = shop.say("77120");
  EXPECT_EQ(reply.intent, "order_cancel");
  EXPECT_NE(reply.answer.find("77120"), std::string::npos);
  // Two slots: the one known by now is not asked for again.
  reply = shop.say("I need an invoice");
  EXPECT_EQ(reply.asked, "email");
  reply = shop.say("ana@example.com");
  EXPECT_NE(reply.answer.find("ana@example.com"), std::string::npos);
  EXPECT_NE(reply.answer.find("77120"), std::string::npos);
}

TEST("a number alone, when nobody asked for one, is kept and the customer asked what is wanted") {
  Shop shop;
  DeskReply reply = shop.say("48213");
  EXPECT_TRUE(reply.template_name.empty());
  EXPECT_FALSE(reply.handover);
  reply = shop.say("where is my parcel");
  EXPECT_NE(reply.answer.find("48213"), std::string::npos);
}

TEST("Chinese is answered in Chinese, casual writing casually") {
  Shop shop;
  EXPECT_EQ(shop.say("我的订单48213到哪里了？").template_name, "order_where_zh");
  Shop other;
  EXPECT_EQ(other.say("hey, wheres my stuff, order 48213??").template_name, "order_where_casual");
}

TEST("questions are answered from the FAQ, others from a passage with its place") {
  Shop shop;
  const DeskReply faq = shop.say("do you wrap gifts?");
  EXPECT_EQ(faq.template_name, "gift_wrap");
  ASSERT_EQ(faq.sources.size(), 1u);
  EXPECT_EQ(faq.sources[0].kind, "faq");
  const DeskReply passage = shop.say("what does sending a parcel cost?");
  EXPECT_NE(passage.answer.find("4.90"), std::string::npos) << passage.to_json().dump();
  ASSERT_EQ(passage.sources.size(), 1u);
  EXPECT_NE(passage.sources[0].name.find("shipping.md"), std::string::npos);
}

TEST("a question is answered in the customer's language where its answer is there in it") {
  const attune::testing::Folder folder;
  Content content;
  const std::filesystem::path files[] = {folder.write("faq.jsonl",
                                                      "{\"name\": \"open\", \"question\": \"When are you open?\", \"answer\": \"Nine to five.\"}\n"
                                                      "{\"name\": \"open\", \"question\": \"What are your opening hours?\", \"answer\": \"From nine to five.\"}\n"
                                                      "{\"name\": \"open\", \"question\": \"你们几点开门？\", \"answer\": \"九点到五点。\"}\n")};
  import_files(content, files, attune::Run{});
  save_content(content, folder.path / "desk");
  Desk::train(folder.path / "desk", folder.path / "vectors", {}, attune::Run{});
  const Desk desk = Desk::open(folder.path / "desk", folder.path / "vectors", attune::Run{});
  const auto answer_to = [&](const std::string& message) {
    Conversation fresh;
    return desk.answer(message, fresh, kToday, attune::Run{}).answer;
  };
  EXPECT_EQ(answer_to("你们几点开门？"), "九点到五点。");
  EXPECT_EQ(answer_to("what are your opening hours"), "From nine to five.");   // of the wording that was found
}

TEST("Chinese questions find their answer by other wordings, strange ones do not") {
  const attune::testing::Folder folder;
  Content all, taught;
  const std::filesystem::path files[] = {std::filesystem::path(ATTUNE_SOURCE_DIR) / "tests/worlds/desk/questions_zh.jsonl"};
  import_files(all, files, attune::Run{});
  std::vector<Faq> asked;   // the last wording of every three
  for (std::size_t f = 0; f < all.faq.size(); ++f) (f % 3 == 2 ? asked : taught.faq).push_back(all.faq[f]);
  save_content(taught, folder.path / "desk");
  Desk::train(folder.path / "desk", folder.path / "vectors", {}, attune::Run{});
  const Desk desk = Desk::open(folder.path / "desk", folder.path / "vectors", attune::Run{});
  const auto found = [&](const std::string& message) {
    Conversation fresh;
    return desk.answer(message, fresh, kToday, attune::Run{}).template_name;
  };
  std::size_t right = 0, wrong = 0, strange = 0;
  for (const Faq& f : asked) {
    const std::string name = found(f.question);
    right += name == f.name, wrong += !name.empty() && name != f.name;
  }
  for (const char* message : {"今天天气怎么样", "给我讲个笑话", "谁赢了昨晚的比赛", "帮我写一首诗", "你喜欢什么颜色", "北京到上海的高铁几点", "一加一等于几", "推荐一部电影", "我心情不好", "怎么做红烧肉",
                               "苹果公司股价多少", "帮我定个闹钟", "你是机器人吗", "春节是哪一天", "翻译成英语", "附近有加油站吗", "怎么学钢琴", "月亮离地球多远", "你叫什么名字", "我要减肥吃什么"})
    strange += !found(message).empty();
  EXPECT_GE(right, 10u);   // of 24; was 5, with 4 wrong and 5 strange ones answered, when MiniLM looked for them too
  EXPECT_LE(wrong, 1u);
  EXPECT_LE(strange, 1u);
}

TEST("a greeting and thanks are answered, not handed over") {
  Shop shop;
  for (const char* said : {"hello", "Hi there!", "你好", "thanks!", "谢谢。"}) {
    shop.talk = {};
    const DeskReply reply = shop.say(said);
    EXPECT_FALSE(reply.handover) << said;
    EXPECT_TRUE(reply.template_name.empty()) << said;
  }
}

TEST("what nothing answers is handed over with a summary, as is a wish for a person") {
  Shop shop;
  shop.say("my order 48213 has not arrived");
  const DeskReply strange = shop.say("which football team will win the cup this year");
  EXPECT_TRUE(strange.handover);
  EXPECT_NE(strange.summary.find("football"), std::string::npos);
  EXPECT_NE(strange.summary.find("48213"), std::string::npos);
  EXPECT_TRUE(shop.say("I want to speak to a human").handover);
  EXPECT_TRUE(shop.say("转人工").handover);
}

TEST("an agent's pick is in the next answer, after a restart, and holds no numbers") {
  Shop shop;
  const std::string strange = "the thing i got from you smells of fish, order 48213";
  EXPECT_NE(shop.say(strange).intent, "refund");
  shop.desk().learn({strange, "refund_formal"}, attune::Run{});
  shop.talk = {};
  EXPECT_EQ(shop.say(strange).intent, "refund");
  EXPECT_EQ(read_file(shop.path() / "picks.jsonl").find("48213"), std::string::npos);
  shop.open();
  shop.talk = {};
  EXPECT_EQ(shop.say(strange).intent, "refund");
  try {
    shop.desk().learn({strange, "refund_formel"}, attune::Run{});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("refund_formal"), std::string::npos);
  }
}

TEST("a pick that a crash cut in the middle is left out, the next is whole") {
  Shop shop;
  write_file(shop.path() / "picks.jsonl", "{\"message\": \"torn");
  shop.open();
  shop.desk().learn({"it smells of fish", "refund_formal"}, attune::Run{});
  shop.open();
  EXPECT_EQ(shop.say("it smells of fish").intent, "refund");
}

TEST("any message gets an answer: empty, binary, huge, from right to left") {
  Shop shop;
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  for (const std::string& text : {std::string(), std::string("   \n"), all, std::string(1000000, 'a'), std::string("🙂🙂🙂"), std::string("أين طلبي"), std::string("\xff\xfe"), std::string("{order}"), std::string("\xe2\x80\xae" "drow")}) {
    const DeskReply reply = shop.say(text);
    EXPECT_FALSE(reply.answer.empty());
    Conversation::from_json(Json::parse(shop.talk.to_json().dump()));
  }
}

TEST("a conversation goes through JSON and back; one made by hand is checked") {
  Shop shop;
  shop.say("please cancel my order");
  Conversation again = Conversation::from_json(Json::parse(shop.talk.to_json().dump()));
  EXPECT_EQ(shop.desk().answer("77120", again, kToday, attune::Run{}).intent, "order_cancel");
  for (const char* wrong : {"[]", "{\"slots\": 1}", "{\"said\": [1]}", "{\"messages\": -1}", "{\"nonsense\": 1}", "{\"formal\": 7}"})
    EXPECT_THROW(Conversation::from_json(Json::parse(wrong)), Error) << wrong;
}

TEST("a desk of nothing says which command comes next") {
  const attune::testing::Folder folder;
  try {
    Desk::open(folder.path, "", attune::Run{});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("attune desk import"), std::string::npos);
  }
}

namespace {

// A shop whose refunds name the sum, in two languages.
class RefundShop {
 public:
  RefundShop() {
    static const attune::testing::Folder folder;
    static const bool done = [] {
      Content content;
      const std::filesystem::path files[] = {
          folder.write("templates.csv",
                       "template,intent,text,language,needs,examples\n"
                       "refund_en,refund,We will refund {amount} for order {order}.,en,order|amount,my mug arrived broken and I want my money back|refund please|please refund my order|I want a refund|refund of 10 pounds for my order\n"
                       "refund_zh,refund,我们会为订单{order}退款{amount}。,zh,order|amount,我要退款|碎了，要退款|请退款|退款给我\n"
                       "cancel_en,cancel,We have cancelled order {order}.,en,order,cancel my order|please cancel the order|I do not want it any more|stop my order\n"
                       "cancel_zh,cancel,订单{order}已取消。,zh,order,取消订单|我要取消订单|帮我取消|不想要了\n"
                       "where_en,where,Order {order} is on its way.,en,order,where is my order|order 55513 has not arrived|track my order|when does my order come\n"
                       "where_zh,where,订单{order}已经发出。,zh,order,我的订单到哪了|什么时候到货|查物流|还没收到\n")};
      import_files(content, files, attune::Run{});
      save_content(content, folder.path / "desk");
      Desk::train(folder.path / "desk", folder.path / "vectors", {}, attune::Run{});
      return true;
    }();
    EXPECT_TRUE(done);
    desk_ = std::make_unique<Desk>(Desk::open(folder.path / "desk", folder.path / "vectors", attune::Run{}));
  }
  DeskReply say(const std::string& message) { return desk_->answer(message, talk, kToday, attune::Run{}); }
  Conversation talk;

 private:
  std::unique_ptr<Desk> desk_;
};

}  // namespace

TEST("a refund of 23.50 is not one of 23, and the sum is not asked for again") {
  RefundShop shop;
  EXPECT_EQ(shop.say("my mug arrived broken, I want my money back").asked, "order");
  EXPECT_EQ(shop.say("order 9912").asked, "amount");
  EXPECT_EQ(shop.say("23.50").answer, "We will refund 23.50 for order 9912.");
  RefundShop other;
  other.say("my mug arrived broken, I want my money back");
  EXPECT_EQ(other.say("order 9912, it was 23.50").answer, "We will refund 23.50 for order 9912.");
}

TEST("the sum said for one order is not paid for another, and a Chinese message gets Chinese after English ones") {
  RefundShop shop;
  EXPECT_EQ(shop.say("order 777 cost 25 pounds, refund please").answer, "We will refund 25 pounds for order 777.");
  const DeskReply chinese = shop.say("订单 48213 碎了，要退款");
  EXPECT_EQ(chinese.asked, "amount") << chinese.to_json().dump();
  EXPECT_EQ(chinese.answer, "请问金额是多少？");
  EXPECT_EQ(shop.say("35元").answer, "我们会为订单48213退款35元。");
  RefundShop other;
  other.say("order 777 cost 25 pounds, refund please");
  EXPECT_EQ(other.say("please refund order 48213 too").asked, "amount");
}

TEST("an order that cannot be read is asked for, not replaced by an older one") {
  RefundShop shop;
  shop.say("order 48213 cost 25 pounds, refund please");
  const DeskReply reply = shop.say("refund of 1000 pounds for order 1");
  EXPECT_EQ(reply.asked, "order") << reply.to_json().dump();
  RefundShop chinese;
  chinese.say("订单 48213 碎了，要退款，35元");
  EXPECT_EQ(chinese.say("订单1也要退款").asked, "order");
}

TEST("the summary quotes what was written, with cards and telephone numbers masked") {
  RefundShop shop;
  shop.say("取消订单 33120");
  shop.say("order 3311");
  const DeskReply reply = shop.say("转人工, my card is 4111 1111 1111 1111, call 555 123 4567");
  EXPECT_TRUE(reply.handover);
  EXPECT_NE(reply.summary.find("取消订单 33120"), std::string::npos) << reply.summary;
  EXPECT_NE(reply.summary.find("order 3311\xe2\x80\x9d"), std::string::npos) << reply.summary;
  EXPECT_EQ(reply.summary.find("4111"), std::string::npos) << reply.summary;
  EXPECT_EQ(reply.summary.find("4567"), std::string::npos) << reply.summary;
  EXPECT_EQ(shop.talk.to_json().dump().find("4111"), std::string::npos);
}

TEST("a pick keeps a telephone number masked, as everything else does") {
  Shop shop;
  shop.desk().learn({"call me at 555 123 4567 about my card 4111111111111111", "refund_formal"}, attune::Run{});
  const std::string kept = read_file(shop.path() / "picks.jsonl");
  EXPECT_NE(kept.find("[phone]"), std::string::npos) << kept;
  EXPECT_NE(kept.find("[card]"), std::string::npos) << kept;
  EXPECT_EQ(kept.find("4567"), std::string::npos);
}

TEST("an order alone after a cancellation is not told to be on its way") {
  RefundShop shop;
  EXPECT_EQ(shop.say("cancel my order 55512").answer, "We have cancelled order 55512.");
  EXPECT_EQ(shop.say("order 55513").answer, "We have cancelled order 55513.");
  RefundShop chinese;
  chinese.say("取消订单55512");
  EXPECT_EQ(chinese.say("订单55513").answer, "订单55513已取消。");
  RefundShop fresh;
  const DeskReply alone = fresh.say("order 55513");
  EXPECT_TRUE(alone.template_name.empty());
  EXPECT_FALSE(alone.handover);
}

TEST("a misspelt cancellation is understood, by the desk's own words") {
  RefundShop shop;
  const DeskReply reply = shop.say("cancle my oder 123456");
  EXPECT_EQ(reply.answer, "We have cancelled order 123456.") << reply.to_json().dump();
}

TEST("who asks about France is not told yes for Ireland, nor 德国 the price to 爱尔兰") {
  const attune::testing::Folder folder;
  Content content;
  const std::filesystem::path files[] = {folder.write("faq.jsonl",
                                                      "{\"name\": \"ireland\", \"question\": \"Do you ship to Ireland?\", \"answer\": \"Yes, we ship to Ireland.\"}\n"
                                                      "{\"name\": \"ireland_zh\", \"question\": \"可以寄到爱尔兰吗？\", \"answer\": \"可以，运费12镑。\"}\n"
                                                      "{\"name\": \"returns_zh\", \"question\": \"退货期限是多久？\", \"answer\": \"30天内可以退货。\"}\n"
                                                      "{\"name\": \"open\", \"question\": \"When are you open?\", \"answer\": \"Nine to five.\"}\n")};
  import_files(content, files, attune::Run{});
  save_content(content, folder.path / "desk");
  Desk::train(folder.path / "desk", folder.path / "vectors", {}, attune::Run{});
  const Desk desk = Desk::open(folder.path / "desk", folder.path / "vectors", attune::Run{});
  Conversation talk;
  EXPECT_EQ(desk.answer("do you ship to Ireland?", talk, kToday, attune::Run{}).template_name, "ireland");
  for (const char* message : {"do you ship to France?", "or to Germany?", "do you ship to france"}) EXPECT_TRUE(desk.answer(message, talk, kToday, attune::Run{}).handover) << message;
  Conversation chinese;
  EXPECT_EQ(desk.answer("可以寄到爱尔兰吗", chinese, kToday, attune::Run{}).template_name, "ireland_zh");
  for (const char* message : {"可以寄到德国吗", "保修多久"}) EXPECT_TRUE(desk.answer(message, chinese, kToday, attune::Run{}).handover) << message;
}
