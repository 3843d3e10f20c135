#include "attune/lm/bert_kernels.h"

#include <cmath>
#include <vector>

#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune::lm {
namespace {

Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed, float size = 1) {
  Matrix m(rows, cols);
  Random random(seed);
  for (float& x : m.all()) x = size * static_cast<float>(random.normal());
  return m;
}
double plain_gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

TEST("the product is what three loops give, for rows and columns that fill no tile") {
  for (const std::size_t rows : {1u, 11u, 12u, 13u, 40u})
    for (const std::size_t out : {32u, 40u, 96u})
      for (const std::size_t in : {1u, 7u, 64u}) {
        const Matrix x = random_matrix(padded_rows(rows), in, 1), w = random_matrix(out, in, 2), b = random_matrix(1, out, 3);
        const PackedWeights packed(w, b.all());
        Matrix y(padded_rows(rows), packed.panel_count() * kTileCols), curved(y.rows(), y.cols());
        product(x.data(), rows, packed, Then::nothing, y.data());
        product(x.data(), rows, packed, Then::gelu, curved.data());
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t o = 0; o < out; ++o) {
            double sum = b(0, o);
            for (std::size_t i = 0; i < in; ++i) sum += static_cast<double>(x(r, i)) * w(o, i);
            ASSERT_NEAR(y(r, o), sum, 1e-4) << rows << " " << out << " " << in;
            ASSERT_NEAR(curved(r, o), plain_gelu(sum), 1e-4);
          }
      }
}
TEST("gelu is the error function's, from one end to the other") {
  const Matrix one = random_matrix(1, 1, 1);
  Matrix w(32, 1), b(1, 32), x(12, 1), y(12, 32);
  for (int k = -300; k <= 300; ++k) {
    for (float& v : b.all()) v = static_cast<float>(k) / 25;
    product(x.data(), 1, PackedWeights(w, b.all()), Then::gelu, y.data());
    ASSERT_NEAR(y(0, 0), plain_gelu(static_cast<double>(k) / 25), 2e-6) << k;
  }
}
TEST("rows are added and brought to mean 0 and variance 1, then scaled and shifted") {
  for (const std::size_t dim : {5u, 32u, 100u}) {
    Matrix x = random_matrix(3, dim, 1, 4);
    const Matrix y = random_matrix(3, dim, 2), gain = random_matrix(1, dim, 3), shift = random_matrix(1, dim, 4), before = x.clone();
    add_and_normalise(x.data(), y.data(), 3, dim, gain.data(), shift.data(), 1e-5f);
    for (std::size_t r = 0; r < 3; ++r) {
      double mean = 0, variance = 0;
      for (std::size_t c = 0; c < dim; ++c) mean += (before(r, c) + y(r, c)) / static_cast<double>(dim);
      for (std::size_t c = 0; c < dim; ++c) variance += std::pow(before(r, c) + y(r, c) - mean, 2) / static_cast<double>(dim);
      for (std::size_t c = 0; c < dim; ++c)
        ASSERT_NEAR(x(r, c), (before(r, c) + y(r, c) - mean) / std::sqrt(variance + 1e-5) * gain(0, c) + shift(0, c), 1e-4);
    }
  }
}
TEST("attention is softmax(q k') v, for sequences and heads of any length") {
  for (const std::size_t length : {1u, 2u, 4u, 15u, 16u, 17u, 50u})
    for (const std::size_t head_dim : {8u, 32u, 40u}) {
      const std::size_t heads = 3, dim = heads * head_dim;
      const Matrix qkv = random_matrix(length, 3 * dim, length);
      Matrix out(length, dim);
      std::vector<float> scratch(attention_scratch(length, head_dim), 5.0f);
      attention(qkv.data(), length, heads, head_dim, out.data(), scratch);
      for (std::size_t h = 0; h < heads; ++h)
        for (std::size_t q = 0; q < length; ++q) {
          std::vector<double> share(length);
          double total = 0;
          for (std::size_t j = 0; j < length; ++j) {
            double s = 0;
            for (std::size_t c = 0; c < head_dim; ++c) s += static_cast<double>(qkv(q, h * head_dim + c)) * qkv(j, dim + h * head_dim + c);
            total += share[j] = std::exp(s);
          }
          for (std::size_t c = 0; c < head_dim; ++c) {
            double sum = 0;
            for (std::size_t j = 0; j < length; ++j) sum += share[j] / total * qkv(j, 2 * dim + h * head_dim + c);
            ASSERT_NEAR(out(q, h * head_dim + c), sum, 1e-4) << length << " " << head_dim;
          }
        }
    }
}

}  // namespace
}  // namespace attune::lm
