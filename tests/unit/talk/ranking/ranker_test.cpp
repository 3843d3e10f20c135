#include "attune/talk/ranking/ranker.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/top_k.h"
#include "attune/talk/ranking/judge.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/unit/talk/ranking/films.h"

using namespace attune;
using namespace attune::talk::ranking;

namespace {

std::vector<ItemId> best(const View& view, const Ranker& ranker, const Conversation& conversation, std::size_t k = 3) {
  const Heard heard = view.hear(conversation, {});
  std::vector<ItemId> items;
  for (const Scored& one : top_k(ranker.score(view, heard), k, heard.named)) items.push_back(one.item);
  return items;
}

Conversation says(std::string text, std::vector<unsigned> items = {}) {
  Conversation one;
  one.turns = {seeker(std::move(text), std::move(items))};
  return one;
}

const LearnOptions kSmall{.rounds = 0};

}  // namespace

TEST("nothing learned: a list follows the words and the items named") {
  const View view(films(), nullptr, {});
  const Ranker general;
  CHECK(best(view, general, says("a haunted house, please", {0}))[0] == item_at(1));
  auto with_cy = best(view, general, says("some comedy with cy laugh"), 2);
  std::sort(with_cy.begin(), with_cy.end());
  CHECK(with_cy == (std::vector<ItemId>{item_at(3), item_at(4)}));
  CHECK(best(view, general, says("来一部剧情片"), 1)[0] >= item_at(6));
}

TEST("learned: what followed such words in past dialogues comes first") {
  const View view(films(), nullptr, {});
  const Ranker ranker = Ranker::learn(view, dialogues(), kSmall, {});
  REQUIRE(ranker.past() != nullptr);
  CHECK(ranker.past()->dialogue_count() == 40 && ranker.past()->question_count() == 80);
  auto scary = best(view, ranker, says("creepy please"), 2);
  std::sort(scary.begin(), scary.end());
  CHECK(scary == (std::vector<ItemId>{item_at(1), item_at(2)}));
  CHECK(best(view, ranker, says("the boat", {3}), 1)[0] == item_at(5));
}

TEST("learning is the same on one thread and on several, with trees too") {
  const View view(films(), nullptr, {});
  LearnOptions options{.rounds = 10};
  const Ranker one = Ranker::learn(view, dialogues(), options, {.threads = 1}), two = Ranker::learn(view, dialogues(), options, {.threads = 2});
  const Heard heard = view.hear(says("scary", {0}), {});
  CHECK(one.score(view, heard) == two.score(view, heard));
}

TEST("a score is the sum of its parts") {
  const View view(films(), nullptr, {});
  const Ranker general, learned = Ranker::learn(view, dialogues(), {.rounds = 10}, {});
  const Heard heard = view.hear(says("scary like dark house", {0}), {});
  for (const Ranker* ranker : {&general, &learned}) {
    const auto scores = ranker->score(view, heard);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const Explanation why = ranker->explain(view, heard, item_at(i));
      CHECK(std::abs(why.value - scores[i]) < 1e-4);
      CHECK(gap(why) < 1e-6);
    }
  }
}

TEST("a ranker comes back from its file, and outlives a catalogue that lost and gained items") {
  const attune::testing::Folder folder;
  const View view(films(), nullptr, {});
  const Ranker ranker = Ranker::learn(view, dialogues(), {.rounds = 10}, {});
  ranker.save(folder.path / "talk" / "ranker.bin");
  const Ranker again = Ranker::load(folder.path / "talk" / "ranker.bin");
  const Heard heard = view.hear(says("something scary", {0}), {});
  CHECK(again.score(view, heard) == ranker.score(view, heard));

  const auto before = films();
  std::vector<data::CatalogueItem> items(before->catalogue->items().begin() + 1, before->catalogue->items().end());
  items.push_back({.name = "new", .text = "a new film"});
  rank::World world;
  world.catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
  const View later(std::make_shared<const rank::World>(std::move(world)), nullptr, {});
  CHECK(best(later, again, says("creepy please"), 1)[0] == item_at(1));   // Night Teeth has moved up one place
}

TEST("a damaged file of a ranker is refused") {
  const attune::testing::Folder folder;
  const View view(films(), nullptr, {});
  const auto path = folder.path / "ranker.bin";
  Ranker::learn(view, dialogues(), kSmall, {}).save(path);
  const std::string bytes = read_file(path);
  write_file(path, bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS(Ranker::load(path), Error);
  write_file(path, std::string(3, 'x'));
  CHECK_THROWS(Ranker::load(path), Error);
  CHECK_THROWS(Ranker::load(folder.path / "none.bin"), Error);
}

TEST("dialogues that recommend nothing teach nothing, and say so") {
  const View view(films(), nullptr, {});
  Conversation talk;
  talk.turns = {seeker("hi"), recommender("hello")};
  CHECK_THROWS(Ranker::learn(view, {talk, talk, talk}, kSmall, {}), Error);
  CHECK_THROWS(judge(view, Ranker(), {talk}, {}, {}, {}), Error);
}

TEST("recall counts each new item of a turn by its place among items not yet named") {
  const View view(films(), nullptr, {});
  Conversation talk;
  talk.turns = {seeker("0", {0}), recommender("1 and 3", {1, 3}), seeker("no"), recommender("2", {2})};
  const Ranker general;
  // Scores fall with the id: item 1 is first of those not named (0 is named), item 3 third; then 2 is first.
  const std::vector<ListMaker> makers = {{"by id", [&](const Heard&, const Matrix&) {
                                            std::vector<float> scores(view.item_count());
                                            for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = -static_cast<float>(i);
                                            return scores;
                                          }},
                                         {"all alike", [&](const Heard&, const Matrix&) { return std::vector<float>(view.item_count(), 1.0f); }}};
  const ConversationReport report = judge(view, general, {talk}, makers, {.ks = {1, 2, 3}, .bootstrap = 0}, {});
  CHECK(report.turns == 2 && report.cases == 3 && report.dialogues == 1);
  for (const auto& row : report.rows) {   // equal scores: the smaller id first, so both are the same list
    CHECK(std::abs(row.recall[0] - 2.0 / 3) < 1e-9);
    CHECK(std::abs(row.recall[1] - 2.0 / 3) < 1e-9);
    CHECK(std::abs(row.recall[2] - 1) < 1e-9);
    CHECK(std::abs(row.mrr - (1 + 1 + 1.0 / 3) / 3) < 1e-9);
  }
}

TEST("intervals of recall are made of whole dialogues") {
  const View view(films(), nullptr, {});
  const Ranker general;
  const ConversationReport report = judge(view, general, dialogues(20), usual_makers(view, general), {.ks = {1}, .bootstrap = 200}, {});
  for (const auto& row : report.rows) {
    REQUIRE(row.intervals.size() == 1);
    CHECK(row.intervals[0].low <= row.recall[0] + 1e-6 && row.recall[0] <= row.intervals[0].high + 1e-6);
  }
}
