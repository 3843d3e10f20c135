// Sparse matrices: turning one round.
#include "attune/core/sparse.h"

namespace attune {

Sparse transpose(const Sparse& a) {
  Sparse t;
  t.rows = a.cols;
  t.cols = a.rows;
  t.offsets.assign(t.rows + 1, 0);
  t.indices.resize(a.nnz());
  t.values.resize(a.nnz());
  for (const std::uint32_t c : a.indices) ++t.offsets[c + 1];
  for (std::size_t r = 0; r < t.rows; ++r) t.offsets[r + 1] += t.offsets[r];
  std::vector<std::uint64_t> next(t.offsets.begin(), t.offsets.end() - 1);
  for (std::size_t r = 0; r < a.rows; ++r) {
    for (std::uint64_t k = a.offsets[r]; k < a.offsets[r + 1]; ++k) {
      const std::uint64_t at = next[a.indices[k]]++;
      t.indices[at] = static_cast<std::uint32_t>(r);
      t.values[at] = a.values[k];
    }
  }
  return t;
}

}  // namespace attune
