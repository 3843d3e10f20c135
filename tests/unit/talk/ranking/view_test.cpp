#include "attune/talk/ranking/view.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/talk/ranking/item_names.h"
#include "tests/support/test.h"
#include "tests/unit/talk/ranking/films.h"

using namespace attune;
using namespace attune::talk::ranking;

namespace {

std::vector<float> row(const View& view, const Conversation& conversation, const std::string& name) {
  Matrix figures(view.names().size(), view.item_count());
  view.fill(view.hear(conversation, {}), figures);
  const auto at = std::find(view.names().begin(), view.names().end(), name);
  if (at == view.names().end()) return {};
  const auto found = figures.row(static_cast<std::size_t>(at - view.names().begin()));
  return {found.begin(), found.end()};
}

}  // namespace

TEST("a text index gives the cosine of the words' weights") {
  const std::vector<std::string> texts = {"red apple", "red pear", "blue sky", "blue sea"};
  const TextIndex index = TextIndex::build(texts, {.pairs = false, .least = 1, .common = 1}, {});
  std::vector<float> out(4, 0.0f);
  index.add(index.read("red"), out);
  // idf of red = ln(5/3) + 1, of apple = ln(5/2) + 1: cosine = idf(red) / length
  const double red = std::log(5.0 / 3) + 1, apple = std::log(5.0 / 2) + 1;
  CHECK(std::abs(out[0] - red / std::sqrt(red * red + apple * apple)) < 1e-6);
  CHECK(out[0] == out[1]);
  CHECK(out[2] == 0 && out[3] == 0);
}

TEST("attributes that items share are values, what names one item is not") {
  const ItemValues values(*films());
  std::vector<std::string> names;
  for (const WordAttribute& attribute : values.words()) names.push_back(attribute.name);
  CHECK(names == (std::vector<std::string>{"genre", "star"}));
  REQUIRE(values.numbers().size() == 1);
  CHECK(values.numbers()[0].name == "year");
}

TEST("values are found in a text in plural, in several words and in Chinese") {
  const ItemValues values(*films());
  const auto named = [&](const char* text) {
    std::vector<std::string> list;
    for (const auto& one : values.named_in(text)) list.push_back(values.words()[one.attribute].values[one.value]);
    return list;
  };
  CHECK(named("I love comedies!") == std::vector<std::string>{"Comedy"});
  CHECK(named("anything with ann grim, a horror film") == (std::vector<std::string>{"Horror", "Ann Grim"}));
  CHECK(named("我想看剧情片，李明演的") == (std::vector<std::string>{"剧情", "李明"}));
  CHECK(named("ann").empty());
  CHECK(named("").empty());
  CHECK(named("\xff\xfe\xe5").empty());
}

TEST("items share values with the items named, and a disliked one takes away") {
  const View view(films(), nullptr, {});
  Conversation liked, disliked;
  liked.turns = {seeker("more like this", {0})};
  disliked.turns = liked.turns;
  disliked.turns[0].mentions[0].stance = -1;
  const auto shared = row(view, liked, "shared:genre"), away = row(view, disliked, "shared:genre");
  CHECK(std::abs(shared[1] - 1) < 1e-6 && std::abs(shared[2] - 1) < 1e-6 && shared[3] == 0);
  CHECK(std::abs(away[1] + 1) < 1e-6);
  const auto title = row(view, liked, "title");
  CHECK(title[1] > title[2]);
  CHECK(row(view, liked, "near:year")[1] > row(view, liked, "near:year")[2]);
}

TEST("what was said long ago counts less than what was said just now") {
  const View view(films(), nullptr, {});
  Conversation talk;
  talk.turns = {seeker("a horror film"), recommender("hm"), seeker("or a comedy")};
  const auto named = row(view, talk, "named:genre");
  CHECK(named[3] > named[0] && named[0] > 0 && named[6] == 0);
}

TEST("empty, binary and endless talk is heard without harm") {
  const View view(films(), nullptr, {});
  Conversation talk;
  CHECK(view.hear(talk, {}).named.empty());
  for (int t = 0; t < 3000; ++t) talk.turns.push_back(seeker(t % 2 == 0 ? std::string("\x00\xff\xfe horror", 10) : "شكرا 🎬"));
  const Heard heard = view.hear(talk, {});
  CHECK(heard.plain.size() <= 4000);
  Matrix figures(view.names().size(), view.item_count());
  view.fill(heard, figures);
  for (const float x : figures.all()) CHECK(std::isfinite(x));
  talk.turns = {seeker("beyond", {99})};
  CHECK_THROWS(view.hear(talk, {}), Error);
}

TEST("a title is found with its year, without, with its article behind, and not with another year") {
  const auto world = films();
  const ItemNames names(*world);
  CHECK(names.find("Dark House (1999)") == item_at(0));
  CHECK(names.find("dark  house  (1999)") == item_at(0));
  CHECK(names.find("Banana Boat") == item_at(3));
  CHECK(names.find("长江") == item_at(6));
  CHECK(!names.find("Dark House (2012)"));
  CHECK(!names.find(""));
  CHECK(plain_title("Matrix, The") == "the matrix");
}
