// Products: three ways to call sgemm.
#include "attune/train/products.h"

#include <cblas.h>

namespace attune::train {
namespace {

void call(const Product& p, CBLAS_TRANSPOSE turn_a, CBLAS_TRANSPOSE turn_b) {
  if (p.rows == 0 || p.cols == 0) return;
  const auto m = static_cast<int>(p.rows), n = static_cast<int>(p.cols), k = static_cast<int>(p.inner);
  cblas_sgemm(CblasRowMajor, turn_a, turn_b, m, n, k, 1.0f, p.a, turn_a == CblasTrans ? m : k, p.b, turn_b == CblasTrans ? k : n, p.add ? 1.0f : 0.0f, p.c, n);
}

}  // namespace

void product(const Product& p) { call(p, CblasNoTrans, CblasNoTrans); }
void product_left_turned(const Product& p) { call(p, CblasTrans, CblasNoTrans); }
void product_right_turned(const Product& p) { call(p, CblasNoTrans, CblasTrans); }

}  // namespace attune::train
