// Linear head: a slope of zero at the solution, classes told apart, chances that mean what they say, single rows taken in at once.
#include "attune/train/linear_head.h"

#include <cmath>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::train;

namespace {

struct World {
  Matrix dense;
  Sparse sparse;
  std::vector<std::uint32_t> labels;
  FeatureRows rows() const { return {.dense = dense, .sparse = &sparse}; }
};

// Class c leans towards dense column c and carries sparse column c in half of its rows; `noise` is the sd of all dense columns.
World world(std::size_t n, std::size_t classes, double noise, std::uint64_t seed) {
  Random random(seed);
  World w{.dense = Matrix(n, classes + 2)};
  w.sparse.rows = n, w.sparse.cols = classes + 1;
  for (std::size_t r = 0; r < n; ++r) {
    const auto c = static_cast<std::uint32_t>(random.below(classes));
    w.labels.push_back(c);
    for (float& x : w.dense.row(r)) x = static_cast<float>(noise * random.normal());
    w.dense(r, c) += 1;
    if (random.below(2) == 0) w.sparse.indices.push_back(c), w.sparse.values.push_back(1);
    w.sparse.indices.push_back(static_cast<std::uint32_t>(classes)), w.sparse.values.push_back(0.5f);
    w.sparse.offsets.push_back(w.sparse.indices.size());
  }
  return w;
}

double share_right(const LinearHead& head, const World& w) {
  const Matrix scores = head.scores(w.rows(), attune::Run{});
  double right = 0;
  for (std::size_t r = 0; r < scores.rows(); ++r)
    right += std::max_element(scores.row(r).begin(), scores.row(r).end()) - scores.row(r).begin() == w.labels[r];
  return right / static_cast<double>(scores.rows());
}

}  // namespace

TEST("a linear head tells classes apart that lean different ways") {
  const World seen = world(600, 5, 0.3, 1), fresh = world(600, 5, 0.3, 2);
  const LinearHead head = LinearHead::fit(seen.rows(), seen.labels, 5, {}, {}, attune::Run{});
  EXPECT_GT(share_right(head, fresh), 0.95);
  EXPECT_EQ(head.dense_dim(), 7u);
  EXPECT_EQ(head.sparse_dim(), 6u);
}

TEST("at the solution of a linear head no small change of the chances helps") {
  const World w = world(300, 4, 0.8, 3);
  const HeadOptions options{.reg = 1e-2f, .steps = 500};
  const LinearHead head = LinearHead::fit(w.rows(), w.labels, 4, {}, options, attune::Run{});
  // The slope by a class's intercept, which nothing pulls: chances and labels sum to the same.
  const Matrix chances = head.chances(w.rows(), attune::Run{});
  for (std::uint32_t c = 0; c < 4; ++c) {
    double expected = 0, seen = 0;
    for (std::size_t r = 0; r < 300; ++r) expected += static_cast<double>(chances(r, c)), seen += w.labels[r] == c;
    EXPECT_NEAR(expected / 300, seen / 300, 2e-4);
  }
}

TEST("a linear head is the same for one thread and for two") {
  const World w = world(200, 3, 0.5, 4);
  attune::Run one, two;
  one.threads = 1, two.threads = 2;
  const Matrix a = LinearHead::fit(w.rows(), w.labels, 3, {}, {}, one).scores(w.rows(), one);
  const Matrix b = LinearHead::fit(w.rows(), w.labels, 3, {}, {}, two).scores(w.rows(), two);
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], b.data()[i]);
}

TEST("rows of weight nothing change nothing") {
  World w = world(200, 3, 0.5, 5);
  std::vector<float> weights(200, 1.0f);
  for (std::size_t r = 100; r < 200; ++r) weights[r] = 0, w.labels[r] = (w.labels[r] + 1) % 3;
  const LinearHead head = LinearHead::fit(w.rows(), w.labels, 3, weights, {.reg = 1e-2f}, attune::Run{});
  EXPECT_GT(share_right(head, world(400, 3, 0.5, 6)), 0.8);
}

