// Normal equations of least squares: (diag(D) + sum_k w_k r_k r_k') x = b, where the r_k are rows of a tall matrix.
// Solved by conjugate gradients with D as preconditioner: D + (few rows) is the identity plus low rank seen through D, so a
// handful of steps does what an O(d^3) factorisation would. Nothing of size d x d is ever made.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/matrix.h"

namespace attune {

struct NormalEquations {
  std::span<const float> diagonal;          // D [d], all > 0
  MatrixView rows;                          // [any, d]
  std::span<const std::uint32_t> indices;   // [n] which rows are the r_k; repeats allowed
  std::span<const float> weights;           // w [n], >= 0
  std::span<const float> pulls;             // [n] b holds sum_k pulls[k] r_k
  std::span<const std::uint32_t> next = {}; // rows of the systems solved after this one: fetched ahead from memory
};

struct SolveOptions {
  int steps = 100;            // at most so many conjugate gradient steps; d steps are exact but for rounding
  float tolerance = 1e-6f;    // stop when the residual is this share of b (in the norm of D^-1)
};

// Working memory of solve(), kept by a thread from one system to the next.
struct SolveScratch {
  std::vector<float> rows, vectors;
};

// x [d]: on entry what b holds beside the pulls (zeros, or a pull towards a prior); on return the solution.
// Returns the steps taken. O(steps n d). Throws Error: internal when lengths disagree.
int solve(const NormalEquations& system, std::span<float> x, const SolveOptions& options, SolveScratch& scratch);

// The twin: forms the d x d matrix in double precision and eliminates. O(n d^2 + d^3).
void plain_solve(const NormalEquations& system, std::span<float> x);

}  // namespace attune
