// Text kernels: written once with highway, compiled per instruction set by including this file again.
#include "attune/train/text_kernels.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/train/text_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace attune::train::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;

HWY_INLINE float InnerOf(const float* a, const float* b, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  auto sums = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) sums = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sums);
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

HWY_INLINE void AddScaled(float scale, const float* x, float* y, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, scale);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::MulAdd(s, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  for (; i < n; ++i) y[i] += scale * x[i];
}

void AttendWhole(const WholeAttention& a, float* weights, float* ctx) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(a.width));
  for (std::size_t t = 0; t < a.n; ++t) {
    float* row = weights + t * a.n;
    float top = -1e30f, sum = 0;
    for (std::size_t s = 0; s < a.n; ++s) {
      row[s] = InnerOf(a.q + t * a.stride, a.k + s * a.stride, a.width) * scale;
      top = std::max(top, row[s]);
    }
    for (std::size_t s = 0; s < a.n; ++s) sum += row[s] = std::exp(row[s] - top);
    float* out = ctx + t * a.out_stride;
    std::fill(out, out + a.width, 0.0f);
    for (std::size_t s = 0; s < a.n; ++s) {
      row[s] /= sum;
      AddScaled(row[s], a.v + s * a.stride, out, a.width);
    }
  }
}

void AttendWholeBack(const WholeAttention& a, const float* weights, const float* dctx, float* dq, float* dk, float* dv, float* room) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(a.width));
  for (std::size_t t = 0; t < a.n; ++t) {
    const float* row = weights + t * a.n;
    const float* g = dctx + t * a.out_stride;
    float mean = 0;
    for (std::size_t s = 0; s < a.n; ++s) {
      room[s] = InnerOf(g, a.v + s * a.stride, a.width);
      mean += row[s] * room[s];
      AddScaled(row[s], g, dv + s * a.stride, a.width);
    }
    for (std::size_t s = 0; s < a.n; ++s) {
      const float ds = row[s] * (room[s] - mean) * scale;
      AddScaled(ds, a.k + s * a.stride, dq + t * a.stride, a.width);
      AddScaled(ds, a.q + t * a.stride, dk + s * a.stride, a.width);
    }
  }
}

// Phi(x) and exp(-x^2 / 2); the error function by Abramowitz and Stegun 7.1.26, error under 1.5e-7.
template <class D, class V>
HWY_INLINE V NormalShare(D d, V x, V& bell) {
  const V z = hn::Abs(hn::Mul(x, hn::Set(d, 0.70710678f)));
  const V t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(hn::Set(d, 0.3275911f), z, hn::Set(d, 1.0f)));
  V p = hn::Set(d, 1.061405429f);
  p = hn::MulAdd(p, t, hn::Set(d, -1.453152027f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
  bell = hn::Exp(d, hn::Max(hn::Neg(hn::Mul(z, z)), hn::Set(d, -87.0f)));
  const V tail = hn::Mul(hn::Mul(hn::Mul(p, t), bell), hn::Set(d, 0.5f));   // 1 - Phi(|x|)
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0f), tail));
}

template <bool Back>
void GeluErf(const float* x, const float* dout, float* out, std::size_t n) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = [&](auto v, auto g) {
    auto bell = v;
    const auto share = NormalShare(d, v, bell);
    if constexpr (!Back) return hn::Mul(v, share);
    else return hn::Mul(g, hn::MulAdd(hn::Mul(v, hn::Set(d, 0.39894228f)), bell, share));
  };
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(one(hn::LoadU(d, x + i), hn::LoadU(d, (Back ? dout : x) + i)), d, out + i);
  if (i == n) return;
  HWY_ALIGN float room[3 * HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(x + i, x + n, room);
  std::copy((Back ? dout : x) + i, (Back ? dout : x) + n, room + lanes);
  hn::StoreU(one(hn::LoadU(d, room), hn::LoadU(d, room + lanes)), d, room + 2 * lanes);
  std::copy(room + 2 * lanes, room + 2 * lanes + (n - i), out + i);
}
void GeluErfForward(const float* x, float* out, std::size_t n) { GeluErf<false>(x, nullptr, out, n); }
void GeluErfBack(const float* x, const float* dout, float* dx, std::size_t n) { GeluErf<true>(x, dout, dx, n); }

}  // namespace attune::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::train {

HWY_EXPORT(AttendWhole);
HWY_EXPORT(AttendWholeBack);
HWY_EXPORT(GeluErfForward);
HWY_EXPORT(GeluErfBack);

void attend_whole(const WholeAttention& a, std::span<float> weights, float* ctx) {
  ATTUNE_ASSERT(weights.size() >= a.n * a.n, "attention needs a weight for every pair of places");
  HWY_DYNAMIC_DISPATCH(AttendWhole)(a, weights.data(), ctx);
}
void attend_whole_back(const WholeAttention& a, std::span<const float> weights, const float* dctx, float* dq, float* dk, float* dv, std::span<float> room) {
  ATTUNE_ASSERT(room.size() >= a.n, "attention's way back needs room for one row");
  HWY_DYNAMIC_DISPATCH(AttendWholeBack)(a, weights.data(), dctx, dq, dk, dv, room.data());
}
void gelu_erf(std::span<const float> x, std::span<float> out) { HWY_DYNAMIC_DISPATCH(GeluErfForward)(x.data(), out.data(), x.size()); }
void gelu_erf_back(std::span<const float> x, std::span<const float> dout, std::span<float> dx) {
  HWY_DYNAMIC_DISPATCH(GeluErfBack)(x.data(), dout.data(), dx.data(), x.size());
}

}  // namespace attune::train
#endif
