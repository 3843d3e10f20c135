// A shop to say a newcomer's messages to, once in English and once in Chinese, and what is wanted afterwards.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attune/talk/chat.h"
#include "attune/talk/constraints.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"
#include "tests/support/test.h"

namespace attune::talk {

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

inline Shop& english() {
  static Shop made(false);
  return made;
}
inline Shop& chinese() {
  static Shop made(true);
  return made;
}

inline std::string wanted(const Reply& reply) {
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
inline void leaves(Shop& shop, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Reply reply = shop.hear(c.messages);
    EXPECT_EQ(wanted(reply), c.wanted) << c.messages.back() << ": " << reply.say;
  }
}
inline bool says(const Reply& reply, const std::string& text) { return reply.say.find(text) != std::string::npos; }

}  // namespace attune::talk
