// Kernel head: classes that no line parts, the closed form's equations, rows taken in at once.
#include "attune/train/kernel_head.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::train;

namespace {

// Points of a ring are of class 0, those within of class 1.
Matrix ring(std::size_t n, std::uint64_t seed, std::vector<std::uint32_t>& labels) {
  Random random(seed);
  Matrix m(n, 2);
  for (std::size_t r = 0; r < n; ++r) {
    labels.push_back(r % 2);
    const double angle = 6.2831853 * random.uniform(), length = (r % 2 == 0 ? 1.0 : 0.2) + 0.1 * random.normal();
    m(r, 0) = static_cast<float>(length * std::cos(angle)), m(r, 1) = static_cast<float>(length * std::sin(angle));
  }
  return m;
}

double share_right(const KernelHead& head, const Matrix& rows, const std::vector<std::uint32_t>& labels) {
  const Matrix scores = head.scores({.dense = rows}, attune::Run{});
  double right = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) right += std::max_element(scores.row(r).begin(), scores.row(r).end()) - scores.row(r).begin() == labels[r];
  return right / static_cast<double>(rows.rows());
}

}  // namespace

TEST("a kernel head parts what no line parts") {
  std::vector<std::uint32_t> seen_labels, fresh_labels;
  const Matrix seen = ring(200, 1, seen_labels), fresh = ring(600, 2, fresh_labels);
  EXPECT_GT(share_right(KernelHead::fit({.dense = seen}, seen_labels, 2, {.reach = 3}, attune::Run{}), fresh, fresh_labels), 0.97);
}

TEST("a kernel head's shares solve its equations") {
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(60, 3, labels);
  const KernelHead head = KernelHead::fit({.dense = rows}, labels, 2, {.reach = 1, .ridge = 1e-3f}, attune::Run{});
  // With hardly any ridge, the rows seen get their targets: 1/2 and -1/2; what is missing is ridge x share.
  const Matrix small = KernelHead::fit({.dense = rows}, labels, 2, {.reach = 20, .ridge = 1e-4f}, attune::Run{}).scores({.dense = rows}, attune::Run{});
  for (std::size_t r = 0; r < 60; ++r) EXPECT_NEAR(small(r, labels[r]), 0.5f, 0.05f);
  EXPECT_GT(share_right(head, rows, labels), 0.98);
}

TEST("a row taken in is of its class from then on, far rows stay as they were") {
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(100, 4, labels);
  KernelHead head = KernelHead::fit({.dense = rows}, labels, 2, {.reach = 5}, attune::Run{});
  const Matrix before = head.scores({.dense = rows}, attune::Run{});
  const std::vector<float> far = {3, 3};
  const MatrixView row{far.data(), 1, 2};
  head.learn({.dense = row}, 0, 1);
  const Matrix now = head.scores({.dense = row}, attune::Run{}), after = head.scores({.dense = rows}, attune::Run{});
  EXPECT_NEAR(now(0, 1), 0.5f, 1e-3f);
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_NEAR(after.data()[i], before.data()[i], 1e-3f);
}

TEST("what groups of rows add to a score sums to it") {
  std::vector<std::uint32_t> labels, groups;
  const Matrix rows = ring(80, 8, labels);
  for (std::uint32_t r = 0; r < 80; ++r) groups.push_back(r % 5);
  const KernelHead head = KernelHead::fit({.dense = rows}, labels, 2, {.reach = 2}, attune::Run{});
  const Matrix scores = head.scores({.dense = rows}, attune::Run{}), parts = head.parts({.dense = rows}, 1, groups, 5, attune::Run{});
  for (std::size_t r = 0; r < 80; ++r) {
    float sum = 0;
    for (const float part : parts.row(r)) sum += part;
    EXPECT_NEAR(sum, scores(r, 1), 1e-4f);
  }
  EXPECT_THROW(head.parts({.dense = rows}, 2, groups, 5, attune::Run{}), Error);
  EXPECT_THROW(head.parts({.dense = rows}, 1, groups, 4, attune::Run{}), Error);
  EXPECT_THROW(head.parts({.dense = rows}, 1, std::span(groups).first(3), 5, attune::Run{}), Error);
}

TEST("a row alone scores as it does among others") {
  std::vector<std::uint32_t> labels, fresh_labels;
  const Matrix rows = ring(130, 9, labels), fresh = ring(20, 10, fresh_labels);
  const KernelHead head = KernelHead::fit({.dense = rows}, labels, 2, {.reach = 2}, attune::Run{});
  const Matrix together = head.scores({.dense = fresh}, attune::Run{});
  for (std::size_t r = 0; r < 20; ++r) {
    const Matrix alone = head.scores({.dense = {fresh.row(r).data(), 1, 2}}, attune::Run{});
    for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(alone(0, c), together(r, c), 1e-5f);
  }
}