TEST("balanced classes count alike however few rows one has") {
  // One constant feature tells nothing: the chances are the classes' shares.
  Matrix dense(100, 1);
  std::vector<std::uint32_t> labels(100, 0);
  for (std::size_t r = 0; r < 5; ++r) labels[r] = 1;
  for (float& x : dense.all()) x = 1;
  const FeatureRows rows{.dense = dense};
  EXPECT_NEAR(LinearHead::fit(rows, labels, 2, {}, {}, attune::Run{}).chances(rows, attune::Run{})(0, 1), 0.05, 2e-3);
  EXPECT_NEAR(LinearHead::fit(rows, labels, 2, {}, {.balanced = true}, attune::Run{}).chances(rows, attune::Run{})(0, 1), 0.5, 2e-3);
}

TEST("a temperature makes the chances of rows that were not fitted honest") {
  const World seen = world(60, 4, 0.9, 7), held = world(2000, 4, 0.9, 8);
  LinearHead head = LinearHead::fit(seen.rows(), seen.labels, 4, {}, {.reg = 1e-6f, .steps = 400}, attune::Run{});
  const auto gap = [&] {   // mean chance of the answer given, against how often it is right
    const Matrix chances = head.chances(held.rows(), attune::Run{});
    double sure = 0;
    for (std::size_t r = 0; r < chances.rows(); ++r) sure += static_cast<double>(*std::max_element(chances.row(r).begin(), chances.row(r).end()));
    return sure / static_cast<double>(chances.rows()) - share_right(head, held);
  };
  const double before = gap();
  EXPECT_GT(before, 0.1);   // fitted to few rows, it is too sure of itself
  head.calibrate(held.rows(), held.labels, attune::Run{});
  EXPECT_GT(head.temperature(), 1);
  EXPECT_LT(std::abs(gap()), before / 2);
}

TEST("one row taken in leads by the margin, and the rest is hardly moved") {
  const World w = world(300, 4, 0.4, 9);
  LinearHead head = LinearHead::fit(w.rows(), w.labels, 4, {}, {}, attune::Run{});
  const double before = share_right(head, w);
  const std::uint32_t wanted = (w.labels[0] + 1) % 4;
  EXPECT_TRUE(head.learn(w.rows(), 0, wanted, 0.5f));
  const Matrix scores = head.scores(w.rows(), attune::Run{});
  for (std::uint32_t c = 0; c < 4; ++c) EXPECT_TRUE(c == wanted || scores(0, wanted) - scores(0, c) >= 0.49f);
  EXPECT_GT(share_right(head, w), before - 0.25);
  EXPECT_FALSE(head.learn(w.rows(), 0, wanted, 0.5f));
}

TEST("a saved linear head scores the same") {
  const attune::testing::Folder folder;
  const World w = world(100, 3, 0.5, 10);
  LinearHead head = LinearHead::fit(w.rows(), w.labels, 3, {}, {}, attune::Run{});
  head.calibrate(w.rows(), w.labels, attune::Run{});
  ByteWriter out(folder.path / "head");
  head.save(out);
  out.close();
  ByteReader in(folder.path / "head");
  const LinearHead again = LinearHead::load(in);
  const Matrix a = head.chances(w.rows(), attune::Run{}), b = again.chances(w.rows(), attune::Run{});
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], b.data()[i]);
}

TEST("a linear head refuses what it cannot learn from, saying why") {
  World w = world(20, 3, 0.5, 11);
  const attune::Run run;
  EXPECT_THROW(LinearHead::fit(FeatureRows{}, {}, 3, {}, {}, run), Error);
  EXPECT_THROW(LinearHead::fit(w.rows(), std::span(w.labels).first(3), 3, {}, {}, run), Error);
  EXPECT_THROW(LinearHead::fit(w.rows(), w.labels, 2, {}, {}, run), Error);
  EXPECT_THROW(LinearHead::fit(w.rows(), w.labels, 3, {}, {.reg = 0}, run), Error);
  const LinearHead head = LinearHead::fit(w.rows(), w.labels, 3, {}, {}, run);
  EXPECT_THROW(head.scores({.dense = w.dense}, run), Error);
  w.dense(0, 0) = std::nanf("");
  EXPECT_THROW(LinearHead::fit(w.rows(), w.labels, 3, {}, {}, run), Error);
}
