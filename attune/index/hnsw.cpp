// HNSW: a graph of near vectors in layers, walked greedily from a few long links to many short ones (hnswlib builds it).
// Source: Malkov and Yashunin 2016; inner product as the measure as in ip-NSW (Morozov and Babenko 2018), vectors lifted
// towards one length (Bachrach et al. 2014, up to a limit). Cost: build O(n log n), a search some thousand products.
// The walk is our own: it filters inside the search, keeps no state between calls, and takes its width from the settings.
// Built by one thread: the same graph every time, and hnswlib 0.6.2 reads its way in without a lock when several insert.
// Leaves out hnswlib's prefetches while building: they take the address from one link past the end of a list. (Its own
// distances go with them; ours are used.)
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/kernels.h"
#include "attune/core/params.h"
#include "attune/core/top_k.h"
#include "attune/index/index.h"

namespace attune::index {
namespace {

struct Params {
  int links = 16;
  int build_width = 200;
  int search_width = 128;
  float scan_below = 0.12f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("links", links, "links of a vector on each layer (M in the paper; twice as many on the lowest); 2..128");
    v("build_width", build_width, "candidates looked at while building (efConstruction); 8..4096");
    v("search_width", search_width, "candidates kept while searching (ef); more finds more and takes longer; 1..100000");
    v("scan_below", scan_below, "when a filter leaves less than this share, every vector left is compared (as fast there, and exact); 0..1");
  }
};

void check(const Params& p) {
  const auto refuse = [](const char* name, const char* range) { throw Error(Code::bad_request, std::string("hnsw.") + name + " must be " + range); };
  if (p.links < 2 || p.links > 128) refuse("links", "2..128");
  if (p.build_width < 8 || p.build_width > 4096) refuse("build_width", "8..4096");
  if (p.search_width < 1 || p.search_width > 100000) refuse("search_width", "1..100000");
  if (!(p.scan_below >= 0 && p.scan_below <= 1)) refuse("scan_below", "0..1");
}

// Distance of hnswlib: smaller is nearer. Our kernels, so that the CPU's best is used whatever the compiler was told.
float distance(const void* a, const void* b, const void* dim) {
  const std::size_t n = *static_cast<const std::size_t*>(dim);
  return -dot({static_cast<const float*>(a), n}, {static_cast<const float*>(b), n});
}

class Space final : public hnswlib::SpaceInterface<float> {
 public:
  explicit Space(std::size_t dim) : dim_(dim) {}
  std::size_t get_data_size() override { return dim_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &dim_; }

 private:
  std::size_t dim_;
};

using Graph = hnswlib::HierarchicalNSW<float>;
using Node = hnswlib::tableint;

struct Near {
  float product;
  Node node;
};
struct NearestFirst {
  bool operator()(const Near& a, const Near& b) const noexcept { return a.product < b.product; }
};
struct FarthestFirst {
  bool operator()(const Near& a, const Near& b) const noexcept { return a.product > b.product; }
};

// Every vector gets one more number that fills its squared length up to this, so that among all but the longest the largest
// product is the nearest neighbour and short vectors keep links that lead to them. 8 medians: measured on lognormal lengths
// (bench/micro/index_bench.cpp, 20,000 x 64, a tenth left by the filter): recall .971 without, .985 with 8, .641 without a
// limit, where the extra number drowns the rest.
constexpr double kLift = 8;
double lift_square(MatrixView vectors) {
  std::vector<double> squares(vectors.rows);
  for (std::size_t r = 0; r < vectors.rows; ++r) squares[r] = static_cast<double>(dot(vectors.row(r), vectors.row(r)));
  const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
  std::nth_element(squares.begin(), middle, squares.end());
  const double median = *middle;
  return std::min(kLift * median, *std::max_element(squares.begin(), squares.end()));
}

class Hnsw final : public Index {
 public:
  Hnsw(MatrixView vectors, const Params& params, const Run& run) : params_(params), dim_(vectors.cols), size_(vectors.rows), space_(vectors.cols + 1) {
    if (size_ == 0) return;
    graph_ = std::make_unique<Graph>(&space_, size_, static_cast<std::size_t>(params.links), static_cast<std::size_t>(params.build_width),
                                     static_cast<std::size_t>(run.seed));
    const double lift = lift_square(vectors);
    const auto add = [&](std::size_t r, std::vector<float>& to) {
      const std::span<const float> v = vectors.row(r);
      std::copy(v.begin(), v.end(), to.begin());
      to[dim_] = static_cast<float>(std::sqrt(std::max(lift - static_cast<double>(dot(v, v)), 0.0)));
      graph_->addPoint(to.data(), r);
    };
    std::vector<float> lifted(dim_ + 1);
    for (std::size_t r = 0; r < size_; ++r) {
      if (r % 256 == 0) run.report("hnsw", r, size_);
      add(r, lifted);
    }
    graph_->label_lookup_.clear();   // only for updates, of which there are none
    nodes_.resize(size_);
    for (Node node = 0; node < size_; ++node) nodes_[graph_->getExternalLabel(node)] = node;
  }

  std::size_t size() const override { return size_; }
  std::size_t dim() const override { return dim_; }

