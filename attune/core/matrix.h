// Matrices: dense float, row-major, contiguous. Said once, here: row-major everywhere.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "attune/core/error.h"

namespace attune {

// A look at a matrix somebody else owns: [rows, cols], element (r, c) at data[r * cols + c].
struct MatrixView {
  const float* data = nullptr;
  std::size_t rows = 0, cols = 0;
  std::span<const float> row(std::size_t r) const noexcept { return {data + r * cols, cols}; }
  float operator()(std::size_t r, std::size_t c) const noexcept { return data[r * cols + c]; }
};

// Owns its numbers, 64-byte aligned, zero at birth. Move is cheap, copy is explicit (`clone`).
// Zeroed pages come from calloc-like allocation, so a large matrix that is overwritten at once costs no extra pass.
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t cols);
  Matrix(Matrix&& other) noexcept
      : data_(std::move(other.data_)), rows_(std::exchange(other.rows_, 0)), cols_(std::exchange(other.cols_, 0)) {}
  Matrix& operator=(Matrix&& other) noexcept {
    data_ = std::move(other.data_);
    rows_ = std::exchange(other.rows_, 0);
    cols_ = std::exchange(other.cols_, 0);
    return *this;
  }
  Matrix clone() const;

  std::size_t rows() const noexcept { return rows_; }
  std::size_t cols() const noexcept { return cols_; }
  std::size_t size() const noexcept { return rows_ * cols_; }
  std::size_t size_bytes() const noexcept { return size() * sizeof(float); }
  bool empty() const noexcept { return size() == 0; }
  float* data() noexcept { return data_.get(); }
  const float* data() const noexcept { return data_.get(); }
  std::span<float> row(std::size_t r) noexcept { return {data() + r * cols_, cols_}; }
  std::span<const float> row(std::size_t r) const noexcept { return {data() + r * cols_, cols_}; }
  float& operator()(std::size_t r, std::size_t c) noexcept { return data_.get()[r * cols_ + c]; }
  float operator()(std::size_t r, std::size_t c) const noexcept { return data_.get()[r * cols_ + c]; }
  std::span<float> all() noexcept { return {data(), size()}; }
  std::span<const float> all() const noexcept { return {data(), size()}; }
  operator MatrixView() const noexcept { return {data(), rows_, cols_}; }

 private:
  struct Free {
    Free() noexcept : mapped_bytes(0) {}
    explicit Free(std::size_t bytes) noexcept : mapped_bytes(bytes) {}
    std::size_t mapped_bytes;  // 0: from aligned_alloc
    void operator()(float* p) const noexcept;
  };
  std::unique_ptr<float[], Free> data_;
  std::size_t rows_ = 0, cols_ = 0;
};

}  // namespace attune
