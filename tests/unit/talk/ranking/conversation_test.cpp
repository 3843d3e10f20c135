#include "attune/talk/ranking/conversation.h"

#include <algorithm>

#include "tests/support/test.h"
#include "tests/unit/talk/ranking/films.h"

using namespace attune;
using namespace attune::talk::ranking;

TEST("only a recommender's turn that names something new is asked about") {
  Conversation one;
  one.turns = {recommender("hi, have you seen 0?", {0}), seeker("no, I like 3", {3}), recommender("0 again, then", {0}), recommender("and 3, 4 and 4", {3, 4, 4}), seeker("5?", {5}),
               recommender("5 is good", {5})};
  const auto asked = questions({one});
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].turn == 0 && asked[0].wanted == std::vector<ItemId>{item_at(0)});
  CHECK(asked[1].turn == 3 && asked[1].wanted == std::vector<ItemId>{item_at(4)});
}

TEST("what is wanted was never named before the turn") {
  const auto list = dialogues();
  const auto asked = questions(list);
  CHECK(asked.size() == 80);
  for (const Question& question : asked) {
    const auto named = named_items(before(list[question.conversation], question.turn));
    for (const ItemId item : question.wanted) CHECK(!std::binary_search(named.begin(), named.end(), item));
  }
}

TEST("what is said later changes nothing of what is heard") {
  const View view(films(), nullptr, {});
  Conversation one, other;
  one.turns = {seeker("something scary like dark house", {0}), recommender("night teeth", {2}), seeker("I hated the office party", {5})};
  other.turns = {one.turns[0], recommender("banana boat", {3}), seeker("great")};
  const Heard a = view.hear(before(one, 1), {}), b = view.hear(before(other, 1), {});
  CHECK(a.text == b.text);
  CHECK(a.named == b.named);
  Matrix of_a(view.names().size(), view.item_count()), of_b(view.names().size(), view.item_count());
  view.fill(a, of_a);
  view.fill(b, of_b);
  CHECK(std::equal(of_a.all().begin(), of_a.all().end(), of_b.all().begin()));
}

TEST("neighbouring turns of one side become one, with their items and plain texts") {
  Conversation one;
  one.turns = {seeker("hello"), seeker("I like Elf", {3}), recommender("good")};
  one.turns[1].plain = "I like  ";
  join_turns(one);
  REQUIRE(one.turns.size() == 2);
  CHECK(one.turns[0].text == "hello I like Elf");
  CHECK(one.turns[0].plain == "hello I like  ");
  CHECK(one.turns[0].mentions.size() == 1);
}
