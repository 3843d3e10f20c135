#include "attune/lm/tokenizer.h"

#include "attune/core/error.h"
#include "tests/support/test.h"
#include "tests/unit/lm/gguf_writer.h"

namespace attune::lm {
namespace {

using Ids = std::vector<std::int32_t>;

struct Opened {
  explicit Opened(std::size_t (*vocabulary)(GgufWriter&)) : file(small_bert(vocabulary)), tokenizer(make_tokenizer(std::make_shared<const GgufFile>(file.path))) {}
  Ids operator()(const std::string& text, std::size_t most = 256) const { return tokenizer->tokens(text, most); }
  ModelFile file;
  std::unique_ptr<const Tokenizer> tokenizer;
};

// WordPiece: [UNK] 1, [CLS] 2, [SEP] 3, red 5, mug 6, blue 7; a letter c is 8 + 2 (c - 'a') at a word's start, one more inside.
Ids letters(const std::string& word) {
  Ids ids;
  for (std::size_t i = 0; i < word.size(); ++i) ids.push_back(8 + 2 * (word[i] - 'a') + (i > 0 ? 1 : 0));
  return ids;
}
TEST("wordpiece takes the longest piece first and marks both ends") {
  const Opened read(add_wordpiece);
  EXPECT_EQ(read("red mug"), (Ids{2, 5, 6, 3}));
  EXPECT_EQ(read("reda"), (Ids{2, 5, letters("ba")[1], 3}));
  const Ids zoo = letters("zoo");
  EXPECT_EQ(read("Zoo"), (Ids{2, zoo[0], zoo[1], zoo[2], 3}));
}
TEST("wordpiece makes a word with an unknown part unknown as a whole") {
  const Opened read(add_wordpiece);
  EXPECT_EQ(read("red7 mug"), (Ids{2, 1, 6, 3}));
  EXPECT_EQ(read("红red"), (Ids{2, 1, 5, 3}));
}
TEST("wordpiece drops marks and control characters, and what is no UTF-8") {
  const Opened read(add_wordpiece);
  EXPECT_EQ(read("r\xCC\x81" "ed m\xC3\xBCg"), (Ids{2, 5, 6, 3}));
  EXPECT_EQ(read(std::string("re\0d mu\x01g", 9)), (Ids{2, 5, 6, 3}));
  EXPECT_EQ(read("re\xFF" "d"), (Ids{2, 5, 3}));
}
TEST("wordpiece reads a word of 100 characters and not one of 101") {
  const Opened read(add_wordpiece);
  EXPECT_EQ(read(std::string(100, 'a')).size(), 102u);
  EXPECT_EQ(read(std::string(101, 'a')), (Ids{2, 1, 3}));
}
TEST("a text is cut to the model's length and keeps its closing mark") {
  const Opened wordpiece(add_wordpiece), unigram(add_unigram);
  std::string text;
  for (int i = 0; i < 500; ++i) text += "red mug ";
  for (const std::size_t most : {3u, 4u, 256u}) {
    EXPECT_EQ(wordpiece(text, most).size(), most);
    EXPECT_EQ(wordpiece(text, most).back(), 3);
    EXPECT_EQ(unigram(text, most).size(), most);
    EXPECT_EQ(unigram(text, most).back(), 1);
  }
}
TEST("a text that says nothing has no tokens") {
  const Opened wordpiece(add_wordpiece), unigram(add_unigram);
  for (const char* text : {"", "  \t\r\n", "\xE3\x80\x80"}) EXPECT_TRUE(wordpiece(text).empty());
  for (const char* text : {"", "  \t\r\n"}) EXPECT_TRUE(unigram(text).empty());
}

// Unigram: _a 4 (-1), b 5 (-2), _ab 6 (-2.5), c 7 (-3), _red 8, _mug 9, a 10 (-4), 红色 11.
TEST("unigram takes the split with the greatest sum of scores") {
  const Opened read(add_unigram);
  EXPECT_EQ(read("ab"), (Ids{0, 6, 1}));        // -2.5 beats -1 - 2
  EXPECT_EQ(read("a  b"), (Ids{0, 4, 3, 5, 1}));  // a word of its own begins with the space mark
  EXPECT_EQ(read("red mug"), (Ids{0, 8, 9, 1}));
  EXPECT_EQ(read("a红色"), (Ids{0, 4, 11, 1}));
}
TEST("unigram rewrites characters by its table and makes unknown neighbours one") {
  const Opened read(add_unigram);
  EXPECT_EQ(read("Ab"), (Ids{0, 6, 1}));
  EXPECT_EQ(read("axyzb"), (Ids{0, 4, 2, 5, 1}));
  EXPECT_EQ(read("a\xFF\xFE"), (Ids{0, 4, 2, 1}));
}
TEST("a vocabulary that does not hold together is refused") {
  std::string content = small_bert(add_unigram);
  const std::size_t at = content.find("tokenizer.ggml.eos_token_id") + 27 + 4;
  const std::uint32_t far = 1u << 30;
  std::memcpy(content.data() + at, &far, 4);
  const ModelFile file(content);
  EXPECT_THROW(make_tokenizer(std::make_shared<const GgufFile>(file.path)), Error);
}

}  // namespace
}  // namespace attune::lm
