// What words may mean that the catalogue does not have, by a sentence encoder.
#include "attune/talk/guess.h"

#include "attune/engine/registry.h"
#include "tests/support/test.h"

namespace attune::talk {
namespace {

const Lexicon& bookshop() {
  static const Lexicon lexicon([] {
    std::vector<data::CatalogueItem> items;
    for (const char* genre : {"horror", "comedy", "romance", "science fiction", "cookery", "history", "travel", "poetry", "gardening", "music", "sports", "religion"})
      for (int n = 0; n < 2; ++n) {
        data::CatalogueItem item{.name = genre + std::to_string(n), .text = "Volume " + std::to_string(items.size())};
        item.attributes["genre"] = genre;
        item.attributes["author"] = "Scary Name";
        items.push_back(std::move(item));
      }
    auto world = std::make_shared<rank::World>();
    world->catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>());
    return world;
  }());
  return lexicon;
}

const Guesser& guesser() {
  static const Guesser made(bookshop(), {engine::encoder_named("minilm").make({}, Json(), attune::Run{})}, "", attune::Run{});
  return made;
}

TEST("words that the catalogue lacks are taken for the value that stands out, never for a maker's name") {
  const auto scary = guesser().guess("scary", attune::Run{});
  ASSERT_TRUE(scary.has_value());
  EXPECT_EQ(scary->attribute, "genre");
  EXPECT_EQ(scary->value, "horror");
  EXPECT_EQ(guesser().guess("recipes", attune::Run{}).value().value, "cookery");
}

TEST("where nothing stands out nothing is guessed") {
  for (const char* words : {"asdf qwer", "", "my budget is small"}) EXPECT_FALSE(guesser().guess(words, attune::Run{}).has_value()) << words;
  EXPECT_FALSE(guesser().guess("吓人的", attune::Run{}).has_value());      // MiniLM reads no Chinese
  EXPECT_FALSE(guesser().guess(std::string(100000, 'a'), attune::Run{}).has_value());
}

TEST("a wish with a word that the catalogue has is left to the search") {
  Reading known = read(bookshop(), {}, "a volume that is scary"), unknown = read(bookshop(), {}, "something scary");
  add_guess(bookshop(), guesser(), known);
  add_guess(bookshop(), guesser(), unknown);
  EXPECT_TRUE(known.guesses.empty());
  ASSERT_EQ(unknown.guesses.size(), 1u);
  EXPECT_TRUE(unknown.constraints.empty());      // it bars nothing
  EXPECT_EQ(to_json(unknown).at("guesses").as_array()[0].at("value").as_string(), "horror");
}

}  // namespace
}  // namespace attune::talk
