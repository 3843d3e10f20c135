// Text kernels: what training a sentence encoder does beside products and row kernels: attention of every place to every place, and
// GELU by the error function, as BERT has them, each with its way back. Held together with finite differences in the tests.
#pragma once
#include <cstddef>
#include <span>

namespace attune::train {

// Attention of one sequence and one head. Row t of q, k, v begins at t x stride; of ctx at t x out_stride.
//   weights [n, n]  row t: what place t takes from each place, after softmax
struct WholeAttention {
  std::size_t n = 0, width = 0, stride = 0, out_stride = 0;
  const float *q = nullptr, *k = nullptr, *v = nullptr;
};
void attend_whole(const WholeAttention& a, std::span<float> weights, float* ctx);
// dctx like ctx; adds to dq, dk, dv (stride as q). `room` [n].
void attend_whole_back(const WholeAttention& a, std::span<const float> weights, const float* dctx, float* dq, float* dk, float* dv, std::span<float> room);

// out = x Phi(x), Phi the normal distribution.
void gelu_erf(std::span<const float> x, std::span<float> out);
// dx = dout x (Phi(x) + x phi(x)); dx may be dout.
void gelu_erf_back(std::span<const float> x, std::span<const float> dout, std::span<float> dx);

}  // namespace attune::train