  std::vector<Scored> search(std::span<const float> query, std::size_t k, std::span<const std::uint8_t> skip) const override {
    if (query.size() != dim_)
      throw Error(Code::bad_request, "the index holds vectors of " + std::to_string(dim_) + " numbers, the query has " + std::to_string(query.size()));
    if (!skip.empty() && skip.size() != size_)
      throw Error(Code::bad_request, "expected a mark for each of " + std::to_string(size_) + " rows, got " + std::to_string(skip.size()));
    if (size_ == 0 || k == 0) return {};
    const std::size_t left = skip.empty() ? size_ : static_cast<std::size_t>(std::count(skip.begin(), skip.end(), std::uint8_t{0}));
    // A list longer than the walk is wide, or a filter that leaves little, is cheaper and surer to scan.
    const bool scans = static_cast<double>(left) < static_cast<double>(params_.scan_below) * static_cast<double>(size_) || left <= 2 * width(k);
    return scans ? scan(query, k, skip) : walk(query, k, skip);
  }

  std::size_t size_bytes() const override {
    if (!graph_) return 0;
    return size_ * (graph_->size_data_per_element_ + sizeof(char*) + sizeof(int) + sizeof(std::mutex) + sizeof(Node)) +
           size_ * graph_->size_links_per_element_ / static_cast<std::size_t>(params_.links);
  }

 private:
  std::size_t width(std::size_t k) const { return std::max(static_cast<std::size_t>(params_.search_width), 2 * k); }
  std::span<const float> vector(Node node) const { return {reinterpret_cast<const float*>(graph_->getDataByInternalId(node)), dim_}; }
  std::span<const Node> links(Node node, int level) const {
    hnswlib::linklistsizeint* list = level == 0 ? graph_->get_linklist0(node) : graph_->get_linklist(node, level);
    return {list + 1, graph_->getListCount(list)};
  }
  void fetch(Node node) const {
    const char* at = graph_->getDataByInternalId(node);
    for (std::size_t byte = 0; byte < std::min<std::size_t>(dim_ * sizeof(float), 512); byte += 64) __builtin_prefetch(at + byte);
  }

  std::vector<Scored> scan(std::span<const float> query, std::size_t k, std::span<const std::uint8_t> skip) const {
    std::vector<float> scores(size_, -INFINITY);
    for (std::size_t r = 0; r < size_; ++r)
      if (skip.empty() || skip[r] == 0) scores[r] = dot(query, vector(nodes_[r]));
    return top_k(scores, k);
  }

  // Down the upper layers: to the neighbour with the larger product while there is one.
  Near descend(std::span<const float> query) const {
    Near best{dot(query, vector(graph_->enterpoint_node_)), graph_->enterpoint_node_};
    for (int level = graph_->maxlevel_; level > 0; --level)
      for (bool moved = true; moved;) {
        moved = false;
        for (const Node next : links(best.node, level)) {
          const float product = dot(query, vector(next));
          if (product > best.product) {
            best = {product, next};
            moved = true;
          }
        }
      }
    return best;
  }

  // Best first over the lowest layer. Nodes left out lead on but are not kept.
  std::vector<Scored> walk(std::span<const float> query, std::size_t k, std::span<const std::uint8_t> skip) const {
    const std::size_t wide = width(k);
    std::vector<std::uint64_t> visited((size_ + 63) / 64);
    const auto first_visit = [&](Node n) {
      const std::uint64_t bit = std::uint64_t{1} << (n & 63);
      const bool fresh = (visited[n >> 6] & bit) == 0;
      visited[n >> 6] |= bit;
      return fresh;
    };
    const auto is_kept = [&](Node n) { return skip.empty() || skip[graph_->getExternalLabel(n)] == 0; };
    std::priority_queue<Near, std::vector<Near>, NearestFirst> open;
    std::priority_queue<Near, std::vector<Near>, FarthestFirst> kept;
    const Near start = descend(query);
    first_visit(start.node);
    open.push(start);
    if (is_kept(start.node)) kept.push(start);
    std::vector<Node> fresh;
    while (!open.empty()) {
      const Near at = open.top();
      if (kept.size() >= wide && at.product < kept.top().product) break;
      open.pop();
      fresh.clear();
      for (const Node next : links(at.node, 0))
        if (first_visit(next)) {
          fetch(next);
          fresh.push_back(next);
        }
      for (const Node next : fresh) {
        const float product = dot(query, vector(next));
        if (kept.size() >= wide && product <= kept.top().product) continue;
        open.push({product, next});
        if (!is_kept(next)) continue;
        kept.push({product, next});
        if (kept.size() > wide) kept.pop();
      }
    }
    std::vector<Scored> found;
    for (; !kept.empty(); kept.pop()) found.push_back({item_at(graph_->getExternalLabel(kept.top().node)), kept.top().product});
    std::sort(found.begin(), found.end(), better);
    if (found.size() > k) found.resize(k);
    return found;
  }

  Params params_;
  std::size_t dim_, size_;
  Space space_;
  std::unique_ptr<Graph> graph_;   // read only once built
  std::vector<Node> nodes_;        // [rows] the graph's number of each row
};

}  // namespace

std::unique_ptr<const Index> build_hnsw(MatrixView vectors, const Json& json, const Run& run) {
  const auto params = params_from<Params>(json);
  check(params);
  if (vectors.rows > 0xfffffff0u) throw Error(Code::bad_request, "hnsw takes at most 4 billion vectors");
  try {
    return std::make_unique<const Hnsw>(vectors, params, run);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {   // hnswlib's own: not enough memory
    throw Error(Code::io, "the index over " + std::to_string(vectors.rows) + " vectors could not be built: " + e.what() + "; use the exact index");
  }
}

}  // namespace attune::index
