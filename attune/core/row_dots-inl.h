// Row dots: products of many rows with one, for kernels: included behind hwy/foreach_target.h by each file that is compiled per instruction set.
#if defined(ATTUNE_ROW_DOTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ATTUNE_ROW_DOTS_INL_H
#undef ATTUNE_ROW_DOTS_INL_H
#else
#define ATTUNE_ROW_DOTS_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace attune::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE float Sum(hn::Vec<hn::ScalableTag<float>> v) { return hn::GetLane(hn::SumOfLanes(hn::ScalableTag<float>(), v)); }

// out[k] = r_k . p for `count` rows, four at a time so that p is read once for four
HWY_INLINE void Dots(const float* HWY_RESTRICT rows, std::size_t count, std::size_t d, const float* HWY_RESTRICT p, float* HWY_RESTRICT out) {
  const hn::ScalableTag<float> tag;
  const std::size_t lanes = hn::Lanes(tag), whole = d / lanes * lanes;
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const float *r0 = rows + k * d, *r1 = r0 + d, *r2 = r1 + d, *r3 = r2 + d;
    auto s0 = hn::Zero(tag), s1 = s0, s2 = s0, s3 = s0;
    for (std::size_t i = 0; i < whole; i += lanes) {
      const auto x = hn::LoadU(tag, p + i);
      s0 = hn::MulAdd(x, hn::LoadU(tag, r0 + i), s0);
      s1 = hn::MulAdd(x, hn::LoadU(tag, r1 + i), s1);
      s2 = hn::MulAdd(x, hn::LoadU(tag, r2 + i), s2);
      s3 = hn::MulAdd(x, hn::LoadU(tag, r3 + i), s3);
    }
    float t0 = Sum(s0), t1 = Sum(s1), t2 = Sum(s2), t3 = Sum(s3);
    for (std::size_t i = whole; i < d; ++i) {
      t0 += p[i] * r0[i];
      t1 += p[i] * r1[i];
      t2 += p[i] * r2[i];
      t3 += p[i] * r3[i];
    }
    out[k] = t0;
    out[k + 1] = t1;
    out[k + 2] = t2;
    out[k + 3] = t3;
  }
  for (; k < count; ++k) {
    const float* r = rows + k * d;
    auto s = hn::Zero(tag);
    for (std::size_t i = 0; i < whole; i += lanes) s = hn::MulAdd(hn::LoadU(tag, p + i), hn::LoadU(tag, r + i), s);
    float t = Sum(s);
    for (std::size_t i = whole; i < d; ++i) t += p[i] * r[i];
    out[k] = t;
  }
}

}  // namespace attune::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