TEST("balanced, a class of few rows weighs as much as one of many") {
  // Ninety rows here, ten there, far apart: with one ridge for all, the few are held back as much as the many.
  Matrix rows(100, 2);
  std::vector<std::uint32_t> labels(100, 0);
  for (std::size_t r = 90; r < 100; ++r) labels[r] = 1, rows(r, 0) = 5;
  const KernelOptions options{.reach = 1, .ridge = 20};
  KernelOptions balanced = options;
  balanced.balanced = true;
  const Matrix plain = KernelHead::fit({.dense = rows}, labels, 2, options, attune::Run{}).scores({.dense = rows}, attune::Run{});
  const Matrix even = KernelHead::fit({.dense = rows}, labels, 2, balanced, attune::Run{}).scores({.dense = rows}, attune::Run{});
  EXPECT_NEAR(plain(0, 0), 0.5f * 90 / 110, 1e-3f);
  EXPECT_NEAR(plain(99, 1), 0.5f * 10 / 30, 1e-3f);
  EXPECT_NEAR(even(0, 0), 0.5f * 90 / (90 + 36), 1e-3f);
  EXPECT_NEAR(even(99, 1), 0.5f * 10 / (10 + 4), 1e-3f);
}

TEST("words beside dense rows tell apart what the dense rows do not") {
  // All dense rows are alike; column 0 or 1 says the class, the other columns are noise.
  Random random(7);
  const auto made = [&](std::size_t n, std::vector<std::uint32_t>& labels) {
    Sparse words{.rows = n, .cols = 12};
    for (std::size_t r = 0; r < n; ++r) {
      labels.push_back(static_cast<std::uint32_t>(random.next() % 2));
      words.indices.insert(words.indices.end(), {labels.back(), static_cast<std::uint32_t>(2 + random.next() % 10)});
      words.values.insert(words.values.end(), {0.5f, 0.5f});
      words.offsets.push_back(words.indices.size());
    }
    return words;
  };
  std::vector<std::uint32_t> labels, fresh_labels;
  const Sparse seen = made(80, labels), fresh = made(200, fresh_labels);
  Matrix alike(200, 3);
  for (float& x : alike.all()) x = 0.5f;
  const MatrixView first{alike.data(), 80, 3};
  KernelHead head = KernelHead::fit({.dense = first, .sparse = &seen}, labels, 2, {}, attune::Run{});
  const Matrix scores = head.scores({.dense = alike, .sparse = &fresh}, attune::Run{});
  for (std::size_t r = 0; r < 200; ++r) EXPECT_GT(scores(r, fresh_labels[r]), scores(r, 1 - fresh_labels[r]));
  // A row learned later is found by its words too, and the file keeps them.
  head.learn({.dense = alike, .sparse = &fresh}, 0, 1 - fresh_labels[0]);
  const attune::testing::Folder folder;
  ByteWriter out(folder.path / "head");
  head.save(out);
  out.close();
  ByteReader in(folder.path / "head");
  const Matrix now = head.scores({.dense = alike, .sparse = &fresh}, attune::Run{}), again = KernelHead::load(in).scores({.dense = alike, .sparse = &fresh}, attune::Run{});
  EXPECT_NEAR(now(0, 1 - fresh_labels[0]), 0.5f, 1e-3f);
  for (std::size_t i = 0; i < now.size(); ++i) ASSERT_EQ(now.data()[i], again.data()[i]);
  EXPECT_THROW(head.scores({.dense = alike}, attune::Run{}), Error);
}

TEST("a saved kernel head scores the same, a damaged one is refused") {
  const attune::testing::Folder folder;
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(50, 5, labels);
  const KernelHead head = KernelHead::fit({.dense = rows}, labels, 2, {}, attune::Run{});
  ByteWriter out(folder.path / "head");
  head.save(out);
  out.close();
  ByteReader in(folder.path / "head");
  const Matrix a = head.scores({.dense = rows}, attune::Run{}), b = KernelHead::load(in).scores({.dense = rows}, attune::Run{});
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], b.data()[i]);
  const std::string bytes = read_file(folder.path / "head");
  ByteReader cut(folder.write("cut", bytes.substr(0, bytes.size() / 2)));
  EXPECT_THROW(KernelHead::load(cut), Error);
}

TEST("a kernel head refuses what it cannot fit or hold") {
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(50, 6, labels);
  EXPECT_THROW(KernelHead::fit({.dense = rows}, std::span(labels).first(3), 2, {}, attune::Run{}), Error);
  EXPECT_THROW(KernelHead::fit({.dense = rows}, labels, 1, {}, attune::Run{}), Error);
  EXPECT_THROW(KernelHead::fit({}, {}, 2, {}, attune::Run{}), Error);
  attune::Run small;
  small.memory_bytes = 1000;
  EXPECT_THROW(KernelHead::fit({.dense = rows}, labels, 2, {}, small), NeedsMoreMemory);
}
