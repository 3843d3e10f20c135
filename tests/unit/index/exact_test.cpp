// The exact index: small worlds worked out by hand, and a plain search beside it.
#include <algorithm>
#include <cmath>

#include "attune/core/random.h"
#include "attune/core/top_k.h"
#include "attune/index/index.h"
#include "tests/support/test.h"

using namespace attune;

namespace {
Matrix noise(std::size_t rows, std::size_t cols) {
  Matrix m(rows, cols);
  Random random(rows + cols);
  for (float& x : m.all()) x = static_cast<float>(random.normal());
  return m;
}
}  // namespace

TEST("the largest inner products come first, ties to the smaller row") {
  Matrix v(4, 2);
  v(0, 0) = 1;
  v(1, 0) = 3;
  v(2, 1) = 5;
  v(3, 0) = 3;
  const auto index = index::build_exact(v, {}, attune::Run{});
  const std::vector<float> query = {1, 0};
  const auto found = index->search(query, 3);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0], (Scored{ItemId{1}, 3}));
  EXPECT_EQ(found[1], (Scored{ItemId{3}, 3}));
  EXPECT_EQ(found[2], (Scored{ItemId{0}, 1}));
}

TEST("rows left out are not found and do not shorten the list") {
  const Matrix v = noise(100, 17);
  const auto index = index::build_exact(v, {}, attune::Run{});
  std::vector<std::uint8_t> skip(100, 1);
  for (const std::size_t kept : {3, 4, 50, 99}) skip[kept] = 0;
  const auto found = index->search(v.row(7), 10, skip);
  ASSERT_EQ(found.size(), 4u);
  for (const Scored& hit : found) {
    EXPECT_EQ(skip[to_index(hit.item)], 0);
    float wanted = 0;
    for (std::size_t i = 0; i < 17; ++i) wanted += v(7, i) * v(to_index(hit.item), i);
    EXPECT_NEAR(hit.score, wanted, 1e-4f);
  }
  CHECK(std::is_sorted(found.begin(), found.end(), better));
}

TEST("an index over nothing finds nothing") {
  const auto index = index::build_exact(Matrix(0, 3), {}, attune::Run{});
  const std::vector<float> query = {1, 2, 3};
  CHECK(index->search(query, 5).empty());
}

TEST("asking for more than there is gives all there is") {
  const Matrix v = noise(3, 4);
  EXPECT_EQ(index::build_exact(v, {}, attune::Run{})->search(v.row(0), 10).size(), 3u);
}

TEST("a query of another length is refused") {
  const Matrix v = noise(3, 4);
  const auto index = index::build_exact(v, {}, attune::Run{});
  const std::vector<float> query = {1, 2, 3};
  try {
    (void)index->search(query, 1);
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_request);
    EXPECT_NE(std::string(e.what()).find("4 numbers"), std::string::npos);
  }
}
