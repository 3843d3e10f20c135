#include <cmath>
#include <cstdlib>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/lm/language_model.h"
#include "attune/lm/llama.h"
#include "tests/support/test.h"
#include "tests/unit/lm/gguf_writer.h"

namespace attune::lm {
namespace {

using Texts = std::vector<std::string>;
const attune::Run kAlone{.threads = 1};  // llama.cpp's threads spin while they wait: slow on shared cores
const Texts kTexts = {"red mug", "", "a blue mug zebra"};

// Opens and uses the file; only Errors of bad data may come of it.
void try_out(const std::filesystem::path& path, const char* what, std::uint64_t seed) {
  try {
    const auto model = open_gguf(path, "damaged", "");
    try {
      model->embed(kTexts, kAlone);
      model->generate("red", {.max_tokens = 4}, kAlone);
    } catch (const Error& error) {
      if (error.code() == Code::unsupported || error.code() == Code::internal) return;
      throw;
    }
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == Code::bad_data || error.code() == Code::unsupported || error.code() == Code::bad_request)
        << what << " " << seed << ": " << error.what();
  }
}

// Where the weights begin: damage before it meets the readers of the header, after it only numbers.
std::size_t header_bytes(const std::string& content) { return content.find("token_embd.weight") + 2000; }

// ATTUNE_FUZZ_ROUNDS=100000 looks longer.
void damage(const std::string& whole) {
  const char* asked = std::getenv("ATTUNE_FUZZ_ROUNDS");
  const int rounds = asked != nullptr ? std::stoi(asked) : 1000;
  const ModelFile file;
  for (int seed = 0; seed < rounds; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    std::string content = whole;
    const std::size_t reach = random.below(4) == 0 ? whole.size() : std::min(whole.size(), header_bytes(whole));
    for (std::size_t n = 1 + random.below(6); n > 0; --n) {
      const std::size_t at = random.below(reach);
      const std::size_t kind = random.below(3);
      if (kind == 0) content[at] = static_cast<char>(content[at] ^ (1 << random.below(8)));
      else if (kind == 1) content[at] = static_cast<char>(random.below(256));
      else for (std::size_t i = at; i < std::min(at + 8, content.size()); ++i) content[i] = static_cast<char>(0xFF);
    }
    file.write(content);
    try_out(file.path, "changed", static_cast<std::uint64_t>(seed));
  }
  for (int seed = 0; seed < rounds / 4; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    file.write(whole.substr(0, random.below(random.below(2) == 0 ? whole.size() : header_bytes(whole))));
    try_out(file.path, "cut", static_cast<std::uint64_t>(seed));
  }
}

TEST("a damaged encoder is refused or read, never the end of the process") { damage(small_bert()); }
TEST("a damaged encoder with a Unigram vocabulary likewise") { damage(small_bert(add_unigram)); }
TEST("a damaged generator is refused or read, never the end of the process") { damage(small_llama()); }
TEST("garbage is refused as what it is") {
  const ModelFile file;
  for (int seed = 0; seed < 200; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    std::string content = seed % 2 == 0 ? "GGUF\x03" + std::string(3, '\0') : "";
    for (std::size_t n = random.below(400); n > 0; --n) content += static_cast<char>(random.below(256));
    file.write(content);
    EXPECT_THROW(open_gguf(file.path, "garbage", ""), Error);
  }
}
TEST("what is no file is refused with its name") {
  for (const char* path : {"/nowhere/at/all.gguf", "/tmp", "/dev/null"}) {
    try {
      open_gguf(path, "x", "");
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
    }
  }
}
TEST("settings that would make llama.cpp abort are refused before it sees them") {
  const std::string whole = small_llama();
  const ModelFile file;
  for (const char* key : {"llama.embedding_length", "llama.block_count", "llama.context_length", "llama.attention.head_count"}) {
    std::string content = whole;
    const std::size_t at = content.find(key) + std::string(key).size() + 4;
    for (const std::uint32_t v : {0u, 0x7fffffffu, 0xffffffffu}) {
      std::memcpy(content.data() + at, &v, 4);
      file.write(content);
      EXPECT_THROW(open_gguf(file.path, "x", ""), Error) << key << " " << v;
    }
  }
}
TEST("weights that are no numbers are refused") {
  std::string content = small_bert();
  const float none = std::nanf("");
  std::memcpy(content.data() + content.size() - 64, &none, 4);
  const ModelFile file(content);
  EXPECT_THROW(open_gguf(file.path, "x", ""), Error);
}
TEST("our encoder and llama.cpp read a small model alike") {
  const ModelFile file(small_bert());
  const Matrix ours = open_gguf(file.path, "x", "")->embed(kTexts, kAlone);
  const Matrix theirs = open_llama(std::make_shared<const GgufFile>(file.path), "x", "")->embed(kTexts, kAlone);
  EXPECT_GT(dot(ours.row(0), theirs.row(0)), 0.9999f);
  EXPECT_GT(dot(ours.row(2), theirs.row(2)), 0.9999f);
  EXPECT_EQ(dot(ours.row(1), ours.row(1)), 0.0f);
}

TEST("a generator keeps to its grammar and is the same each time") {
  const ModelFile file(small_llama());
  const auto model = open_gguf(file.path, "small", "");
  const GenerateOptions yes_or_no{.max_tokens = 8, .grammar = "root ::= \"yes\" | \"no\""};
  const std::string answer = model->generate("is it red", yes_or_no, kAlone);
  EXPECT_TRUE(answer == "yes" || answer == "no") << answer;
  GenerateOptions by_chance = yes_or_no;
  by_chance.temperature = 1;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    by_chance.seed = seed;
    const std::string drawn = model->generate("is it red", by_chance, kAlone);
    EXPECT_TRUE(drawn == "yes" || drawn == "no") << drawn;
    EXPECT_EQ(drawn, model->generate("is it red", by_chance, kAlone));
  }
  EXPECT_EQ(model->generate("red", {.max_tokens = 6}, kAlone), model->generate("red", {.max_tokens = 6}, kAlone));
}
TEST("a beginning that prompts share is computed once and changes nothing that is written") {
  const ModelFile file(small_llama());
  const auto model = open_gguf(file.path, "small", "");
  const GenerateOptions options{.max_tokens = 6, .prefix_bytes = 8};
  const std::string first = model->generate("is it a red mug", options, kAlone), other = model->generate("is it a blue one", options, kAlone);
  EXPECT_EQ(first, open_gguf(file.path, "small", "")->generate("is it a red mug", options, kAlone));
  EXPECT_EQ(other, open_gguf(file.path, "small", "")->generate("is it a blue one", options, kAlone));
  EXPECT_EQ(model->generate("was it a red mug", options, kAlone), open_gguf(file.path, "small", "")->generate("was it a red mug", options, kAlone));
  EXPECT_EQ(first, model->generate("is it a red mug", options, kAlone));
  EXPECT_NO_THROW(model->generate("red", {.max_tokens = 2, .prefix_bytes = 100}, kAlone));
}
TEST("the likeliest letter after a prompt is the one it writes") {
  const ModelFile file(small_llama());
  const auto model = open_gguf(file.path, "small", "");
  const std::string written = model->generate("red", {.max_tokens = 1, .grammar = "root ::= [a-z]"}, kAlone);
  Texts letters;
  for (char c = 'a'; c <= 'z'; ++c) letters.emplace_back(1, c);
  const std::vector<float> scores = model->score("red", letters, kAlone);
  ASSERT_EQ(scores.size(), 26u);
  for (const float s : scores) EXPECT_LT(s, 0);
  // SentencePiece puts a space before an answer's first letter, so two pieces are scored; the order of letters after it need not
  // be the same, but chances are chances.
  double sum = 0;
  for (const float s : scores) sum += std::exp(2.0 * s);
  EXPECT_LE(sum, 1.0 + 1e-4);
  EXPECT_EQ(written.size(), 1u);
}
TEST("a grammar or prompt that cannot be is a bad request") {
  const ModelFile file(small_llama());
  const auto model = open_gguf(file.path, "small", "");
  EXPECT_THROW(model->generate("x", {.grammar = "root ::= ("}, kAlone), Error);
  EXPECT_THROW(model->generate(std::string(500, 'x'), {.max_tokens = 8}, kAlone), Error);
  EXPECT_THROW(model->generate("x", {.max_tokens = 0}, kAlone), Error);
  EXPECT_THROW(model->embed(kTexts, kAlone), Error);
}
TEST("a generator stops when asked to") {
  const ModelFile file(small_llama());
  const auto model = open_gguf(file.path, "small", "");
  std::atomic<bool> stop{false};
  const attune::Run run{.progress = [&](std::string_view, std::size_t, std::size_t) { stop = true; }, .stop = &stop};
  try {
    model->generate("red", {.max_tokens = 64}, run);
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

}  // namespace
}  // namespace attune::lm
