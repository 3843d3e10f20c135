// Normal equations: rows are fetched once into a small contiguous block that stays in the cache, then every conjugate
// gradient step reads that block once: products with the direction and their sum, eight rows at a time.
#include "attune/core/normal_equations.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "attune/core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/core/normal_equations.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "attune/core/row_dots.inc"

HWY_BEFORE_NAMESPACE();
namespace attune::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr std::size_t kBlock = 16;              // rows handled together; a block of 1024 columns is 64 KB
constexpr std::size_t kKeepBytes = 768 << 10;   // up to here the gathered rows are kept (they fit the L2 cache)
constexpr std::size_t kAhead = 12;              // rows asked for before they are needed; measured flat from 8 to 24

// q += sum_k t[k] r_k
HWY_INLINE void AddRows(const float* HWY_RESTRICT rows, std::size_t count, std::size_t d, const float* HWY_RESTRICT t, float* HWY_RESTRICT q) {
  const D tag;
  const std::size_t lanes = hn::Lanes(tag), whole = d / lanes * lanes;
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const float *r0 = rows + k * d, *r1 = r0 + d, *r2 = r1 + d, *r3 = r2 + d;
    const V t0 = hn::Set(tag, t[k]), t1 = hn::Set(tag, t[k + 1]), t2 = hn::Set(tag, t[k + 2]), t3 = hn::Set(tag, t[k + 3]);
    for (std::size_t i = 0; i < whole; i += lanes) {
      V a = hn::MulAdd(t0, hn::LoadU(tag, r0 + i), hn::LoadU(tag, q + i));
      V b = hn::Mul(t1, hn::LoadU(tag, r1 + i));
      a = hn::MulAdd(t2, hn::LoadU(tag, r2 + i), a);
      b = hn::MulAdd(t3, hn::LoadU(tag, r3 + i), b);
      hn::StoreU(hn::Add(a, b), tag, q + i);
    }
    for (std::size_t i = whole; i < d; ++i) q[i] += (t[k] * r0[i] + t[k + 2] * r2[i]) + (t[k + 1] * r1[i] + t[k + 3] * r3[i]);
  }
  for (; k < count; ++k) {
    const float* r = rows + k * d;
    const V s = hn::Set(tag, t[k]);
    for (std::size_t i = 0; i < whole; i += lanes) hn::StoreU(hn::MulAdd(s, hn::LoadU(tag, r + i), hn::LoadU(tag, q + i)), tag, q + i);
    for (std::size_t i = whole; i < d; ++i) q[i] += t[k] * r[i];
  }
}

// The rows of one system: kept together when they fit, else fetched again block by block.
struct Gathered {
  const float* source;
  const std::uint32_t* indices;
  std::size_t n, d;
  const std::uint32_t* next;
  std::size_t next_count;
  float* kept;          // [n, d] or [kBlock, d]
  bool keeps;

  HWY_INLINE void Fetch(std::size_t k) const {
    std::uint32_t row;
    if (k < n) row = indices[k];
    else if (k - n < next_count) row = next[k - n];
    else return;
    const char* at = reinterpret_cast<const char*>(source + row * d);
    for (std::size_t byte = 0; byte < d * sizeof(float); byte += 64) __builtin_prefetch(at + byte, 0, 3);
  }
  // Copies rows first..first+count-1 and returns where they are.
  HWY_INLINE const float* Load(std::size_t first, std::size_t count) const {
    const D tag;
    const std::size_t lanes = hn::Lanes(tag), whole = d / lanes * lanes;
    float* to = keeps ? kept + first * d : kept;
    for (std::size_t k = 0; k < count; ++k) {
      Fetch(first + k + kAhead);
      const float* from = source + static_cast<std::size_t>(indices[first + k]) * d;
      float* row = to + k * d;
      std::size_t i = 0;
      for (; i < whole; i += lanes) hn::StoreU(hn::LoadU(tag, from + i), tag, row + i);
      for (; i < d; ++i) row[i] = from[i];
    }
    return to;
  }
  HWY_INLINE const float* Again(std::size_t first, std::size_t count) const { return keeps ? kept + first * d : Load(first, count); }
};

// q = D p + sum_k w_k (r_k . p) r_k
HWY_INLINE void Apply(const Gathered& rows, const float* diagonal, const float* weights, const float* p, float* q) {
  const std::size_t d = rows.d;
  for (std::size_t i = 0; i < d; ++i) q[i] = diagonal[i] * p[i];
  float t[kBlock];
  for (std::size_t first = 0; first < rows.n; first += kBlock) {
    const std::size_t count = std::min(kBlock, rows.n - first);
    const float* block = rows.Again(first, count);
    Dots(block, count, d, p, t);
    for (std::size_t k = 0; k < count; ++k) t[k] *= weights[first + k];
    AddRows(block, count, d, t, q);
  }
}

