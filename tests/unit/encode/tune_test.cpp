// Tuning an encoder: the trainable layers read as the encoder does, the way back is the slope, and texts of a class come together.
#include "attune/encode/tune.h"

#include <cmath>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/lm/language_model.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::encode;

namespace {

const std::vector<std::string> kTexts = {"Where is my parcel?", "my card was swallowed by the machine", "", "I would like to change my address please", "how do I top up"};

std::vector<std::vector<std::int32_t>> tokens_of(const TrainableBert& bert, const std::vector<std::string>& texts) {
  std::vector<std::vector<std::int32_t>> tokens;
  for (const std::string& text : texts) tokens.push_back(bert.tokens(text));
  return tokens;
}

double along(const TrainableBert& bert, const Matrix& by) {
  BertPass pass;
  Random random(1);
  Matrix vectors;
  bert.forward(tokens_of(bert, kTexts), 0, random, pass, vectors);
  double sum = 0;
  for (std::size_t i = 0; i < by.size(); ++i) sum += static_cast<double>(vectors.data()[i]) * static_cast<double>(by.data()[i]);
  return sum;
}

}  // namespace

TEST("trainable layers give the vectors that the encoder gives") {
  const auto file = lm::find_model("minilm.gguf");
  const TrainableBert bert(file, "");
  const Matrix expected = lm::open_gguf(file, "minilm", "")->embed(kTexts, attune::Run{});
  BertPass pass;
  Random random(1);
  Matrix vectors;
  bert.forward(tokens_of(bert, kTexts), 0, random, pass, vectors);
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(vectors.data()[i], expected.data()[i], 2e-4);
}

TEST("the way back through a whole encoder is its slope") {
  TrainableBert bert(lm::find_model("minilm.gguf"), "");
  Matrix by(kTexts.size(), bert.dim());
  Random random(3);
  for (float& x : by.all()) x = static_cast<float>(random.normal());
  BertPass pass;
  Matrix vectors;
  bert.forward(tokens_of(bert, kTexts), 0, random, pass, vectors);
  std::vector<float> gradient(bert.weights().size());
  bert.backward(pass, by, 0, gradient);
  // Along the gradient within one layer at a time: far enough above rounding, near enough to be straight.
  for (std::size_t l = 0; l < bert.layer_count(); ++l) {
    const std::size_t from = bert.weights_of(l), to = bert.weights_of(l + 1);
    const auto slope = std::span(gradient).subspan(from, to - from);
    double squares = 0;
    for (const float g : slope) squares += static_cast<double>(g) * static_cast<double>(g);
    const auto step = static_cast<float>(0.02 / squares);   // the sum is to change by 0.02
    axpy(step, slope, bert.weights().subspan(from, to - from));
    const double up = along(bert, by);
    axpy(-2 * step, slope, bert.weights().subspan(from, to - from));
    const double down = along(bert, by);
    axpy(step, slope, bert.weights().subspan(from, to - from));
    EXPECT_NEAR((up - down) / 0.04, 1, 0.03) << "layer " << l;
  }
}

TEST("after tuning, texts of a class lie nearer to each other, and the written model says the same") {
  const attune::testing::Folder folder;
  const std::vector<std::string> texts = {"it broke", "does not work any more", "the screen is black", "fell apart after a day",
                                          "love it", "works like new", "what a lovely thing", "the best I ever had"};
  const std::vector<std::uint32_t> labels = {0, 0, 0, 0, 1, 1, 1, 1};
  const auto file = lm::find_model("minilm.gguf");
  const auto gap = [&](const Matrix& v) {   // mean likeness within classes less that between them
    double within = 0, between = 0;
    for (std::size_t a = 0; a < 8; ++a)
      for (std::size_t b = 0; b < a; ++b) (labels[a] == labels[b] ? within : between) += static_cast<double>(dot(v.row(a), v.row(b)));
    return within / 12 - between / 16;
  };
  TrainableBert bert(file, "");
  const Matrix classes = tune(bert, texts, labels, 2, {.epochs = 20, .batch = 8, .rate = 5e-5f, .smoothing = 0}, attune::Run{});
  bert.write(folder.path / "tuned.gguf");
  const Matrix before = lm::open_gguf(file, "minilm", "")->embed(texts, attune::Run{});
  const Matrix after = lm::open_gguf(folder.path / "tuned.gguf", "tuned", "")->embed(texts, attune::Run{});
  BertPass pass;
  Random random(1);
  Matrix own;
  bert.forward(tokens_of(bert, texts), 0, random, pass, own);
  for (std::size_t i = 0; i < own.size(); ++i) ASSERT_NEAR(own.data()[i], after.data()[i], 2e-3);
  EXPECT_GT(gap(after), gap(before) + 0.2);
  for (std::size_t r = 0; r < 8; ++r) EXPECT_GT(dot(after.row(r), classes.row(labels[r])), dot(after.row(r), classes.row(1 - labels[r])));
}

TEST("tuning refuses labels of no class and files that cannot be trained") {
  TrainableBert bert(lm::find_model("minilm.gguf"), "");
  const std::vector<std::string> texts = {"a", "b"};
  const std::vector<std::uint32_t> labels = {0, 2};
  EXPECT_THROW(tune(bert, texts, labels, 2, {}, attune::Run{}), Error);
  EXPECT_THROW(tune(bert, {}, {}, 2, {}, attune::Run{}), Error);
}
