// Sparse matrices in compressed rows (CSR): row r holds (indices[k], values[k]) for k in offsets[r]..offsets[r+1]-1.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune {

struct Sparse {
  std::size_t rows = 0, cols = 0;
  std::vector<std::uint64_t> offsets = {0};  // [rows + 1]
  std::vector<std::uint32_t> indices;        // [nnz] columns, ascending within a row unless the maker says otherwise
  std::vector<float> values;                 // [nnz]

  std::size_t nnz() const noexcept { return indices.size(); }
  std::size_t row_size(std::size_t r) const noexcept { return offsets[r + 1] - offsets[r]; }
  std::span<const std::uint32_t> row_indices(std::size_t r) const noexcept {
    return {indices.data() + offsets[r], row_size(r)};
  }
  std::span<const float> row_values(std::size_t r) const noexcept { return {values.data() + offsets[r], row_size(r)}; }
  std::size_t size_bytes() const noexcept { return offsets.size() * 8 + indices.size() * 4 + values.size() * 4; }
};

// The same matrix the other way round: [cols, rows]. Rows of the result are ascending. O(nnz).
Sparse transpose(const Sparse& a);

}  // namespace attune
