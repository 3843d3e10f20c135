// Indexes side by side: recall of the ten best and microseconds a search, one JSON line each.
//   bench_index_bench [n] [vectors.f32 dim [queries.f32]]
// Without files: n (100,000) vectors of 64 as factor models make them (clusters, lengths that differ tenfold) and of 384 as
// encoders make them (length 1); queries are drawn like the vectors. One thread builds and searches.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/index/index.h"

namespace {

using namespace attune;
using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// 500 clusters in 16 directions that matter and the rest noise.
Matrix made(std::size_t n, std::size_t dim, bool unit, std::uint64_t seed) {
  Random same(1), random(seed);
  Matrix centres(500, dim), m(n, dim);
  for (std::size_t c = 0; c < 500; ++c)
    for (std::size_t k = 0; k < dim; ++k) centres(c, k) = static_cast<float>(same.normal()) / (1 + static_cast<float>(k) / 16);
  for (std::size_t r = 0; r < n; ++r) {
    const auto centre = centres.row(random.below(500));
    for (std::size_t k = 0; k < dim; ++k) m(r, k) = centre[k] + 0.8f * static_cast<float>(random.normal()) / (1 + static_cast<float>(k) / 16);
    normalise(m.row(r));
    const auto length = static_cast<float>(std::exp(0.8 * random.normal()));
    if (!unit)
      for (float& x : m.row(r)) x *= length;
  }
  return m;
}

Matrix read_floats(const std::string& path, std::size_t dim) {
  const std::string bytes = read_file(path);
  Matrix m(bytes.size() / sizeof(float) / dim, dim);
  std::memcpy(m.data(), bytes.data(), m.size_bytes());
  return m;
}

struct Found {
  std::vector<std::vector<Scored>> lists;
  std::vector<double> us;
};
Found search(const index::Index& index, MatrixView queries, std::span<const std::uint8_t> skip) {
  Found f;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    const auto start = Clock::now();
    f.lists.push_back(index.search(queries.row(q), 10, skip));
    f.us.push_back(seconds_since(start) * 1e6);
  }
  std::sort(f.us.begin(), f.us.end());
  return f;
}

double recall(const Found& found, const Found& truth) {
  std::size_t hits = 0, all = 0;
  for (std::size_t q = 0; q < truth.lists.size(); ++q) {
    std::set<ItemId> wanted;
    for (const Scored& s : truth.lists[q]) wanted.insert(s.item);
    for (const Scored& s : found.lists[q]) hits += wanted.count(s.item);
    all += wanted.size();
  }
  return static_cast<double>(hits) / static_cast<double>(all);
}

void print(const std::string& name, const std::string& data, MatrixView v, double left, const Found& f, double recall_at_10, double build_s, std::size_t bytes) {
  Json line = Json::object();
  line["bench"] = "index/" + name;
  line["data"] = data;
  line["n"] = static_cast<unsigned long long>(v.rows);
  line["dim"] = static_cast<unsigned long long>(v.cols);
  line["k"] = 10;
  line["left_by_filter"] = left;
  line["recall"] = recall_at_10;
  line["p50_us"] = f.us[f.us.size() / 2];
  line["p99_us"] = f.us[f.us.size() * 99 / 100];
  line["build_s"] = build_s;
  line["mb"] = static_cast<double>(bytes) / (1 << 20);
  line["kernels"] = kernel_name();
  std::cout << line.dump() << std::endl;
}

void compare(const std::string& data, MatrixView vectors, MatrixView queries) {
  const Run run;
  auto start = Clock::now();
  const auto exact = index::build_exact(vectors, {}, run);
  const double exact_s = seconds_since(start);
  start = Clock::now();
  const auto hnsw = index::build_hnsw(vectors, {}, run);
  const double hnsw_s = seconds_since(start);
  for (const double left : {1.0, 0.3, 0.1, 0.02}) {
    Random random(9);
    std::vector<std::uint8_t> skip(left < 1 ? vectors.rows : 0);
    for (auto& s : skip) s = random.uniform() < left ? 0 : 1;
    const Found truth = search(*exact, queries, skip);
    print("exact", data, vectors, left, truth, 1, exact_s, exact->size_bytes());
    const Found found = search(*hnsw, queries, skip);
    print("hnsw", data, vectors, left, found, recall(found, truth), hnsw_s, hnsw->size_bytes());
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc >= 4) {
      const auto dim = static_cast<std::size_t>(std::stoul(argv[3]));
      const Matrix v = read_floats(argv[2], dim), q = argc > 4 ? read_floats(argv[4], dim) : Matrix();
      const MatrixView queries{q.empty() ? v.data() : q.data(), std::min<std::size_t>(q.empty() ? v.rows() : q.rows(), 2000), dim};
      compare(argv[2], v, queries);
      return 0;
    }
    const std::size_t n = argc > 1 ? std::stoul(argv[1]) : 100000;
    compare("factors", made(n, 64, false, 2), made(2000, 64, false, 3));
    compare("sentences", made(n, 384, true, 2), made(2000, 384, true, 3));
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
