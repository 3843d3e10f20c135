// Sentences: made from trees written by hand, in both languages, and from nothing else.
#include "attune/core/error.h"
#include "attune/explain/explain.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

World shop() {
  World world;
  world.catalogue = std::make_shared<const data::Catalogue>(
      std::vector<data::CatalogueItem>{item("a", "RED MUG"), item("b", "BLUE BOWL"), item("c", "A VERY LONG NAME OF A PRODUCT THAT NOBODY WOULD SAY IN FULL EVER"),
                                       item("d", ""), item("e", "红色的马克杯")},
      std::vector<std::string>{});
  return world;
}
Explanation by_behaviour(std::string what, double value) { return {std::move(what), value, {{"behaviour", value, {}}}}; }
Explanation by_text(std::string what, double value) { return {std::move(what), value, {{"behaviour", 0.1 * value, {}}, {"text:minilm", 0.9 * value, {}}}}; }
Explanation tree(std::vector<Explanation> parts) {
  Explanation model{.what = "model:slist", .parts = std::move(parts)};
  for (const Explanation& p : model.parts) model.value += p.value;
  return {.what = "total", .value = model.value, .parts = {model}};
}
Explanation with_popularity(Explanation total, double raw, double centre) {
  total.parts.push_back({"model:popularity", raw + centre, {{"popularity", raw, {}}, {"centre", centre, {}}}});
  total.value += raw + centre;
  return total;
}
std::string say(const Explanation& why, const char* language = "en", const Request& request = {}) {
  return explain::phrase(shop(), request, why, language);
}

}  // namespace

TEST("one strong item, or two that are near each other, are named") {
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:b", 0.2)})), "because you took RED MUG");
  EXPECT_EQ(say(tree({by_behaviour("item:b", 0.9), by_behaviour("item:a", 1)})), "because you took RED MUG and BLUE BOWL");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1)}), "zh"), "因为您选过“RED MUG”");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:e", 0.9)}), "zh"), "因为您选过“RED MUG”和“红色的马克杯”");
}

TEST("what text carried is said to read alike") {
  EXPECT_EQ(say(tree({by_text("item:a", 1), by_behaviour("item:b", 0.1)})), "because it reads like RED MUG, which you took");
  EXPECT_EQ(say(tree({by_text("item:a", 1), by_text("item:b", 0.9)})), "because it reads like RED MUG and BLUE BOWL, which you took");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_text("item:b", 0.9)})), "because you took RED MUG and it reads like BLUE BOWL, which you took");
  EXPECT_EQ(say(tree({by_text("item:a", 1)}), "zh"), "因为它的描述与您选过的“RED MUG”相近");
}

TEST("long names are cut at a word, items without a text go by their name") {
  EXPECT_EQ(say(tree({by_behaviour("item:c", 1)})), "because you took A VERY LONG NAME OF A PRODUCT THAT NOBODY WOULD…");
  EXPECT_EQ(say(tree({by_behaviour("item:d", 1)})), "because you took d");
}

TEST("a free text is what it fits, alone or beside an item") {
  Request request;
  request.about_text = "warm blanket";
  EXPECT_EQ(say(tree({by_text("about", 1)}), "en", request), "because it fits “warm blanket”");
  EXPECT_EQ(say(tree({by_text("about", 1), by_behaviour("item:a", 0.8)}), "en", request), "because it fits “warm blanket” and you took RED MUG");
  EXPECT_EQ(say(tree({by_text("about", 1)}), "zh", request), "因为它符合“warm blanket”");
}

TEST("popularity is named when it is what carries the item, above its average and not before") {
  EXPECT_EQ(say(with_popularity(tree({}), 3, -1)), "because many people take it");
  EXPECT_EQ(say(with_popularity(tree({}), 3, -1), "zh"), "因为很多人都选它");
  EXPECT_EQ(say(with_popularity(tree({by_behaviour("item:a", 1)}), 3, -2.9)), "because you took RED MUG");
  EXPECT_EQ(say(with_popularity(tree({by_behaviour("item:a", 1)}), 3, -1)), "because many people take it and you took RED MUG");
}

TEST("nothing in favour is said as it is") {
  EXPECT_EQ(say(tree({by_behaviour("item:a", -1)})), "the nearest of what is left; nothing in your history speaks for it, although RED MUG speaks against it");
  EXPECT_EQ(say(tree({})), "the nearest of what is left; nothing in your history speaks for it");
}

TEST("what weighs against it is said, what hardly does is not") {
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:b", -0.8)})), "because you took RED MUG, although BLUE BOWL speaks against it");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:b", -0.1)})), "because you took RED MUG");
  Request request;
  request.history = {{.item = item_at(1), .weight = -1}};
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:b", -0.8)}), "en", request),
            "because you took RED MUG, although you did not like BLUE BOWL");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:b", -0.8)}), "zh", request), "因为您选过“RED MUG”，尽管您不喜欢“BLUE BOWL”");
}

TEST("a dislike that speaks for an item is not called a liking") {
  Request request;
  request.history = {{.item = item_at(1), .weight = -1}};
  EXPECT_EQ(say(tree({by_behaviour("item:b", 1)}), "en", request), "because you did not like BLUE BOWL");
  EXPECT_EQ(say(tree({by_behaviour("item:b", 1)}), "zh", request), "因为您不喜欢“BLUE BOWL”");
}

TEST("a score that is not taken apart names no item") {
  EXPECT_EQ(say({"total", 2, {{"model:closed", 2, {{"rest", 2, {}}}}}}), "because of your history as a whole");
}

TEST("a rule that decides is named") {
  Explanation why = tree({by_behaviour("item:a", 0.6)});
  why.parts.push_back({"rule:boost", 1, {}});
  EXPECT_EQ(say(why), "because a rule of the shop puts it forward and you took RED MUG");
}

TEST("a sentence never names an item that is not in its tree") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const World world = random_world(seed, 12);
    Request request;
    Random random(seed);
    for (std::size_t t = 0; t < seed % 5; ++t) request.history.push_back({.item = item_at(random.below(12)), .weight = random.below(4) == 0 ? -1.0f : 1.0f});
    for (const char* language : {"en", "zh"}) {
      request.language = language;
      for (const Candidate& c : explain::attach(world, request, ranking().run(world, request)).candidates)
        for (std::size_t i = 0; i < 12; ++i) {
          const std::size_t at = c.because.find("item " + std::to_string(i));
          if (at == std::string::npos || std::isdigit(static_cast<unsigned char>(c.because[at + 5 + std::to_string(i).size()]))) continue;
          const bool is_there = std::any_of(request.history.begin(), request.history.end(), [&](const Touch& t) { return t.item == item_at(i); });
          EXPECT_TRUE(is_there) << seed << ": " << c.because;
        }
    }
  }
}

TEST("languages that are not spoken are refused") { CHECK_THROWS(say(tree({}), "fr"), Error); }

TEST("what was only looked at is not said to have been taken") {
  Request request;
  request.history = {{.item = item_at(0)}, {.item = item_at(1)}};
  request.seen = {item_at(1)};
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1)}), "en", request), "because you looked at RED MUG");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1)}), "zh", request), "因为您看过“RED MUG”");
  EXPECT_EQ(say(tree({by_text("item:a", 1)}), "en", request), "because it reads like RED MUG, which you looked at");
  EXPECT_EQ(say(tree({by_behaviour("item:b", 1)}), "en", request), "because you took BLUE BOWL");
  EXPECT_EQ(say(tree({by_behaviour("item:a", 1), by_behaviour("item:b", 0.9)}), "en", request), "because you looked at RED MUG and you took BLUE BOWL");
}
