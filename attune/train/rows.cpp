// Rows: written once with highway, compiled per instruction set by including this file again.
#include "attune/train/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/train/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace attune::train::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four vectors of columns at a time stay in registers while the rows pass by; rows are asked for ahead, they lie anywhere.
void WeightedSum(const float* m, std::size_t cols, const std::uint32_t* ids, const float* weights, std::size_t n, float scale, float* out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t kAhead = 8;
  std::size_t c = 0;
  const auto factor = hn::Set(d, scale);
  for (; c + 4 * lanes <= cols; c += 4 * lanes) {
    auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
    for (std::size_t k = 0; k < n; ++k) {
      if (k + kAhead < n) {
        const float* next = m + std::size_t{ids[k + kAhead]} * cols + c;
        for (std::size_t b = 0; b < 4 * lanes; b += 16) hwy::Prefetch(next + b);
      }
      const float* row = m + std::size_t{ids[k]} * cols + c;
      const auto w = hn::Set(d, weights != nullptr ? weights[k] : 1.0f);
      s0 = hn::MulAdd(w, hn::LoadU(d, row), s0);
      s1 = hn::MulAdd(w, hn::LoadU(d, row + lanes), s1);
      s2 = hn::MulAdd(w, hn::LoadU(d, row + 2 * lanes), s2);
      s3 = hn::MulAdd(w, hn::LoadU(d, row + 3 * lanes), s3);
    }
    hn::StoreU(hn::Mul(factor, s0), d, out + c);
    hn::StoreU(hn::Mul(factor, s1), d, out + c + lanes);
    hn::StoreU(hn::Mul(factor, s2), d, out + c + 2 * lanes);
    hn::StoreU(hn::Mul(factor, s3), d, out + c + 3 * lanes);
  }
  for (; c + lanes <= cols; c += lanes) {
    auto s = hn::Zero(d);
    for (std::size_t k = 0; k < n; ++k)
      s = hn::MulAdd(hn::Set(d, weights != nullptr ? weights[k] : 1.0f), hn::LoadU(d, m + std::size_t{ids[k]} * cols + c), s);
    hn::StoreU(hn::Mul(factor, s), d, out + c);
  }
  for (; c < cols; ++c) {
    float s = 0;
    for (std::size_t k = 0; k < n; ++k) s += (weights != nullptr ? weights[k] : 1.0f) * m[std::size_t{ids[k]} * cols + c];
    out[c] = scale * s;
  }
}

double ExpAll(float* xs, std::size_t n, float shift, float scale) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto by = hn::Set(d, shift), factor = hn::Set(d, scale), least = hn::Set(d, -87.0f);
  double sum = 0;
  std::size_t i = 0;
  while (i + lanes <= n) {                      // partial sums in float over 4096 entries, in double over all
    auto part = hn::Zero(d);
    const std::size_t end = std::min(n, i + 4096);
    for (; i + lanes <= end; i += lanes) {
      const auto x = hn::Mul(hn::Sub(hn::LoadU(d, xs + i), by), factor);
      const auto e = hn::IfThenElseZero(hn::Ge(x, least), hn::Exp(d, hn::Max(x, least)));
      hn::StoreU(e, d, xs + i);
      part = hn::Add(part, e);
    }
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, part)));
  }
  for (; i < n; ++i) {
    const float x = (xs[i] - shift) * scale;
    xs[i] = x >= -87.0f ? std::exp(x) : 0.0f;
    sum += static_cast<double>(xs[i]);
  }
  return sum;
}

float Largest(const float* xs, std::size_t n) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto most = hn::Set(d, -std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) most = hn::Max(most, hn::LoadU(d, xs + i));
  float top = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < n; ++i) top = std::max(top, xs[i]);
  return top;
}

void MultiplyAll(float* xs, std::size_t n, float factor) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto f = hn::Set(d, factor);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Mul(f, hn::LoadU(d, xs + i)), d, xs + i);
  for (; i < n; ++i) xs[i] *= factor;
}

// Uniform in (0, 1): a hash of place and seed (the finaliser of MurmurHash3, A. Appleby).
template <class D, class V>
hn::Vec<D> UniformAt(D d, V place, std::uint32_t seed) {
  const hn::Rebind<std::uint32_t, D> du;
  auto x = hn::Xor(hn::Mul(place, hn::Set(du, 0x9e3779b9u)), hn::Set(du, seed));
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  x = hn::Mul(x, hn::Set(du, 0x85ebca6bu));
  x = hn::Xor(x, hn::ShiftRight<13>(x));
  x = hn::Mul(x, hn::Set(du, 0xc2b2ae35u));
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  const hn::Rebind<std::int32_t, D> di;
  return hn::MulAdd(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(x))), hn::Set(d, 0x1p-24f), hn::Set(d, 0x1p-25f));
}

