// Rows: the inner loops of training, over rows of a matrix, compiled for several CPUs (highway). Each has its plain twin, and a
// test holds the two together.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "attune/core/matrix.h"

namespace attune::train {

// out = scale * sum over k of weights[k] * row ids[k] of m; out [m.cols]. weights empty = all 1. ids need not be ascending.
void weighted_sum(MatrixView m, std::span<const std::uint32_t> ids, std::span<const float> weights, float scale, std::span<float> out);
void plain_weighted_sum(MatrixView m, std::span<const std::uint32_t> ids, std::span<const float> weights, float scale, std::span<float> out);

// xs[i] = exp((xs[i] - shift) * scale), 0 for minus infinity. Returns the sum.
double exp_all(std::span<float> xs, float shift, float scale);
double plain_exp_all(std::span<float> xs, float shift, float scale);

float largest(std::span<const float> xs);      // minus infinity for none
void multiply_all(std::span<float> xs, float factor);

// row += noise: uniform numbers made of length `length` together, each with the sign of the entry it is added to (0 stays 0).
// Entry c of a row is always given the same number for the same seed. Source: XSimGCL, Yu et al. 2023.
void add_noise(std::span<float> row, std::uint64_t seed, float length);

// One step of Adam for a row: w -= rate * m / (sqrt(v) * root + epsilon) after m and v took the gradient in.
struct AdamStep {
  float beta1, beta2, rate, root, epsilon;
};
void adam_row(std::span<float> w, std::span<const float> gradient, std::span<float> m, std::span<float> v, AdamStep step);
void plain_adam_row(std::span<float> w, std::span<const float> gradient, std::span<float> m, std::span<float> v, AdamStep step);

}  // namespace attune::train
