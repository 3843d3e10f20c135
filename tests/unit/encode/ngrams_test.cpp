// N-grams: what stands in a column, and that a slip of spelling leaves most of a text as it was.
#include "attune/encode/ngrams.h"

#include "attune/core/error.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::encode;

namespace {

const std::vector<std::string> kTexts = {"Where is my order?", "where is my parcel", "I want my money back", "money back please", "订单在哪里", "我的订单呢"};

float likeness(const Sparse& a, std::size_t r, const Sparse& b, std::size_t s) {
  float sum = 0;
  for (std::size_t i = 0; i < a.row_size(r); ++i)
    for (std::size_t k = 0; k < b.row_size(s); ++k)
      if (a.row_indices(r)[i] == b.row_indices(s)[k]) sum += a.row_values(r)[i] * b.row_values(s)[k];
  return sum;
}

}  // namespace

TEST("n-grams of a text have length one and nothing in common with a text of other words") {
  const Ngrams ngrams = Ngrams::fit(kTexts, {.min_texts = 1}, attune::Run{});
  const Sparse rows = ngrams.encode(kTexts, attune::Run{});
  EXPECT_EQ(rows.rows, 6u);
  EXPECT_EQ(rows.cols, ngrams.dim());
  EXPECT_NEAR(likeness(rows, 0, rows, 0), 1, 1e-5);
  EXPECT_GT(likeness(rows, 0, rows, 1), 0.3f);
  EXPECT_GT(likeness(rows, 4, rows, 5), 0.1f);
  EXPECT_FLOAT_EQ(likeness(rows, 0, rows, 4), 0);
}

TEST("a slip of spelling leaves a text nearer to what was meant than to anything else") {
  const Ngrams ngrams = Ngrams::fit(kTexts, {.min_texts = 1}, attune::Run{});
  const std::vector<std::string> slipped = {"mony bakc plese"};
  const Sparse rows = ngrams.encode(kTexts, attune::Run{}), slip = ngrams.encode(slipped, attune::Run{});
  for (const std::size_t other : {0u, 1u, 4u, 5u}) EXPECT_GT(likeness(slip, 0, rows, 3), likeness(slip, 0, rows, other));
}

TEST("rare n-grams and those beyond the most are left out") {
  EXPECT_LT(Ngrams::fit(kTexts, {.min_texts = 2}, attune::Run{}).dim(), Ngrams::fit(kTexts, {.min_texts = 1}, attune::Run{}).dim());
  EXPECT_EQ(Ngrams::fit(kTexts, {.min_texts = 1, .most = 10}, attune::Run{}).dim(), 10u);
}

TEST("any bytes may stand in a text") {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  const std::vector<std::string> texts = {all, "", std::string(100000, 'a'), "\xff\xfe", "مرحبا بالعالم", "🙂🙂"};
  const Ngrams ngrams = Ngrams::fit(texts, {.min_texts = 1}, attune::Run{});
  EXPECT_EQ(ngrams.encode(texts, attune::Run{}).rows, 6u);
}

TEST("saved n-grams encode the same") {
  const attune::testing::Folder folder;
  const Ngrams ngrams = Ngrams::fit(kTexts, {.min_texts = 1}, attune::Run{});
  ByteWriter out(folder.path / "grams");
  ngrams.save(out);
  out.close();
  ByteReader in(folder.path / "grams");
  const Sparse a = ngrams.encode(kTexts, attune::Run{}), b = Ngrams::load(in).encode(kTexts, attune::Run{});
  EXPECT_EQ(a.indices, b.indices);
  EXPECT_EQ(a.values, b.values);
  ByteReader wrong(folder.write("wrong", std::string(64, 'x')));
  EXPECT_THROW(Ngrams::load(wrong), Error);
}