void AddNoise(float* row, std::size_t n, std::uint32_t seed, float length) {
  const hn::CappedTag<float, 16> d;
  const hn::Rebind<std::uint32_t, decltype(d)> du;
  const std::size_t lanes = hn::Lanes(d);
  const auto places = hn::Iota(du, 0);
  auto squares = hn::Zero(d);
  float rest = 0;
  const auto at = [&](std::size_t i) { return UniformAt(d, hn::Add(places, hn::Set(du, static_cast<std::uint32_t>(i))), seed); };
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = at(i);
    squares = hn::MulAdd(x, x, squares);
  }
  if (i < n) {
    HWY_ALIGN float last[16];
    hn::Store(at(i), d, last);
    for (std::size_t k = 0; i + k < n; ++k) rest += last[k] * last[k];
  }
  const float scale = length / std::sqrt(hn::GetLane(hn::SumOfLanes(d, squares)) + rest);
  const auto by = hn::Set(d, scale);
  for (i = 0; i + lanes <= n; i += lanes) {
    const auto x = hn::LoadU(d, row + i);
    const auto noise = hn::IfThenZeroElse(hn::Eq(x, hn::Zero(d)), hn::Mul(by, at(i)));
    hn::StoreU(hn::Add(x, hn::CopySign(noise, x)), d, row + i);
  }
  if (i < n) {
    HWY_ALIGN float last[16];
    hn::Store(at(i), d, last);
    for (std::size_t k = 0; i + k < n; ++k) row[i + k] += row[i + k] > 0 ? scale * last[k] : row[i + k] < 0 ? -scale * last[k] : 0.0f;
  }
}

void AdamRow(float* w, const float* g, float* m, float* v, std::size_t n, AdamStep step) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto b1 = hn::Set(d, step.beta1), b2 = hn::Set(d, step.beta2), c1 = hn::Set(d, 1 - step.beta1), c2 = hn::Set(d, 1 - step.beta2);
  const auto rate = hn::Set(d, step.rate), root = hn::Set(d, step.root), epsilon = hn::Set(d, step.epsilon);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = hn::LoadU(d, g + i);
    const auto mm = hn::MulAdd(b1, hn::LoadU(d, m + i), hn::Mul(c1, x));
    const auto vv = hn::MulAdd(b2, hn::LoadU(d, v + i), hn::Mul(c2, hn::Mul(x, x)));
    hn::StoreU(mm, d, m + i);
    hn::StoreU(vv, d, v + i);
    const auto change = hn::Div(hn::Mul(rate, mm), hn::MulAdd(hn::Sqrt(vv), root, epsilon));
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), change), d, w + i);
  }
  for (; i < n; ++i) {
    m[i] = step.beta1 * m[i] + (1 - step.beta1) * g[i];
    v[i] = step.beta2 * v[i] + (1 - step.beta2) * g[i] * g[i];
    w[i] -= step.rate * m[i] / (std::sqrt(v[i]) * step.root + step.epsilon);
  }
}

}  // namespace attune::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::train {

HWY_EXPORT(WeightedSum);
HWY_EXPORT(ExpAll);
HWY_EXPORT(Largest);
HWY_EXPORT(MultiplyAll);
HWY_EXPORT(AdamRow);
HWY_EXPORT(AddNoise);

void weighted_sum(MatrixView m, std::span<const std::uint32_t> ids, std::span<const float> weights, float scale, std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(WeightedSum)(m.data, m.cols, ids.data(), weights.empty() ? nullptr : weights.data(), ids.size(), scale, out.data());
}
void plain_weighted_sum(MatrixView m, std::span<const std::uint32_t> ids, std::span<const float> weights, float scale, std::span<float> out) {
  for (std::size_t c = 0; c < m.cols; ++c) {
    float sum = 0;
    for (std::size_t k = 0; k < ids.size(); ++k) sum += (weights.empty() ? 1.0f : weights[k]) * m(ids[k], c);
    out[c] = scale * sum;
  }
}

double exp_all(std::span<float> xs, float shift, float scale) { return HWY_DYNAMIC_DISPATCH(ExpAll)(xs.data(), xs.size(), shift, scale); }
double plain_exp_all(std::span<float> xs, float shift, float scale) {
  double sum = 0;
  for (float& x : xs) {
    x = std::exp((x - shift) * scale);
    sum += static_cast<double>(x);
  }
  return sum;
}

float largest(std::span<const float> xs) { return HWY_DYNAMIC_DISPATCH(Largest)(xs.data(), xs.size()); }
void multiply_all(std::span<float> xs, float factor) { HWY_DYNAMIC_DISPATCH(MultiplyAll)(xs.data(), xs.size(), factor); }

void add_noise(std::span<float> row, std::uint64_t seed, float length) {
  if (row.empty()) return;
  seed = (seed ^ (seed >> 31)) * 0xbf58476d1ce4e5b9u;
  HWY_DYNAMIC_DISPATCH(AddNoise)(row.data(), row.size(), static_cast<std::uint32_t>(seed >> 32), length);
}

void adam_row(std::span<float> w, std::span<const float> gradient, std::span<float> m, std::span<float> v, AdamStep step) {
  HWY_DYNAMIC_DISPATCH(AdamRow)(w.data(), gradient.data(), m.data(), v.data(), w.size(), step);
}
void plain_adam_row(std::span<float> w, std::span<const float> gradient, std::span<float> m, std::span<float> v, AdamStep step) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    m[i] = step.beta1 * m[i] + (1 - step.beta1) * gradient[i];
    v[i] = step.beta2 * v[i] + (1 - step.beta2) * gradient[i] * gradient[i];
    w[i] -= step.rate * m[i] / (std::sqrt(v[i]) * step.root + step.epsilon);
  }
}

}  // namespace attune::train
#endif
