// Indexes: nearest vectors by inner product. Derived from vectors, may be deleted and rebuilt. Knows nothing of items.
// Named like plug-ins: exact, hnsw (see plugins.def).
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/types.h"

namespace attune::index {

// Const after it is built, safe from any thread.
class Index {
 public:
  virtual ~Index() = default;
  virtual std::size_t size() const = 0;
  virtual std::size_t dim() const = 0;
  // The k rows with the largest inner product with `query` [dim], best first; ties to the smaller row.
  // `skip` [size] or empty: rows with a non-zero byte are left out (filtering inside the search, so k are found if they exist).
  // Throws Error: bad_request when query.size() != dim().
  virtual std::vector<Scored> search(std::span<const float> query, std::size_t k, std::span<const std::uint8_t> skip = {}) const = 0;
  virtual std::size_t size_bytes() const = 0;
};

// Vectors are copied. Row r answers as item_at(r).
std::unique_ptr<const Index> build_exact(MatrixView vectors, const Json& json, const Run& run);
std::unique_ptr<const Index> build_hnsw(MatrixView vectors, const Json& json, const Run& run);

}  // namespace attune::index
