#include "attune/talk/ranking/dialogue_file.h"

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/talk/ranking/stance.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/unit/talk/ranking/films.h"

using namespace attune;
using namespace attune::talk::ranking;

namespace {

DialogueFile read(const std::string& text) {
  const attune::testing::Folder folder;
  const auto world = films();
  write_file(folder.path / "dialogues", text);
  return read_dialogues(folder.path / "dialogues", *world, ItemNames(*world), {});
}

}  // namespace

TEST("a dialogue a line in attune's own form is read with its stances") {
  const auto file = read(R"~({"id": "a", "turns": [{"speaker": "seeker", "text": "not Office Party", "items": [{"item": "Office Party (2016)", "stance": -0.5}]}, )~"
                         R"~({"speaker": "recommender", "text": "Night Teeth (2018)?", "items": ["Night Teeth (2018)", "Unheard of"]}]})~");
  CHECK(file.format == "attune");
  REQUIRE(file.conversations.size() == 1 && file.conversations[0].turns.size() == 2);
  const Conversation& talk = file.conversations[0];
  CHECK(talk.turns[0].is_seeker && talk.turns[0].mentions[0].item == item_at(5) && talk.turns[0].mentions[0].stance == -0.5f);
  CHECK(!talk.turns[1].is_seeker && talk.turns[1].mentions.size() == 1);
  CHECK(talk.turns[1].plain == " ?");
  CHECK(file.known == 2 && file.unknown == 1 && file.examples == std::vector<std::string>{"Unheard of"});
}

TEST("ReDial's lines: ids become titles, neighbouring messages of one side a turn") {
  const auto file = read(
      R"~({"movieMentions": {"11": "Dark House  (1999)", "22": "Night Teeth (2018)"}, "conversationId": "7", "initiatorWorkerId": 1, "respondentWorkerId": 2, "messages": [)~"
      R"~({"senderWorkerId": 1, "text": "hi"}, {"senderWorkerId": 1, "text": "I like @11!"}, {"senderWorkerId": 2, "text": "then @22 or @33"}]})~");
  CHECK(file.format == "redial");
  REQUIRE(file.conversations[0].turns.size() == 2);
  CHECK(file.conversations[0].turns[0].text == "hi I like Dark House (1999)!");
  CHECK(file.conversations[0].turns[0].mentions[0].item == item_at(0));
  CHECK(file.conversations[0].turns[1].text == "then Night Teeth (2018) or @33");
  CHECK(questions(file.conversations).size() == 1);
}

TEST("turns with their contexts are put together to one dialogue, each turn once") {
  const auto file = read(
      R"~({"dialog_id": "1", "turn_id": 1, "context": ["like Dark House (1999)"], "entity": ["Dark House (1999)"], "rec": ["Night Teeth (2018)"], "resp": "see Night Teeth (2018)"})~"
      "\n"
      R"~({"dialog_id": "1", "turn_id": 3, "context": ["like Dark House (1999)", "see Night Teeth (2018)", "more"], "entity": ["Dark House (1999)", "Night Teeth (2018)"], "rec": ["Dark House II (2001)"], "resp": "Dark House II (2001)"})~"
      "\n"
      R"~({"dialog_id": "2", "turn_id": 1, "context": ["hello"], "entity": [], "rec": ["Office Party (2016)"], "resp": "Office Party (2016)"})~");
  CHECK(file.format == "redial-turns");
  REQUIRE(file.conversations.size() == 2);
  CHECK(file.conversations[0].turns.size() == 4);
  CHECK(file.conversations[0].turns[0].is_seeker && file.conversations[0].turns[2].is_seeker && !file.conversations[0].turns[1].is_seeker);
  const auto asked = questions(file.conversations);
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].wanted == std::vector<ItemId>{item_at(1)});
}

TEST("only the turns that have a line are asked about; numbers of items are those of the titles in the answer") {
  const auto file = read(
      R"~({"dialog_id": "t", "context": ["", "hello", "see Banana Boat (2000) and Unheard (1950)", "no"], "rec": [7, 8], "resp": "(well) Night Teeth (2018), or Potter?"})~");
  CHECK(file.format == "redial-turns");
  const auto asked = questions(file.conversations);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].turn == 4 && asked[0].wanted == std::vector<ItemId>{item_at(2)});
  const auto named = named_items(before(file.conversations[0], 4));
  CHECK(named == std::vector<ItemId>{item_at(3)});
  CHECK(file.unknown == 1);
}

TEST("INSPIRED's table: placeholders become titles") {
  const auto file = read(
      "dialog_id\tutt_id\tspeaker\ttext\ttext_with_placeholder\tmovie_dict\n"
      "x\t1\tSEEKER\tI liked Gerald's\tI liked [MOVIE_TITLE_1]\t{\"Gerald's (1990)\": 1, 'Banana Boat (2000)': 0}\n"
      "x\t2\tRECOMMENDER\tthen the boat\tthen [MOVIE_TITLE_0]\t{\"Gerald's (1990)\": 1, 'Banana Boat (2000)': 0}\n"
      "x\tbroken\n");
  CHECK(file.format == "inspired");
  CHECK(file.conversations[0].turns[1].text == "then Banana Boat (2000)");
  CHECK(file.unknown == 1 && file.bad_lines == 1);
  CHECK(questions(file.conversations).size() == 1);
}

TEST("OpenDialKG's lists and CrossWOZ's object are read") {
  const auto books = read(R"~([{"role": "user", "text": "like Banana Boat (2000)", "item": ["Banana Boat (2000)"]}, {"role": "assistant", "text": "Office Party (2016)", "item": ["Office Party (2016)"]}])~");
  CHECK(books.format == "opendialkg" && questions(books.conversations).size() == 1);
  const auto woz = read(R"~({"5": {"type": "x", "messages": [{"role": "usr", "content": "看什么", "dialog_act": [["Request", "景点", "名称", ""]]}, )~"
                        R"~({"role": "sys", "content": "推荐长江 (2010)", "dialog_act": [["Inform", "景点", "名称", "长江 (2010)"]]}]}})~");
  CHECK(woz.format == "crosswoz");
  REQUIRE(questions(woz.conversations).size() == 1);
  CHECK(questions(woz.conversations)[0].wanted[0] == item_at(6));
}

TEST("a line that is no dialogue costs itself only; a file of nothing is refused with what was expected") {
  const auto file = read("{\"turns\": []}\nnot json\n{\"turns\": [{\"speaker\": \"dog\"}]}\n");
  CHECK(file.bad_lines == 2 && file.first_problem.starts_with("line 2"));
  CHECK_THROWS(read(""), Error);
  CHECK_THROWS(read("user,item\na,b\n"), Error);
  CHECK_THROWS(read("[1"), Error);
  CHECK_THROWS(read(std::string("\x00\x01\x02", 3)), Error);
}

TEST("a film spoken ill of counts against its like") {
  const std::string bad = "I did not like Elf, but Jaws is fine";
  CHECK(stance_at(bad, bad.find("Elf"), 3) == -1);
  const std::string after = "Elf was awful. Jaws";
  CHECK(stance_at(after, 0, 3) == -1);
  CHECK(stance_at(after, after.find("Jaws"), 4) == 1);
  const std::string chinese = "我不喜欢长江";
  CHECK(stance_at(chinese, chinese.find("长江"), 6) == -1);
  CHECK(stance_at("Jaws", 0, 4) == 1);
}
