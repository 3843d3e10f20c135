#include "attune/encode/vector_cache.h"

#include <sys/wait.h>

#include <fstream>

#include "attune/core/error.h"
#include "tests/support/test.h"
#include "tests/unit/encode/encoders.h"

namespace attune::encode {
namespace {

// Counts what it is asked to read; the vector of a text is its length and its first letter.
class Counting final : public Encoder {
 public:
  std::string name() const override { return "counting"; }
  std::string fingerprint() const override { return "counting-1"; }
  bool is_sparse() const override { return false; }
  std::size_t dim() const override { return 2; }
  data::ItemFeatures encode(std::span<const std::string> texts, const Run&) const override {
    Matrix m(texts.size(), 2);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      m(i, 0) = static_cast<float>(texts[i].size());
      m(i, 1) = texts[i].empty() ? 0.0f : static_cast<float>(texts[i][0]);
      ++read;
    }
    return {.dense = std::move(m), .sparse = {}};
  }
  void save(ByteWriter&) const override {}
  mutable int read = 0;
};

const std::vector<std::string> kTexts = {"red", "blue mug", "red", "", "green"};

void expect_right(const Matrix& m) {
  for (std::size_t i = 0; i < kTexts.size(); ++i) EXPECT_EQ(m(i, 0), static_cast<float>(kTexts[i].size()));
  EXPECT_EQ(m(4, 1), 'g');
}

TEST("nothing is read twice, not even within one call") {
  const Folder folder;
  const Counting encoder;
  expect_right(item_vectors(encoder, kTexts, folder.path, {}));
  EXPECT_EQ(encoder.read, 4);
  expect_right(item_vectors(encoder, kTexts, folder.path, {}));
  EXPECT_EQ(encoder.read, 4);
}
TEST("without a folder every call reads") {
  const Counting encoder;
  expect_right(item_vectors(encoder, kTexts, "", {}));
  expect_right(item_vectors(encoder, kTexts, "", {}));
  EXPECT_EQ(encoder.read, 8);
}
TEST("a file cut anywhere, or with a byte changed, loses only the records it hurts") {
  const Folder folder;
  const Counting encoder;
  item_vectors(encoder, kTexts, folder.path, {});
  const auto file = VectorCache(folder.path, "counting", "counting-1", 2).file();
  const std::string whole = read_file(file);
  for (std::size_t n = 0; n < whole.size(); n += 3) {
    std::filesystem::remove(file);
    { std::ofstream(file, std::ios::binary) << whole.substr(0, n); }
    expect_right(item_vectors(encoder, kTexts, folder.path, {}));
    EXPECT_EQ(VectorCache(folder.path, "counting", "counting-1", 2).size(), 4u) << n;  // and it is mended
  }
  for (std::size_t n = 0; n < whole.size(); n += 3) {
    std::string hurt = whole;
    hurt[n] = static_cast<char>(hurt[n] ^ 4);
    std::filesystem::remove(file);
    { std::ofstream(file, std::ios::binary) << hurt; }
    expect_right(item_vectors(encoder, kTexts, folder.path, {}));
  }
}
TEST("several processes may fill one cache at once") {
  const Folder folder;
  std::vector<pid_t> children;
  for (int p = 0; p < 4; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int i = 0; i < 50; ++i) {
        const std::vector<std::string> text = {std::to_string(p) + "/" + std::to_string(i)};
        VectorCache cache(folder.path, "x", "y", 2);
        const float row[] = {static_cast<float>(p), static_cast<float>(i)};
        cache.add(text, row);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const VectorCache cache(folder.path, "x", "y", 2);
  EXPECT_EQ(cache.size(), 200u);
  ASSERT_NE(cache.find("3/49"), nullptr);
  EXPECT_EQ(cache.find("3/49")[1], 49.0f);
}
TEST("another model's vectors are not taken for this one's") {
  const Folder folder;
  const std::vector<std::string> text = {"a"};
  const float row[] = {1, 2};
  VectorCache(folder.path, "x", "first", 2).add(text, row);
  EXPECT_EQ(VectorCache(folder.path, "x", "second", 2).find("a"), nullptr);
}
TEST("a cache that cannot be written is remarked on and done without") {
  const Folder folder;
  { std::ofstream(folder.path / "file") << "not a folder"; }
  std::string remark;
  const attune::Run run{.say = [&](std::string text) { remark = text; }};
  expect_right(item_vectors(Counting(), kTexts, folder.path / "file", run));
  EXPECT_NE(remark.find("without it"), std::string::npos);
}

}  // namespace
}  // namespace attune::encode
