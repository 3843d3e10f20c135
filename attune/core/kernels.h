// Kernels: the inner loops, compiled for several CPUs, the best chosen at run time (highway). Each has its plain twin,
// and a test holds the two together.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace attune {

// Sum of a[i] * b[i]. a and b are of one length.
float dot(std::span<const float> a, std::span<const float> b);
float plain_dot(std::span<const float> a, std::span<const float> b) noexcept;

// y[i] += scale * x[i]. x and y are of one length.
void axpy(float scale, std::span<const float> x, std::span<float> y);
void plain_axpy(float scale, std::span<const float> x, std::span<float> y) noexcept;

// How many entries of `xs` are greater than `bar`, and how many equal it. NaN counts as neither.
struct Above {
  std::size_t greater = 0, equal = 0;
};
Above count_above(std::span<const float> xs, float bar);
Above plain_count_above(std::span<const float> xs, float bar) noexcept;

// Name of the instruction set in use ("AVX3_ZEN4", "AVX2", ...), for the record beside every timing.
std::string kernel_name();

// Makes the row's length 1; leaves a row of zeros alone. Returns the length it had.
float normalise(std::span<float> row);

}  // namespace attune
