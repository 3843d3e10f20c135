// Intents: read the same after saving, damaged files told; the bar of strangeness; tuned encoders beside the frozen ones.
#include "attune/talk/desk/intents.h"

#include <algorithm>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/lm/language_model.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::talk::desk;

namespace {

// Apples, pears and all else, a direction each.
std::vector<Matrix> fruit(std::span<const std::string> texts, const attune::Run&) {
  Matrix m(texts.size(), 4);
  for (std::size_t r = 0; r < texts.size(); ++r) m(r, texts[r].find("apple") != std::string::npos ? 0 : texts[r].find("pear") != std::string::npos ? 1 : 2) = 1;
  std::vector<Matrix> all;
  all.push_back(std::move(m));
  return all;
}

// `n` messages, half of each fruit, no two alike.
Lessons baskets(std::size_t n) {
  Lessons lessons;
  for (std::size_t i = 0; i < n; ++i) {
    lessons.texts.push_back((i % 2 == 0 ? "apple number " : "pear number ") + std::to_string(i));
    lessons.labels.push_back(static_cast<std::uint32_t>(i % 2));
  }
  return lessons;
}

}  // namespace

TEST("the bar of strangeness keeps the share that was asked for, and strange messages teach which signs count") {
  Random random(5);
  std::vector<Signs> inside, outside;
  for (int i = 0; i < 400; ++i) {
    Signs signs{};
    for (double& s : signs) s = random.normal();
    inside.push_back(signs);
    signs[kDistance] += 4;   // only this sign tells the strange ones
    outside.push_back(signs);
  }
  const auto noticed = [&](const Strangeness& s) { return std::count_if(outside.begin(), outside.end(), [&](const Signs& one) { return s.of(one) > s.bar(); }); };
  const Strangeness untaught = Strangeness::learn(inside, {}, 0.95, attune::Run{}), taught = Strangeness::learn(inside, outside, 0.95, attune::Run{});
  EXPECT_EQ(std::count_if(inside.begin(), inside.end(), [&](const Signs& one) { return taught.of(one) >= taught.bar(); }), 20);
  EXPECT_GT(noticed(taught), 360);
  EXPECT_LT(noticed(untaught), 300);
  EXPECT_GT(taught.common(taught.usual()), 0.45);
}

TEST("intents saved and loaded read the same, damaged ones are refused") {
  const attune::testing::Folder folder;
  const Lessons lessons{{"one apple", "two apples", "red apple", "a pear", "two pears", "green pear"}, {0, 0, 0, 1, 1, 1}};
  const Intents intents = Intents::train(lessons, {}, {}, 2, {}, fruit, folder.path, attune::Run{});
  intents.save(folder.path);
  const Intents again = Intents::load(folder.path);
  const std::vector<std::string> asked = {"an apple", "pears please", "a stone"};
  const auto a = intents.read(asked, fruit, attune::Run{}), b = again.read(asked, fruit, attune::Run{});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(a[i].best, b[i].best);
    EXPECT_EQ(a[i].outside, b[i].outside);
  }
  EXPECT_EQ(a[0].best[0].first, 0u);
  EXPECT_EQ(a[1].best[0].first, 1u);
  EXPECT_GT(a[2].outside, a[0].outside);
  const std::string bytes = read_file(folder.path / "intents.bin");
  for (const std::size_t cut : {std::size_t{0}, std::size_t{10}, bytes.size() / 2, bytes.size() - 8}) {
    write_file(folder.path / "intents.bin", std::string_view(bytes).substr(0, cut));
    EXPECT_THROW(Intents::load(folder.path), Error) << cut;
  }
}

TEST("tuned encoders answer beside the frozen ones with the share that suits messages they did not learn") {
  const attune::testing::Folder folder;
  IntentOptions options;
  options.tuned = {.count = 1, .tune = {.epochs = 1}, .from = {lm::find_model("minilm.gguf")}};
  const Intents intents = Intents::train(baskets(100), {}, {}, 2, options, fruit, folder.path, attune::Run{});
  intents.save(folder.path);
  EXPECT_GE(intents.held_out_accuracy(), 0.9);
  EXPECT_GE(intents.tuned_weight(), 0);
  EXPECT_LE(intents.tuned_weight(), 1);
  const Intents again = Intents::load(folder.path);
  const std::vector<std::string> asked = {"apple number 7", "pear number 8"};
  const auto a = intents.read(asked, fruit, attune::Run{}), b = again.read(asked, fruit, attune::Run{});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(a[i].best.front().first, i);
    EXPECT_EQ(a[i].best, b[i].best);
  }
  // Another's weights in its file, half of it, none of it: told with what to do.
  const std::filesystem::path file = folder.path / "tuned-0.gguf";
  std::string bytes = read_file(file);
  bytes[bytes.size() - 1000] ^= 1;
  const auto refused = [&] {
    try {
      Intents::load(folder.path);
      return std::string("opened");
    } catch (const Error& e) {
      return std::string(e.what());
    }
  };
  write_file(file, bytes);
  EXPECT_NE(refused().find("attune desk train"), std::string::npos) << refused();
  write_file(file, std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_NE(refused().find("attune desk train"), std::string::npos) << refused();
  std::filesystem::remove(file);
  EXPECT_NE(refused().find("attune desk train"), std::string::npos) << refused();
}

TEST("too few messages to tune an encoder on are told, with what to do") {
  const attune::testing::Folder folder;
  IntentOptions options;
  options.tuned = {.count = 1, .from = {lm::find_model("minilm.gguf")}};
  try {
    Intents::train(baskets(40), {}, {}, 2, options, fruit, folder.path, attune::Run{});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("there are 40"), std::string::npos);
  }
}
