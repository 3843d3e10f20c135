// The dialogue as a value: there and back, bounded, checked.
#include "attune/talk/dialogue.h"

#include "attune/core/error.h"
#include "tests/support/test.h"

namespace attune::talk {
namespace {

Dialogue full() {
  Dialogue d;
  d.language = "zh";
  d.seed = 12345;
  d.turns = 7;
  d.wants.constraints = {{.op = Constraint::at_most, .attribute = "price", .values = {}, .number = 12.5, .said = "under 12.50"}, {.op = Constraint::is_not, .attribute = "brand", .values = {"Orla"}, .said = "no orla"}};
  d.wants.wish = {"red mug"};
  d.wants.liked = {"mug-1"};
  d.wants.disliked = {"mug-2"};
  d.lists = {{"mug-1", "mug-2"}};
  d.focus = {"mug-1"};
  d.asked = {"colour"};
  d.question = Question{.attribute = "colour", .options = {"red", "blue"}};
  d.before = {d.wants};
  return d;
}

TEST("a dialogue comes back from JSON as it went") {
  EXPECT_EQ(dialogue_from(Json::parse(to_json(full()).dump())), full());
  EXPECT_EQ(dialogue_from(Json()), Dialogue());
}

TEST("a dialogue changed by hand is refused by the name of what is wrong") {
  const auto problem = [](const std::string& from, const std::string& to) {
    std::string text = to_json(full()).dump();
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return std::string("'" + from + "' is not there");
    text.replace(at, from.size(), to);
    try {
      dialogue_from(Json::parse(text));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::bad_request);
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_NE(problem("\"version\": 1", "\"version\": 99").find("version 99"), std::string::npos);
  EXPECT_NE(problem("\"op\": \"at_most\"", "\"op\": \"about\"").find("constraints[0].op"), std::string::npos);
  EXPECT_NE(problem("\"number\": 12.5", "\"number\": \"x\"").find("constraints[0].number"), std::string::npos);
  EXPECT_NE(problem("\"liked\": [\"mug-1\"]", "\"liked\": [7]").find("wants.liked[0]"), std::string::npos);
  EXPECT_NE(problem("\"lists\": [[", "\"lists\": [7,[").find("lists"), std::string::npos);
  EXPECT_EQ(problem("\"turns\": 7", "\"turns\": -7"), "");
  EXPECT_EQ(problem("\"language\": \"zh\"", "\"language\": \"klingon\""), "");
}

TEST("a dialogue of any length is cut to its newest part") {
  Dialogue d = full();
  for (int i = 0; i < 10000; ++i) {
    d.wants.liked.push_back("item" + std::to_string(i));
    d.wants.wish.push_back(std::string(1000, 'x'));
    d.lists.push_back(std::vector<std::string>(500, "item"));
    d.before.push_back(d.before.back());
    d.asked.push_back("attribute");
    keep_bounds(d);
  }
  EXPECT_EQ(d.wants.liked.back(), "item9999");
  EXPECT_LT(to_json(dialogue_from(to_json(d))).dump().size(), 200000u);
  EXPECT_EQ(dialogue_from(to_json(d)).lists.size(), Dialogue::kLists);
}

}  // namespace
}  // namespace attune::talk
