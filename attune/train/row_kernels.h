// Row kernels: what training does to one row of numbers beside matrix products: softmax, layer norm, gates, attention of one
// sequence, Adam. Compiled for several CPUs, the best chosen at run time. Each that makes something has a `_back` that takes
// the gradient of what was made and adds to, or fills, the gradient of what it was made from.
// Held together with finite differences and with model/transformer.cpp, which is written on other kernels. All rows may have any length >= 1.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace attune::train {

// A row of scores becomes the gradient of scale x cross-entropy by them; returns the cross-entropy in nats (not scaled).
// O(n), one exp an entry.
double softmax_gradient(std::span<float> scores, std::size_t target, float scale);

// out = (x - mean) / sd x gain + shift. `normal` keeps (x - mean) / sd, the result is 1 / sd: both are wanted by the way back.
float layer_norm(std::span<const float> x, std::span<const float> gain, std::span<const float> shift, std::span<float> normal, std::span<float> out);
// Fills dx; adds to dgain and dshift.
void layer_norm_back(std::span<const float> normal, float inverse_sd, std::span<const float> gain, std::span<const float> dout,
                     std::span<float> dx, std::span<float> dgain, std::span<float> dshift);

// out = x sigmoid(1.702 x): the quick form of GELU (Hendrycks and Gimpel, 2016).
void gelu(std::span<const float> x, std::span<float> out);
// dx = dout x gelu'(x); dx may be dout.
void gelu_back(std::span<const float> x, std::span<const float> dout, std::span<float> dx);

// y[i] += x[i]; out[i] = a[i] x b[i].
void add(std::span<const float> x, std::span<float> y);
void times(std::span<const float> a, std::span<const float> b, std::span<float> out);

// y[i] += share x (x[i] - y[i]).
void approach(std::span<float> y, std::span<const float> x, float share);

// Causal attention of one sequence and one head. Row t of q, k, v begins at t x stride; of ctx at t x out_stride.
//   weights [n, n]  row t: what place t takes from places 0..t, after softmax (before dropout); places after t are 0
//   keep    [n, n]  0 or 1 / (1 - dropout), multiplied onto the weights; empty = no dropout
//   bias    [n]     by distance t - s, added before softmax; empty = none
struct Attention {
  std::size_t n = 0, width = 0, stride = 0, out_stride = 0;
  const float *q = nullptr, *k = nullptr, *v = nullptr;
  std::span<const float> bias, keep;
};
void attend(const Attention& a, std::span<float> weights, float* ctx);
// dctx like ctx; adds to dq, dk, dv (stride as q) and dbias. `room` [n].
void attend_back(const Attention& a, std::span<const float> weights, const float* dctx, float* dq, float* dk, float* dv,
                 std::span<float> dbias, std::span<float> room);

// out row t = sum over s <= t of taps[t - s] x row s: a causal filter over the places of one sequence. x, out [n, width].
void filter(std::span<const float> taps, std::size_t n, std::size_t width, const float* x, float* out);
// dx row s += sum over t >= s of taps[t - s] x dout row t.
void filter_back(std::span<const float> taps, std::size_t n, std::size_t width, const float* dout, float* dx);

// One step of Adam (Kingma and Ba, 2015) on w with gradient g. rate = lr x sqrt(1 - beta2^t) / (1 - beta1^t), so that the
// bias of the means is made good; decay = lr x weight decay, taken off w itself (AdamW).
struct AdamRates {
  float rate = 0, beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f, decay = 0;
};
void adam(std::span<float> w, std::span<float> m, std::span<float> v, std::span<const float> g, const AdamRates& rates);

}  // namespace attune::train
