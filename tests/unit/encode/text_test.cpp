#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "tests/support/test.h"
#include "tests/unit/encode/encoders.h"

namespace attune::encode {
namespace {

using Texts = std::vector<std::string>;

TEST("every dense encoder gives rows of length 1, and zeros for a text of nothing") {
  const Texts texts = {"red mug", "", "  \n ", "红色的杯子"};
  for (const auto make : {make_tiny, make_minilm, make_e5}) {
    const auto encoder = make(texts, {}, {});
    const Matrix m = encoder->encode(texts, {}).dense;
    ASSERT_EQ(m.cols(), encoder->dim());
    EXPECT_NEAR(dot(m.row(0), m.row(0)), 1, 1e-5) << encoder->name();
    EXPECT_EQ(dot(m.row(1), m.row(1)), 0) << encoder->name();
    EXPECT_EQ(dot(m.row(2), m.row(2)), 0) << encoder->name();
    EXPECT_NEAR(dot(m.row(3), m.row(3)), 1, 1e-5) << encoder->name();
  }
}
TEST("sentences that mean the same are nearer than others") {
  const Texts english = {"a cup for tea", "mug for hot drinks", "garden hose, 20 metres"};
  const Matrix m = make_minilm(english, {}, {})->encode(english, {}).dense;
  EXPECT_GT(dot(m.row(0), m.row(1)), dot(m.row(0), m.row(2)) + 0.3f);
  const Texts mixed = {"a cup for tea", "茶杯", "花园水管"};
  const Matrix e5 = make_e5(mixed, {}, {})->encode(mixed, {}).dense;
  EXPECT_GT(dot(e5.row(0), e5.row(1)), dot(e5.row(0), e5.row(2)));
}
TEST("an encoder reads alike after a restart") {
  const Texts texts = {"red mug"};
  const auto encoder = make_minilm(texts, {}, {});
  const auto loaded = through_a_file(*encoder, load_minilm);
  EXPECT_EQ(loaded->dim(), 384u);
  EXPECT_EQ(loaded->fingerprint(), encoder->fingerprint());
  EXPECT_EQ(dot(loaded->encode(texts, {}).dense.row(0), encoder->encode(texts, {}).dense.row(0)), dot(encoder->encode(texts, {}).dense.row(0), encoder->encode(texts, {}).dense.row(0)));
}
TEST("an encoder whose model file is another one refuses to compare") {
  const Folder folder;
  const Texts texts = {"red mug"};
  const auto encoder = make_minilm(texts, {}, {});
  ByteWriter out(folder.path / "encoder.bin");
  out.text("minilm"), out.text("minilm.gguf"), out.text(""), out.text("another fingerprint"), out.number(std::uint64_t{384});
  out.close();
  ByteReader in(folder.path / "encoder.bin");
  const auto loaded = load_minilm(in);
  try {
    loaded->encode(texts, {});
    FAIL() << "a vector came";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::bad_data);
    EXPECT_NE(std::string(error.what()).find("fit again"), std::string::npos);
  }
}
TEST("a model file that is not there is named with the command that fetches it") {
  try {
    make_minilm({}, Json::parse(R"({"file": "nowhere.gguf"})"), {});
    FAIL() << "it opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::not_found);
    EXPECT_NE(std::string(error.what()).find("scripts/setup"), std::string::npos);
  }
}

}  // namespace
}  // namespace attune::encode
