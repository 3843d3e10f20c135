// Row kernels: written once with highway, compiled per instruction set by including this file again.
#include "attune/train/row_kernels.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/train/row_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace attune::train::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;

HWY_INLINE float Dot(const float* a, const float* b, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  auto s0 = hn::Zero(d), s1 = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
    s1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), s1);
  }
  for (; i + lanes <= n; i += lanes) s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1)));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

HWY_INLINE void Axpy(float scale, const float* x, float* y, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, scale);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::MulAdd(s, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  for (; i < n; ++i) y[i] += scale * x[i];
}

HWY_INLINE float Greatest(const float* x, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  float top = x[0];
  std::size_t i = 0;
  if (n >= lanes) {
    auto best = hn::LoadU(d, x);
    for (i = lanes; i + lanes <= n; i += lanes) best = hn::Max(best, hn::LoadU(d, x + i));
    top = hn::GetLane(hn::MaxOfLanes(d, best));
  }
  for (; i < n; ++i) top = x[i] > top ? x[i] : top;
  return top;
}

// x = exp(x - top); returns the sum.
HWY_INLINE float ExpSum(float* x, std::size_t n, float top) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto t = hn::Set(d, top), least = hn::Set(d, -87.0f);
  auto sums = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto e = hn::Exp(d, hn::Max(hn::Sub(hn::LoadU(d, x + i), t), least));
    hn::StoreU(e, d, x + i);
    sums = hn::Add(sums, e);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < n; ++i) {
    x[i] = std::exp(std::max(x[i] - top, -87.0f));
    sum += x[i];
  }
  return sum;
}

HWY_INLINE void Scale(float scale, float* x, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, scale);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(s, hn::LoadU(d, x + i)), d, x + i);
  for (; i < n; ++i) x[i] *= scale;
}

double SoftmaxGradient(float* x, std::size_t n, std::size_t target, float scale) {
  const float top = Greatest(x, n);
  const double of_target = static_cast<double>(x[target]) - static_cast<double>(top);
  const float sum = ExpSum(x, n, top);
  Scale(scale / sum, x, n);
  x[target] -= scale;
  return std::log(static_cast<double>(sum)) - of_target;
}

float LayerNorm(const float* x, const float* gain, const float* shift, float* normal, float* out, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  auto sums = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) sums = hn::Add(sums, hn::LoadU(d, x + i));
  float mean = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < n; ++i) mean += x[i];
  mean /= static_cast<float>(n);
  const auto m = hn::Set(d, mean);
  auto squares = hn::Zero(d);
  for (i = 0; i + lanes <= n; i += lanes) {
    const auto c = hn::Sub(hn::LoadU(d, x + i), m);
    squares = hn::MulAdd(c, c, squares);
  }
  float variance = hn::GetLane(hn::SumOfLanes(d, squares));
  for (; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean);
  const float inverse = 1.0f / std::sqrt(variance / static_cast<float>(n) + 1e-12f);
  const auto s = hn::Set(d, inverse);
  for (i = 0; i + lanes <= n; i += lanes) {
    const auto c = hn::Mul(hn::Sub(hn::LoadU(d, x + i), m), s);
    hn::StoreU(c, d, normal + i);
    hn::StoreU(hn::MulAdd(c, hn::LoadU(d, gain + i), hn::LoadU(d, shift + i)), d, out + i);
  }
  for (; i < n; ++i) {
    normal[i] = (x[i] - mean) * inverse;
    out[i] = normal[i] * gain[i] + shift[i];
  }
  return inverse;
}

void LayerNormBack(const float* normal, float inverse, const float* gain, const float* dout, float* dx, float* dgain, float* dshift, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  auto s0 = hn::Zero(d), s1 = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto g = hn::LoadU(d, dout + i), z = hn::LoadU(d, normal + i);
    hn::StoreU(hn::MulAdd(g, z, hn::LoadU(d, dgain + i)), d, dgain + i);
    hn::StoreU(hn::Add(g, hn::LoadU(d, dshift + i)), d, dshift + i);
    const auto w = hn::Mul(g, hn::LoadU(d, gain + i));
    s0 = hn::Add(s0, w);
    s1 = hn::MulAdd(w, z, s1);
  }
  float a = hn::GetLane(hn::SumOfLanes(d, s0)), b = hn::GetLane(hn::SumOfLanes(d, s1));
  for (; i < n; ++i) {
    dgain[i] += dout[i] * normal[i];
    dshift[i] += dout[i];
    a += dout[i] * gain[i];
    b += dout[i] * gain[i] * normal[i];
  }
  a /= static_cast<float>(n);
  b /= static_cast<float>(n);
  const auto va = hn::Set(d, a), vb = hn::Set(d, b), s = hn::Set(d, inverse);
  for (i = 0; i + lanes <= n; i += lanes) {
    const auto w = hn::Sub(hn::Mul(hn::LoadU(d, dout + i), hn::LoadU(d, gain + i)), va);
    hn::StoreU(hn::Mul(s, hn::NegMulAdd(vb, hn::LoadU(d, normal + i), w)), d, dx + i);
  }
  for (; i < n; ++i) dx[i] = inverse * (dout[i] * gain[i] - a - b * normal[i]);
}

