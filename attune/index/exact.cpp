// Exact: every vector is compared with the query. The answer others are measured against, and the fastest up to some
// tens of thousands of rows. Cost: one pass over the vectors a search (25 MB for 100,000 rows of 64).
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "attune/core/kernels.h"
#include "attune/core/params.h"
#include "attune/core/tall.h"
#include "attune/core/top_k.h"
#include "attune/index/index.h"

namespace attune::index {
namespace {

struct Params {
  template <class Visitor>
  void visit(Visitor&) {}
};

class Exact final : public Index {
 public:
  explicit Exact(Matrix vectors) : vectors_(std::move(vectors)) {}

  std::size_t size() const override { return vectors_.rows(); }
  std::size_t dim() const override { return vectors_.cols(); }

  std::vector<Scored> search(std::span<const float> query, std::size_t k, std::span<const std::uint8_t> skip) const override {
    if (query.size() != dim())
      throw Error(Code::bad_request, "the index holds vectors of " + std::to_string(dim()) + " numbers, the query has " + std::to_string(query.size()));
    if (!skip.empty() && skip.size() != size())
      throw Error(Code::bad_request, "expected a mark for each of " + std::to_string(size()) + " rows, got " + std::to_string(skip.size()));
    std::vector<float> scores(size());
    if (skip.empty()) row_dots(vectors_, query, scores);
    else score_kept(query, skip, scores);
    return top_k(scores, k);
  }

  std::size_t size_bytes() const override { return vectors_.size_bytes(); }

 private:
  // Runs of rows that are kept are scored together; rows left out get -infinity, which top_k never returns.
  void score_kept(std::span<const float> query, std::span<const std::uint8_t> skip, std::span<float> scores) const {
    for (std::size_t r = 0; r < skip.size();) {
      if (skip[r] != 0) {
        scores[r++] = -INFINITY;
        continue;
      }
      const std::size_t first = r;
      while (r < skip.size() && skip[r] == 0) ++r;
      row_dots({vectors_.data() + first * dim(), r - first, dim()}, query, scores.subspan(first, r - first));
    }
  }

  Matrix vectors_;
};

}  // namespace

std::unique_ptr<const Index> build_exact(MatrixView vectors, const Json& json, const Run& run) {
  (void)params_from<Params>(json);
  run.check();
  Matrix copy(vectors.rows, vectors.cols);
  std::copy_n(vectors.data, vectors.rows * vectors.cols, copy.data());
  return std::make_unique<const Exact>(std::move(copy));
}

}  // namespace attune::index
