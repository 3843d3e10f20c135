// Products: matrix products for training: on memory that is kept between steps, on our own threads, and with the same bits
// whatever their number. For the shapes of training (one side short: width 64..256) faster than the BLAS of Debian, whose
// kernels end at AVX2 on newer CPUs and whose threads spin when cores are scarce (bench/micro/products.cpp measures).
// All matrices are whole and row-major. O(rows x inner x cols).
#pragma once
#include <cstddef>

#include "attune/core/progress.h"

namespace attune::train {

struct Product {
  std::size_t rows = 0, inner = 0, cols = 0;   // of c [rows, cols] and of what is summed over
  const float *a = nullptr, *b = nullptr;
  float* c = nullptr;
  bool add = false;                            // adds to c instead of filling it
};
void product(const Product& p, const Run& run);               // c = a b        a [rows, inner], b [inner, cols]
void product_left_turned(const Product& p, const Run& run);   // c = a' b       a [inner, rows]
void product_right_turned(const Product& p, const Run& run);  // c = a b'       b [cols, inner]

// out [cols, rows] = a' of a [rows, cols].
void turn(const float* a, std::size_t rows, std::size_t cols, float* out, const Run& run);

}  // namespace attune::train