void Gelu(const float* x, float* out, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto c = hn::Set(d, -1.702f), one = hn::Set(d, 1.0f), most = hn::Set(d, 87.0f);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto v = hn::LoadU(d, x + i);
    hn::StoreU(hn::Div(v, hn::Add(one, hn::Exp(d, hn::Min(hn::Mul(c, v), most)))), d, out + i);
  }
  for (; i < n; ++i) out[i] = x[i] / (1.0f + std::exp(std::min(-1.702f * x[i], 87.0f)));
}

void GeluBack(const float* x, const float* dout, float* dx, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto c = hn::Set(d, -1.702f), one = hn::Set(d, 1.0f), k = hn::Set(d, 1.702f), most = hn::Set(d, 87.0f);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto v = hn::LoadU(d, x + i);
    const auto s = hn::Div(one, hn::Add(one, hn::Exp(d, hn::Min(hn::Mul(c, v), most))));
    const auto slope = hn::Mul(s, hn::MulAdd(hn::Mul(k, v), hn::Sub(one, s), one));   // s + 1.702 x s (1 - s)
    hn::StoreU(hn::Mul(hn::LoadU(d, dout + i), slope), d, dx + i);
  }
  for (; i < n; ++i) {
    const float s = 1.0f / (1.0f + std::exp(std::min(-1.702f * x[i], 87.0f)));
    dx[i] = dout[i] * s * (1.0f + 1.702f * x[i] * (1.0f - s));
  }
}

void Add(const float* x, float* y, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  for (; i < n; ++i) y[i] += x[i];
}

void Times(const float* a, const float* b, float* out, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  for (; i < n; ++i) out[i] = a[i] * b[i];
}

void Approach(float* y, const float* x, float share, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, share);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto at = hn::LoadU(d, y + i);
    hn::StoreU(hn::MulAdd(s, hn::Sub(hn::LoadU(d, x + i), at), at), d, y + i);
  }
  for (; i < n; ++i) y[i] += share * (x[i] - y[i]);
}

void Attend(const Attention& a, float* weights, float* ctx) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(a.width));
  for (std::size_t t = 0; t < a.n; ++t) {
    float* row = weights + t * a.n;
    for (std::size_t s = 0; s <= t; ++s) row[s] = Dot(a.q + t * a.stride, a.k + s * a.stride, a.width) * scale;
    if (!a.bias.empty())
      for (std::size_t s = 0; s <= t; ++s) row[s] += a.bias[t - s];
    const float sum = ExpSum(row, t + 1, Greatest(row, t + 1));
    Scale(1.0f / sum, row, t + 1);
    std::fill(row + t + 1, row + a.n, 0.0f);
    float* out = ctx + t * a.out_stride;
    std::fill(out, out + a.width, 0.0f);
    for (std::size_t s = 0; s <= t; ++s) {
      const float w = a.keep.empty() ? row[s] : row[s] * a.keep[t * a.n + s];
      if (w != 0) Axpy(w, a.v + s * a.stride, out, a.width);
    }
  }
}

void AttendBack(const Attention& a, const float* weights, const float* dctx, float* dq, float* dk, float* dv, float* dbias, float* room) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(a.width));
  for (std::size_t t = 0; t < a.n; ++t) {
    const float* row = weights + t * a.n;
    const float* g = dctx + t * a.out_stride;
    for (std::size_t s = 0; s <= t; ++s) {
      const float keep = a.keep.empty() ? 1.0f : a.keep[t * a.n + s];
      room[s] = keep == 0 ? 0.0f : keep * Dot(g, a.v + s * a.stride, a.width);
      if (keep != 0) Axpy(keep * row[s], g, dv + s * a.stride, a.width);
    }
    const float mean = Dot(row, room, t + 1);
    for (std::size_t s = 0; s <= t; ++s) {
      const float ds = row[s] * (room[s] - mean);
      if (dbias != nullptr) dbias[t - s] += ds;
      Axpy(ds * scale, a.k + s * a.stride, dq + t * a.stride, a.width);
      Axpy(ds * scale, a.q + t * a.stride, dk + s * a.stride, a.width);
    }
  }
}

void Filter(const float* taps, std::size_t n, std::size_t width, const float* x, float* out) {
  std::fill(out, out + n * width, 0.0f);
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t s = 0; s <= t; ++s) Axpy(taps[t - s], x + s * width, out + t * width, width);
}

void FilterBack(const float* taps, std::size_t n, std::size_t width, const float* dout, float* dx) {
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t s = 0; s <= t; ++s) Axpy(taps[t - s], dout + t * width, dx + s * width, width);
}

