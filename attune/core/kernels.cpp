// Kernels: written once with highway, compiled per instruction set by including this file again.
#include "attune/core/kernels.h"

#include <cmath>

#include "attune/core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/core/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace attune::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

float Dot(const float* a, const float* b, std::size_t n) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
    s1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), s1);
    s2 = hn::MulAdd(hn::LoadU(d, a + i + 2 * lanes), hn::LoadU(d, b + i + 2 * lanes), s2);
    s3 = hn::MulAdd(hn::LoadU(d, a + i + 3 * lanes), hn::LoadU(d, b + i + 3 * lanes), s3);
  }
  for (; i + lanes <= n; i += lanes) s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

void Axpy(float scale, const float* x, float* y, std::size_t n) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, scale);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::MulAdd(s, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  for (; i < n; ++i) y[i] += scale * x[i];
}

Above CountAbove(const float* xs, std::size_t n, float bar) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto b = hn::Set(d, bar);
  Above found;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = hn::LoadU(d, xs + i);
    found.greater += hn::CountTrue(d, hn::Gt(x, b));
    found.equal += hn::CountTrue(d, hn::Eq(x, b));
  }
  for (; i < n; ++i) {
    found.greater += xs[i] > bar ? 1 : 0;
    found.equal += xs[i] == bar ? 1 : 0;
  }
  return found;
}

const char* TargetInUse() { return hwy::TargetName(HWY_TARGET); }

}  // namespace attune::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune {

HWY_EXPORT(Dot);
HWY_EXPORT(Axpy);
HWY_EXPORT(CountAbove);
HWY_EXPORT(TargetInUse);

float dot(std::span<const float> a, std::span<const float> b) {
  ATTUNE_ASSERT(a.size() == b.size(), "a dot product needs two rows of one length");
  return HWY_DYNAMIC_DISPATCH(Dot)(a.data(), b.data(), a.size());
}
void axpy(float scale, std::span<const float> x, std::span<float> y) {
  ATTUNE_ASSERT(x.size() == y.size(), "axpy needs two rows of one length");
  HWY_DYNAMIC_DISPATCH(Axpy)(scale, x.data(), y.data(), x.size());
}
Above count_above(std::span<const float> xs, float bar) {
  return HWY_DYNAMIC_DISPATCH(CountAbove)(xs.data(), xs.size(), bar);
}
std::string kernel_name() { return HWY_DYNAMIC_DISPATCH(TargetInUse)(); }

float plain_dot(std::span<const float> a, std::span<const float> b) noexcept {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
void plain_axpy(float scale, std::span<const float> x, std::span<float> y) noexcept {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += scale * x[i];
}
Above plain_count_above(std::span<const float> xs, float bar) noexcept {
  Above found;
  for (const float x : xs) {
    found.greater += x > bar ? 1 : 0;
    found.equal += x == bar ? 1 : 0;
  }
  return found;
}
float normalise(std::span<float> row) {
  const float length = std::sqrt(dot(row, row));
  if (length > 0)
    for (float& x : row) x /= length;
  return length;
}

}  // namespace attune
#endif