int Solve(const NormalEquations& system, float* HWY_RESTRICT x, const SolveOptions& options, SolveScratch& scratch) {
  const std::size_t n = system.indices.size(), d = system.diagonal.size();
  const bool keeps = n * d * sizeof(float) <= kKeepBytes;
  const std::size_t row_floats = (keeps ? n : kBlock) * d;
  if (scratch.rows.size() < row_floats) scratch.rows.resize(row_floats);
  if (scratch.vectors.size() < 4 * d) scratch.vectors.resize(4 * d);
  const Gathered rows{system.rows.data, system.indices.data(), n, d, system.next.data(), system.next.size(), scratch.rows.data(), keeps};

  float* HWY_RESTRICT r = scratch.vectors.data();
  float* HWY_RESTRICT p = r + d;
  float* HWY_RESTRICT q = p + d;
  float* HWY_RESTRICT inverse = q + d;
  const float* diagonal = system.diagonal.data();
  for (std::size_t first = 0; first < n; first += kBlock) {  // b, while the rows come in
    const std::size_t count = std::min(kBlock, n - first);
    AddRows(rows.Load(first, count), count, d, system.pulls.data() + first, x);
  }
  const D tag;
  const std::size_t lanes = hn::Lanes(tag), whole = d / lanes * lanes;
  V sum = hn::Zero(tag);
  float rz = 0;
  std::size_t i = 0;
  for (; i < whole; i += lanes) {
    const V b = hn::LoadU(tag, x + i), inv = hn::Div(hn::Set(tag, 1.0f), hn::LoadU(tag, diagonal + i)), z = hn::Mul(inv, b);
    hn::StoreU(inv, tag, inverse + i);
    hn::StoreU(b, tag, r + i);
    hn::StoreU(z, tag, p + i);
    hn::StoreU(hn::Zero(tag), tag, x + i);
    sum = hn::MulAdd(b, z, sum);
  }
  for (; i < d; ++i) {
    inverse[i] = 1.0f / diagonal[i];
    r[i] = x[i];
    p[i] = inverse[i] * r[i];
    x[i] = 0;
    rz += r[i] * p[i];
  }
  rz += Sum(sum);
  const float enough = rz * options.tolerance * options.tolerance;
  int step = 0;
  while (step < options.steps && rz > enough && rz > 0) {
    Apply(rows, diagonal, system.weights.data(), p, q);
    float pq;
    Dots(q, 1, d, p, &pq);
    if (!(pq > 0)) break;
    ++step;
    const float a = rz / pq;
    const V av = hn::Set(tag, a);
    V next = hn::Zero(tag);
    float rz_next = 0;
    for (i = 0; i < whole; i += lanes) {
      hn::StoreU(hn::MulAdd(av, hn::LoadU(tag, p + i), hn::LoadU(tag, x + i)), tag, x + i);
      const V left = hn::NegMulAdd(av, hn::LoadU(tag, q + i), hn::LoadU(tag, r + i));
      hn::StoreU(left, tag, r + i);
      next = hn::MulAdd(hn::Mul(left, left), hn::LoadU(tag, inverse + i), next);
    }
    for (; i < d; ++i) {
      x[i] += a * p[i];
      r[i] -= a * q[i];
      rz_next += r[i] * r[i] * inverse[i];
    }
    rz_next += Sum(next);
    const float beta = rz_next / rz;
    rz = rz_next;
    const V bv = hn::Set(tag, beta);
    for (i = 0; i < whole; i += lanes)
      hn::StoreU(hn::MulAdd(bv, hn::LoadU(tag, p + i), hn::Mul(hn::LoadU(tag, inverse + i), hn::LoadU(tag, r + i))), tag, p + i);
    for (; i < d; ++i) p[i] = beta * p[i] + inverse[i] * r[i];
  }
  return step;
}

}  // namespace attune::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune {

HWY_EXPORT(Solve);

namespace {
void check(const NormalEquations& s, std::size_t d) {
  ATTUNE_ASSERT(s.diagonal.size() == d && s.rows.cols == d, "diagonal, rows and solution must be of one length");
  ATTUNE_ASSERT(s.weights.size() == s.indices.size() && s.pulls.size() == s.indices.size(), "a weight and a pull for each row");
}
}  // namespace

int solve(const NormalEquations& system, std::span<float> x, const SolveOptions& options, SolveScratch& scratch) {
  check(system, x.size());
  return HWY_DYNAMIC_DISPATCH(Solve)(system, x.data(), options, scratch);
}

void plain_solve(const NormalEquations& system, std::span<float> x) {
  check(system, x.size());
  const std::size_t d = x.size();
  std::vector<double> a(d * d), b(x.begin(), x.end());
  for (std::size_t i = 0; i < d; ++i) a[i * d + i] = static_cast<double>(system.diagonal[i]);
  for (std::size_t k = 0; k < system.indices.size(); ++k) {
    const std::span<const float> r = system.rows.row(system.indices[k]);
    for (std::size_t i = 0; i < d; ++i) {
      b[i] += static_cast<double>(system.pulls[k]) * static_cast<double>(r[i]);
      for (std::size_t j = 0; j < d; ++j)
        a[i * d + j] += static_cast<double>(system.weights[k]) * static_cast<double>(r[i]) * static_cast<double>(r[j]);
    }
  }
  for (std::size_t i = 0; i < d; ++i)  // positive definite: no pivoting needed
    for (std::size_t row = i + 1; row < d; ++row) {
      const double f = a[row * d + i] / a[i * d + i];
      for (std::size_t j = i; j < d; ++j) a[row * d + j] -= f * a[i * d + j];
      b[row] -= f * b[i];
    }
  for (std::size_t i = d; i-- > 0;) {
    for (std::size_t j = i + 1; j < d; ++j) b[i] -= a[i * d + j] * b[j];
    b[i] /= a[i * d + i];
  }
  for (std::size_t i = 0; i < d; ++i) x[i] = static_cast<float>(b[i]);
}

}  // namespace attune
#endif