void Adam(float* w, float* m, float* v, const float* g, std::size_t n, const AdamRates& r) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto b1 = hn::Set(d, r.beta1), c1 = hn::Set(d, 1 - r.beta1), b2 = hn::Set(d, r.beta2), c2 = hn::Set(d, 1 - r.beta2);
  const auto rate = hn::Set(d, -r.rate), eps = hn::Set(d, r.epsilon), keep = hn::Set(d, 1 - r.decay);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto gi = hn::LoadU(d, g + i);
    const auto mi = hn::MulAdd(c1, gi, hn::Mul(b1, hn::LoadU(d, m + i)));
    const auto vi = hn::MulAdd(c2, hn::Mul(gi, gi), hn::Mul(b2, hn::LoadU(d, v + i)));
    hn::StoreU(mi, d, m + i);
    hn::StoreU(vi, d, v + i);
    hn::StoreU(hn::MulAdd(rate, hn::Div(mi, hn::Add(hn::Sqrt(vi), eps)), hn::Mul(keep, hn::LoadU(d, w + i))), d, w + i);
  }
  for (; i < n; ++i) {
    m[i] = r.beta1 * m[i] + (1 - r.beta1) * g[i];
    v[i] = r.beta2 * v[i] + (1 - r.beta2) * g[i] * g[i];
    w[i] = (1 - r.decay) * w[i] - r.rate * m[i] / (std::sqrt(v[i]) + r.epsilon);
  }
}

}  // namespace attune::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::train {

HWY_EXPORT(SoftmaxGradient);
HWY_EXPORT(LayerNorm);
HWY_EXPORT(LayerNormBack);
HWY_EXPORT(Gelu);
HWY_EXPORT(GeluBack);
HWY_EXPORT(Add);
HWY_EXPORT(Times);
HWY_EXPORT(Approach);
HWY_EXPORT(Attend);
HWY_EXPORT(AttendBack);
HWY_EXPORT(Filter);
HWY_EXPORT(FilterBack);
HWY_EXPORT(Adam);

double softmax_gradient(std::span<float> scores, std::size_t target, float scale) {
  ATTUNE_ASSERT(target < scores.size(), "the target must be one of the scored");
  return HWY_DYNAMIC_DISPATCH(SoftmaxGradient)(scores.data(), scores.size(), target, scale);
}
float layer_norm(std::span<const float> x, std::span<const float> gain, std::span<const float> shift, std::span<float> normal, std::span<float> out) {
  return HWY_DYNAMIC_DISPATCH(LayerNorm)(x.data(), gain.data(), shift.data(), normal.data(), out.data(), x.size());
}
void layer_norm_back(std::span<const float> normal, float inverse_sd, std::span<const float> gain, std::span<const float> dout,
                     std::span<float> dx, std::span<float> dgain, std::span<float> dshift) {
  HWY_DYNAMIC_DISPATCH(LayerNormBack)(normal.data(), inverse_sd, gain.data(), dout.data(), dx.data(), dgain.data(), dshift.data(), normal.size());
}
void gelu(std::span<const float> x, std::span<float> out) { HWY_DYNAMIC_DISPATCH(Gelu)(x.data(), out.data(), x.size()); }
void gelu_back(std::span<const float> x, std::span<const float> dout, std::span<float> dx) {
  HWY_DYNAMIC_DISPATCH(GeluBack)(x.data(), dout.data(), dx.data(), x.size());
}
void add(std::span<const float> x, std::span<float> y) { HWY_DYNAMIC_DISPATCH(Add)(x.data(), y.data(), x.size()); }
void times(std::span<const float> a, std::span<const float> b, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(Times)(a.data(), b.data(), out.data(), out.size());
}
void approach(std::span<float> y, std::span<const float> x, float share) { HWY_DYNAMIC_DISPATCH(Approach)(y.data(), x.data(), share, y.size()); }
void attend(const Attention& a, std::span<float> weights, float* ctx) { HWY_DYNAMIC_DISPATCH(Attend)(a, weights.data(), ctx); }
void attend_back(const Attention& a, std::span<const float> weights, const float* dctx, float* dq, float* dk, float* dv,
                 std::span<float> dbias, std::span<float> room) {
  HWY_DYNAMIC_DISPATCH(AttendBack)(a, weights.data(), dctx, dq, dk, dv, dbias.empty() ? nullptr : dbias.data(), room.data());
}
void filter(std::span<const float> taps, std::size_t n, std::size_t width, const float* x, float* out) {
  HWY_DYNAMIC_DISPATCH(Filter)(taps.data(), n, width, x, out);
}
void filter_back(std::span<const float> taps, std::size_t n, std::size_t width, const float* dout, float* dx) {
  HWY_DYNAMIC_DISPATCH(FilterBack)(taps.data(), n, width, dout, dx);
}
void adam(std::span<float> w, std::span<float> m, std::span<float> v, std::span<const float> g, const AdamRates& rates) {
  HWY_DYNAMIC_DISPATCH(Adam)(w.data(), m.data(), v.data(), g.data(), w.size(), rates);
}

}  // namespace attune::train
#endif
