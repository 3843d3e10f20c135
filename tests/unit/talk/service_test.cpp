// Questions of service in a conversation about items: answered by the desk of the workspace, else handed over.
#include "attune/talk/service.h"

#include <map>

#include "attune/talk/chat.h"
#include "attune/core/error.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"
#include "tests/support/test.h"

namespace attune::talk {
namespace {

constexpr std::int64_t kNow = 1772323200000;      // 2026-03-01

// A few mugs, with the desk of tests/worlds/desk beside them.
class Shop {
 public:
  Shop() : workspace_(engine::Workspace::init(folder_.path / "shop")) {
    data::Batch batch;
    for (int i = 0; i < 12; ++i) {
      data::Record item{.name = "mug-" + std::to_string(i), .text = std::string(i % 2 == 0 ? "Cat" : "Dog") + " Mug, number " + std::to_string(i)};
      item.attributes["colour"] = i % 3 == 0 ? "red" : "blue";
      batch.items.push_back(std::move(item));
      for (int user = 0; user < 4; ++user)
        batch.events.push_back({.user = "user" + std::to_string(user), .item = "mug-" + std::to_string((i + user) % 12), .type = "purchase", .value = {}, .time_ms = 1700000000000 + i * 1000 + user, .session = "", .request = ""});
    }
    engine_ = std::make_unique<engine::Engine>(workspace_, attune::testing::quick_fit(workspace_, batch, {"popularity"}), Run{});
    chat_ = std::make_unique<Chat>(*engine_, &workspace_);
  }
  void train() {
    const std::filesystem::path world = std::filesystem::path(ATTUNE_SOURCE_DIR) / "tests/worlds/desk";
    desk::Content content;
    const std::filesystem::path files[] = {world / "templates.csv", world / "messages.csv", world / "faq.jsonl", world / "docs/shipping.md", world / "docs/returns.md"};
    desk::import_files(content, files, Run{});
    desk::save_content(content, workspace_.folder() / "desk");
    desk::Desk::train(workspace_.folder() / "desk", workspace_.vectors_path(), {}, Run{});
  }
  Reply say(const std::string& message) {
    Reply reply = chat_->turn(dialogue, {.message = message, .user = "", .language = "", .k = 3, .now_ms = kNow});
    dialogue = dialogue_from(Json::parse(to_json(reply.dialogue).dump(), "the dialogue"));      // as a client sends it back
    return reply;
  }

  testing::Folder folder_;
  engine::Workspace workspace_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Chat> chat_;
  Dialogue dialogue;
};

Shop& shop() {
  static Shop* const made = [] {
    auto* shop = new Shop;
    shop->train();
    return shop;
  }();
  made->dialogue = {};
  return *made;
}

}  // namespace

TEST("without a desk a question of service is handed over") {
  Shop bare;
  EXPECT_EQ(bare.say("where is my order?").act, "handover");
  EXPECT_EQ(bare.say("我要退货").act, "handover");
}

TEST("a desk that is trained later answers without a new start") {
  Shop later;
  EXPECT_EQ(later.say("where is my order 48213?").act, "handover");
  later.train();
  const Reply reply = later.say("where is my order 48213?");
  EXPECT_EQ(reply.act, "service");
  EXPECT_NE(reply.say.find("48213"), std::string::npos) << reply.say;
}

TEST("what the desk asks for is told in the next message, and leaves the dialogue with the answer") {
  Reply reply = shop().say("where is my order?");
  EXPECT_EQ(reply.act, "service");
  EXPECT_NE(reply.say.find("order number"), std::string::npos) << reply.say;
  EXPECT_FALSE(reply.dialogue.service.is_null());
  Shop& s = shop();
  s.dialogue = reply.dialogue;
  reply = s.say("it is 48213");
  EXPECT_EQ(reply.act, "service");
  EXPECT_NE(reply.say.find("48213"), std::string::npos) << reply.say;
  EXPECT_TRUE(reply.dialogue.service.is_null());
  EXPECT_EQ(to_json(reply.dialogue).dump().find("48213"), std::string::npos);
}

TEST("an answer from a document comes with its source") {
  Shop& s = shop();
  for (const char* question : {"within how many days can I return an item?", "can I return them if the box is open?"}) {
    const Reply reply = s.say(question);
    EXPECT_EQ(reply.act, "service") << question;
    ASSERT_FALSE(reply.sources.empty()) << question << ": " << reply.say;
    EXPECT_NE(reply.sources[0].name.find("returns.md"), std::string::npos) << reply.sources[0].name;
    EXPECT_EQ(to_json(reply).at("sources").as_array()[0].at("name").as_string(), reply.sources[0].name);
  }
}

TEST("how to return what is talked about is a question of service, also right after a list") {
  Shop& s = shop();
  EXPECT_EQ(s.say("a red mug").act, "recommend");
  EXPECT_EQ(s.say("how do I return this?").act, "service");
  EXPECT_EQ(s.say("怎么退货").act, "service");
}

TEST("Chinese questions of service are answered in Chinese") {
  const Reply reply = shop().say("我的订单到哪里了？");
  EXPECT_EQ(reply.act, "service");
  EXPECT_NE(reply.say.find("订单"), std::string::npos) << reply.say;
  EXPECT_EQ(shop().say("退款什么时候到账").act, "service");
}

TEST("talk of items goes on after a question of service, and asking for items is none") {
  Shop& s = shop();
  EXPECT_EQ(s.say("a red mug").act, "recommend");
  const Reply asked = s.say("please cancel my order");
  EXPECT_EQ(asked.act, "service");
  const Reply list = s.say("show me a blue mug instead");
  EXPECT_EQ(list.act, "recommend");
  EXPECT_TRUE(list.dialogue.service.is_null());
  for (const ReplyItem& item : list.items) EXPECT_EQ(item.attributes.at("colour").as_string(), "blue");
  EXPECT_EQ(s.say("a mug with free delivery").act, "recommend");
}

TEST("a person is asked for, or nothing known answers: handed over also with a desk") {
  EXPECT_EQ(shop().say("I want to speak to a person").act, "handover");
  EXPECT_EQ(shop().say("转人工").act, "handover");
}

TEST("a conversation of the desk that was changed by hand is refused by the name of what is wrong") {
  Dialogue dialogue;
  Json json = to_json(dialogue);
  json["service"]["slots"] = "all";
  try {
    dialogue_from(json);
    ADD_FAILURE() << "taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_request);
    EXPECT_NE(std::string(e.what()).find("slots"), std::string::npos) << e.what();
  }
}

}  // namespace attune::talk
