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
  const Matrix scores = head.scores(rows, attune::Run{});
  double right = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) right += std::max_element(scores.row(r).begin(), scores.row(r).end()) - scores.row(r).begin() == labels[r];
  return right / static_cast<double>(rows.rows());
}

}  // namespace

TEST("a kernel head parts what no line parts") {
  std::vector<std::uint32_t> seen_labels, fresh_labels;
  const Matrix seen = ring(200, 1, seen_labels), fresh = ring(600, 2, fresh_labels);
  EXPECT_GT(share_right(KernelHead::fit(seen, seen_labels, 2, {.reach = 3}, attune::Run{}), fresh, fresh_labels), 0.97);
}

TEST("a kernel head's shares solve its equations") {
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(60, 3, labels);
  const KernelHead head = KernelHead::fit(rows, labels, 2, {.reach = 1, .ridge = 1e-3f}, attune::Run{});
  // With hardly any ridge, the rows seen get their targets: 1/2 and -1/2; what is missing is ridge x share.
  const Matrix small = KernelHead::fit(rows, labels, 2, {.reach = 20, .ridge = 1e-4f}, attune::Run{}).scores(rows, attune::Run{});
  for (std::size_t r = 0; r < 60; ++r) EXPECT_NEAR(small(r, labels[r]), 0.5f, 0.05f);
  EXPECT_GT(share_right(head, rows, labels), 0.98);
}

TEST("a row taken in is of its class from then on, far rows stay as they were") {
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(100, 4, labels);
  KernelHead head = KernelHead::fit(rows, labels, 2, {.reach = 5}, attune::Run{});
  const Matrix before = head.scores(rows, attune::Run{});
  const std::vector<float> far = {3, 3};
  head.learn(far, 1);
  const Matrix now = head.scores({far.data(), 1, 2}, attune::Run{}), after = head.scores(rows, attune::Run{});
  EXPECT_NEAR(now(0, 1), 0.5f, 1e-3f);
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_NEAR(after.data()[i], before.data()[i], 1e-3f);
}

TEST("a saved kernel head scores the same, a damaged one is refused") {
  const attune::testing::Folder folder;
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(50, 5, labels);
  const KernelHead head = KernelHead::fit(rows, labels, 2, {}, attune::Run{});
  ByteWriter out(folder.path / "head");
  head.save(out);
  out.close();
  ByteReader in(folder.path / "head");
  const Matrix a = head.scores(rows, attune::Run{}), b = KernelHead::load(in).scores(rows, attune::Run{});
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], b.data()[i]);
  const std::string bytes = read_file(folder.path / "head");
  ByteReader cut(folder.write("cut", bytes.substr(0, bytes.size() / 2)));
  EXPECT_THROW(KernelHead::load(cut), Error);
}

TEST("a kernel head refuses what it cannot fit or hold") {
  std::vector<std::uint32_t> labels;
  const Matrix rows = ring(50, 6, labels);
  EXPECT_THROW(KernelHead::fit(rows, std::span(labels).first(3), 2, {}, attune::Run{}), Error);
  EXPECT_THROW(KernelHead::fit(rows, labels, 1, {}, attune::Run{}), Error);
  EXPECT_THROW(KernelHead::fit({}, {}, 2, {}, attune::Run{}), Error);
  attune::Run small;
  small.memory_bytes = 1000;
  EXPECT_THROW(KernelHead::fit(rows, labels, 2, {}, small), NeedsMoreMemory);
}
