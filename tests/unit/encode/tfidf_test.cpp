#include <filesystem>
#include <numeric>

#include "attune/core/error.h"
#include "attune/encode/encoder.h"
#include "attune/core/words.h"
#include "tests/support/test.h"
#include "tests/unit/encode/encoders.h"

namespace attune::encode {
namespace {

using Words = std::vector<std::string>;

TEST("words are runs of letters and digits in lower case") {
  EXPECT_EQ(words_of("Don't PANIC-42!"), (Words{"don", "t", "panic", "42"}));
  EXPECT_EQ(words_of(" \t\n"), Words{});
}
TEST("accents and case are one word however they were typed") {
  EXPECT_EQ(words_of("CAF\xC3\x89"), words_of("cafe\xCC\x81"));
  EXPECT_EQ(words_of("Straße"), Words{"strasse"});
  EXPECT_EQ(words_of("ＬＥＧＯ ７"), (Words{"lego", "7"}));
}
TEST("scripts without spaces give pairs and triples of characters") {
  EXPECT_EQ(words_of("红色玩具"), (Words{"红色", "色玩", "玩具", "红色玩", "色玩具"}));
  EXPECT_EQ(words_of("茶 LEGO城市"), (Words{"茶", "lego", "城市"}));
  EXPECT_EQ(words_of("한국 장난감").size(), 2u);
}
TEST("bytes that are no UTF-8 separate words") { EXPECT_EQ(words_of("r\xFF" "ed caf\xC3"), (Words{"r", "ed", "caf"})); }

// By hand: 3 texts; df(red)=2, df(mug)=2, df(blue)=1; idf = ln(4/(1+df)) + 1.
TEST("a row is term count times rarity, of length 1") {
  const Words texts = {"red mug red", "blue mug", "red"};
  const auto encoder = make_tfidf(texts, {}, {});
  EXPECT_EQ(encoder->dim(), 3u);  // blue, mug, red
  const Sparse m = encoder->encode(texts, {}).sparse;
  const double common = std::log(4.0 / 3) + 1, rare = std::log(4.0 / 2) + 1;
  ASSERT_EQ(m.row_size(0), 2u);
  EXPECT_EQ(m.row_indices(0)[0], 1u);
  EXPECT_NEAR(m.row_values(0)[0], 1 / std::sqrt(5.0), 1e-6);
  EXPECT_NEAR(m.row_values(0)[1], 2 / std::sqrt(5.0), 1e-6);
  EXPECT_NEAR(m.row_values(1)[0], rare / std::hypot(rare, common), 1e-6);
  EXPECT_NEAR(m.row_values(2)[0], 1, 1e-6);
}
TEST("a text of nothing known has an empty row") {
  const Words texts = {"red mug", ""};
  const auto encoder = make_tfidf(texts, {}, {});
  EXPECT_EQ(encoder->encode(texts, {}).sparse.row_size(1), 0u);
  const Words unseen = {"violet"};
  EXPECT_EQ(encoder->encode(unseen, {}).sparse.row_size(0), 0u);
}
TEST("a saved vocabulary reads new texts as before") {
  const Words texts = {"red mug", "blue mug", "红色玩具"}, later = {"mug 玩具 unheard"};
  const auto encoder = make_tfidf(texts, {}, {});
  const auto loaded = through_a_file(*encoder, load_tfidf);
  EXPECT_EQ(loaded->fingerprint(), encoder->fingerprint());
  const Sparse a = encoder->encode(later, {}).sparse, b = loaded->encode(later, {}).sparse;
  EXPECT_EQ(a.indices, b.indices);
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.indices.size(), 2u);
}
TEST("rare words can be left out") {
  const Words texts = {"red mug", "blue mug"};
  EXPECT_EQ(make_tfidf(texts, Json::parse(R"({"min_texts": 2})"), {})->dim(), 1u);
  EXPECT_THROW(make_tfidf(texts, Json::parse(R"({"min_texts": 0})"), {}), Error);
}

}  // namespace
}  // namespace attune::encode
