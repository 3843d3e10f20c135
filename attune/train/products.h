// Products: matrix products on memory that is kept between steps, by OpenBLAS with its own threads: not inside parallel_for.
// All matrices are whole and row-major; `add` = true adds to c instead of filling it.
#pragma once
#include <cstddef>

namespace attune::train {

struct Product {
  std::size_t rows = 0, inner = 0, cols = 0;   // of c [rows, cols] and of what is summed over
  const float *a = nullptr, *b = nullptr;
  float* c = nullptr;
  bool add = false;
};
void product(const Product& p);              // c = a b        a [rows, inner], b [inner, cols]
void product_left_turned(const Product& p);  // c = a' b       a [inner, rows]
void product_right_turned(const Product& p); // c = a b'       b [cols, inner]

}  // namespace attune::train
