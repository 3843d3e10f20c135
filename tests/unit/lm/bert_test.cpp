// Parity of the encoders with their references. Needs the model files that scripts/setup makes.
#include "attune/lm/bert.h"

#include <cmath>
#include <thread>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/lm/llama.h"
#include "attune/lm/tokenizer.h"
#include "tests/support/test.h"
#include "tests/unit/lm/minilm_golden.h"

namespace attune::lm {
namespace {

std::vector<std::string> mixed_texts() {
  std::vector<std::string> texts;
  for (const Golden& g : kMinilmGolden) texts.push_back(g.text);
  for (const char* text : {"", " \t\n", "a", "\xFF\xFE\x80", "r\xC3 cut", "!!!", "\xF0\x9F\x8E\x81", "สวัสดีครับ ของเล่นเด็ก", "لعبة سيارة حمراء"}) texts.emplace_back(text);
  for (int n = 1; n < 40; ++n) texts.push_back("set of " + std::to_string(n) + " " + std::string(static_cast<std::size_t>(n), 'a') + " candles");
  texts.push_back(std::string(3'000'000, 'y') + " z");
  texts.push_back(std::string(2'000'000, ' '));
  return texts;
}
float cosine_of_first(std::span<const float> row, const std::vector<float>& first) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < first.size(); ++i) ab += row[i] * first[i], aa += row[i] * row[i], bb += first[i] * first[i];
  return static_cast<float>(ab / std::sqrt(aa * bb));
}

TEST("minilm splits texts of many scripts as its reference does") {
  const auto tokenizer = make_tokenizer(std::make_shared<const GgufFile>(find_model("minilm.gguf")));
  for (const Golden& g : kMinilmGolden) EXPECT_EQ(tokenizer->tokens(g.text, 256), g.tokens) << g.text;
}
TEST("minilm says what its fp32 reference says, to rounding") {
  // f16 weights: the first eight numbers are compared, in length and direction.
  const auto exact = open_gguf(find_model("minilm-f32.gguf"), "minilm", ""), half = open_gguf(find_model("minilm.gguf"), "minilm", "");
  for (const Golden& g : kMinilmGolden) {
    const std::vector<std::string> text = {g.text};
    const Matrix a = exact->embed(text, {}), b = half->embed(text, {});
    for (std::size_t i = 0; i < g.first.size(); ++i) EXPECT_NEAR(a(0, i), g.first[i], 2e-6) << g.text;
    EXPECT_GT(cosine_of_first(b.row(0), g.first), 0.9999f) << g.text;
    EXPECT_GT(dot(a.row(0), b.row(0)), 0.99999f) << g.text;
  }
}
TEST("our forward pass and llama.cpp's agree on mixed texts") {
  const std::vector<std::string> texts = mixed_texts();
  for (const char* file : {"minilm.gguf", "e5.gguf"}) {
    const bool packed = std::string(file) == "e5.gguf";
    const Matrix ours = open_gguf(find_model(file), "x", "")->embed(texts, {});
    const Matrix theirs = open_llama(std::make_shared<const GgufFile>(find_model(file)), "x", "")->embed(texts, {});
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const float length = dot(ours.row(i), ours.row(i));
      EXPECT_NEAR(length, dot(theirs.row(i), theirs.row(i)), 1e-5) << file << " " << i;
      // llama.cpp rounds what it multiplies with 4-bit weights to 8 bits; we do not.
      if (length == 0) continue;
      EXPECT_GT(dot(ours.row(i), theirs.row(i)), packed ? 0.999f : 0.9999f) << file << " " << texts[i].substr(0, 60);
    }
  }
}
TEST("a text's vector does not depend on its neighbours or on the number of threads") {
  const std::vector<std::string> texts = mixed_texts();
  const auto model = open_gguf(find_model("minilm.gguf"), "minilm", "");
  const Matrix together = model->embed(texts, {.threads = 2});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Matrix alone = model->embed(std::span(texts).subspan(i, 1), {.threads = 1});
    for (std::size_t c = 0; c < alone.cols(); ++c) ASSERT_NEAR(alone(0, c), together(i, c), 1e-5) << i;
  }
}
TEST("texts that say nothing get zeros, prefix or not") {
  const std::vector<std::string> nothing = {"", "  ", "\n\t", "\xE2\x80\x8B"};
  const auto minilm = open_gguf(find_model("minilm.gguf"), "minilm", ""), e5 = open_gguf(find_model("e5.gguf"), "e5", "query: ");
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    EXPECT_EQ(dot(minilm->embed(nothing, {}).row(i), minilm->embed(nothing, {}).row(i)), 0.0f);
    if (i == 3) continue;  // SentencePiece keeps the zero-width space
    EXPECT_EQ(dot(e5->embed(nothing, {}).row(i), e5->embed(nothing, {}).row(i)), 0.0f);
  }
}
TEST("two threads may read with one model at once") {
  const auto model = open_gguf(find_model("minilm.gguf"), "minilm", "");
  const std::vector<std::string> texts = {"red mug", "blue mug"};
  const Matrix alone = model->embed(texts, {});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) EXPECT_GT(dot(model->embed(texts, {}).row(1), alone.row(1)), 0.99999f);
    });
}
TEST("reading stops when asked to, and reports up to the end otherwise") {
  const auto model = open_gguf(find_model("minilm.gguf"), "minilm", "");
  const std::vector<std::string> texts(200, "a red mug with a handle");
  std::size_t last = 0, total = 0;
  model->embed(texts, {.progress = [&](std::string_view, std::size_t done, std::size_t all) { last = done, total = all; }});
  EXPECT_EQ(last, 200u);
  EXPECT_EQ(total, 200u);
  const std::atomic<bool> stop{true};
  EXPECT_THROW(model->embed(texts, {.stop = &stop}), Error);
}
TEST("an encoder that is asked to write says which model can") {
  const auto model = open_gguf(find_model("minilm.gguf"), "minilm", "");
  try {
    model->generate("hello", {}, {});
    FAIL() << "it wrote";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unsupported);
  }
  EXPECT_THROW(model->score("hello", {}, {}), Error);
}
TEST("a model that is nowhere is named with the folders that were looked at") {
  try {
    find_model("nowhere.gguf");
    FAIL() << "it was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::not_found);
    EXPECT_NE(std::string(error.what()).find("attune/models"), std::string::npos);
  }
}

}  // namespace
}  // namespace attune::lm
