// HNSW against the exact index: recall, filters, edges.
#include <algorithm>
#include <set>

#include "attune/core/random.h"
#include "attune/core/top_k.h"
#include "attune/index/index.h"
#include "tests/support/test.h"

using namespace attune;

namespace {

// Vectors as factor models make them: clusters, lengths that differ by a factor of ten.
Matrix clustered(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Random random(seed);
  Matrix centres(20, cols), m(rows, cols);
  for (float& x : centres.all()) x = static_cast<float>(random.normal());
  for (std::size_t r = 0; r < rows; ++r) {
    const auto centre = centres.row(random.below(20));
    const float length = 0.1f + static_cast<float>(random.uniform() * random.uniform());
    for (std::size_t c = 0; c < cols; ++c) m(r, c) = length * (centre[c] + 0.7f * static_cast<float>(random.normal()));
  }
  return m;
}

double recall(const index::Index& index, const index::Index& exact, MatrixView queries, std::span<const std::uint8_t> skip = {}) {
  std::size_t found = 0, wanted = 0;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    std::set<ItemId> truth;
    for (const Scored& hit : exact.search(queries.row(q), 10, skip)) truth.insert(hit.item);
    for (const Scored& hit : index.search(queries.row(q), 10, skip)) found += truth.count(hit.item);
    wanted += truth.size();
  }
  return static_cast<double>(found) / static_cast<double>(wanted);
}

}  // namespace

TEST("nearly all of the true ten best are found") {
  const Matrix v = clustered(5000, 24, 1), queries = clustered(50, 24, 1);
  const auto exact = index::build_exact(v, {}, {}), hnsw = index::build_hnsw(v, {}, {});
  EXPECT_GT(recall(*hnsw, *exact, queries), 0.98);
}

TEST("scores are the inner products, best first, each row once") {
  const Matrix v = clustered(2000, 16, 2);
  const auto hnsw = index::build_hnsw(v, {}, {});
  const auto found = hnsw->search(v.row(3), 20);
  ASSERT_EQ(found.size(), 20u);
  std::set<ItemId> rows;
  for (const Scored& hit : found) {
    float product = 0;
    for (std::size_t c = 0; c < 16; ++c) product += v(3, c) * v(to_index(hit.item), c);
    EXPECT_NEAR(hit.score, product, 1e-4f);
    rows.insert(hit.item);
  }
  EXPECT_EQ(rows.size(), 20u);
  CHECK(std::is_sorted(found.begin(), found.end(), better));
}

TEST("a filter is kept inside the search: with half, a sixth, a hundredth left, ten are found") {
  const Matrix v = clustered(5000, 24, 3), queries = clustered(30, 24, 3);
  const auto exact = index::build_exact(v, {}, {}), hnsw = index::build_hnsw(v, {}, {});
  for (const std::size_t one_in : {2, 6, 100}) {
    std::vector<std::uint8_t> skip(5000, 1);
    for (std::size_t r = 0; r < 5000; r += one_in) skip[r] = 0;
    const auto found = hnsw->search(queries.row(0), 10, skip);
    ASSERT_EQ(found.size(), 10u);
    for (const Scored& hit : found) EXPECT_EQ(to_index(hit.item) % one_in, 0u);
    EXPECT_GT(recall(*hnsw, *exact, queries, skip), 0.97) << "one in " << one_in;
  }
}

TEST("below the share that is scanned the answer is exact") {
  const Matrix v = clustered(5000, 24, 4), queries = clustered(30, 24, 4);
  const auto exact = index::build_exact(v, {}, {}), hnsw = index::build_hnsw(v, {}, {});
  std::vector<std::uint8_t> skip(5000, 1);
  for (std::size_t r = 0; r < 5000; r += 25) skip[r] = 0;
  for (std::size_t q = 0; q < 30; ++q) {
    const auto a = exact->search(queries.row(q), 10, skip), b = hnsw->search(queries.row(q), 10, skip);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_EQ(a[k].item, b[k].item);
  }
}

TEST("no vectors, one vector, and everything left out") {
  const std::vector<float> query = {1, 2};
  CHECK(index::build_hnsw(Matrix(0, 2), {}, {})->search(query, 3).empty());
  Matrix one(1, 2);
  one(0, 1) = 4;
  const auto index = index::build_hnsw(one, {}, {});
  ASSERT_EQ(index->search(query, 3).size(), 1u);
  EXPECT_EQ(index->search(query, 3)[0].score, 8);
  const std::vector<std::uint8_t> skip = {1};
  CHECK(index->search(query, 3, skip).empty());
  CHECK(index->search(query, 0).empty());
}

TEST("equal vectors are all found, smaller rows first") {
  Matrix v(300, 2);
  for (std::size_t r = 0; r < 300; ++r) v(r, 0) = 1;
  const std::vector<float> query = {1, 0};
  const auto found = index::build_hnsw(v, {}, {})->search(query, 150);
  ASSERT_EQ(found.size(), 150u);
  for (std::size_t k = 0; k < 150; ++k) EXPECT_EQ(found[k].item, item_at(k));
}

TEST("settings out of range and queries of another length are refused") {
  const Matrix v = clustered(10, 4, 1);
  Json json = Json::object();
  json["links"] = 1;
  CHECK_THROWS((void)index::build_hnsw(v, json, {}), Error);
  const auto index = index::build_hnsw(v, {}, {});
  const std::vector<float> query = {1, 2, 3};
  CHECK_THROWS((void)index->search(query, 1), Error);
}
