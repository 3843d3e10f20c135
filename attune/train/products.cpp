// Products: tiles of c are kept in registers over a stretch of what is summed, the columns of b in panels that fit the first caches.
// Source: Goto and van de Geijn, 2008. Every entry of c is summed in one fixed order.
#include "attune/train/products.h"

#include <algorithm>
#include <vector>

#include "attune/core/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attune/train/products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef ATTUNE_TRAIN_PRODUCTS_ONCE
#define ATTUNE_TRAIN_PRODUCTS_ONCE
namespace attune::train {
// One panel: c [rows, cols <= panel width] (+)= a b. Entry (r, k) of a stands at a[r a_row + k a_inner]; row k of b at b + k b_row,
// readable for a whole panel width.
struct PanelWork {
  std::size_t rows, inner, cols;
  const float* a;
  std::size_t a_row, a_inner;
  const float* b;
  std::size_t b_row;
  float* c;
  std::size_t c_row;
  bool add;
};
}  // namespace attune::train
#endif

HWY_BEFORE_NAMESPACE();
namespace attune::train::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kVectors = 4;                                    // registers a row of the tile is wide
constexpr std::size_t kTileRows = HWY_MAX_BYTES >= 64 ? 6 : 3;         // 24 of 32 registers, or 12 of 16

std::size_t PanelWidth() { return kVectors * hn::Lanes(hn::ScalableTag<float>()); }

template <std::size_t R>
HWY_INLINE void Tile(const PanelWork& w, const float* a, float* c, std::size_t c_row, bool add) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<hn::ScalableTag<float>> sums[R][kVectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = add ? hn::LoadU(d, c + r * c_row + v * lanes) : hn::Zero(d);
  const float* b = w.b;
  for (std::size_t k = 0; k < w.inner; ++k, b += w.b_row, a += w.a_inner) {
    hn::Vec<hn::ScalableTag<float>> row[kVectors];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) row[v] = hn::LoadU(d, b + v * lanes);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) {
      const auto x = hn::Set(d, a[r * w.a_row]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(x, row[v], sums[r][v]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sums[r][v], d, c + r * c_row + v * lanes);
}

template <std::size_t R>
HWY_INLINE void TileOf(const PanelWork& w, std::size_t first) {
  const float* a = w.a + first * w.a_row;
  float* c = w.c + first * w.c_row;
  const std::size_t width = PanelWidth();
  if (w.cols == width) return Tile<R>(w, a, c, w.c_row, w.add);
  HWY_ALIGN float room[R * kVectors * HWY_MAX_BYTES / sizeof(float)];   // a narrower panel: the whole tile is made beside c
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t n = 0; n < width; ++n) room[r * width + n] = w.add && n < w.cols ? c[r * w.c_row + n] : 0.0f;
  Tile<R>(w, a, room, width, true);
  for (std::size_t r = 0; r < R; ++r) std::copy_n(room + r * width, w.cols, c + r * w.c_row);
}

void Panel(const PanelWork& w) {
  std::size_t r = 0;
  for (; r + kTileRows <= w.rows; r += kTileRows) TileOf<kTileRows>(w, r);
  for (; r + 2 <= w.rows; r += 2) TileOf<2>(w, r);
  for (; r < w.rows; ++r) TileOf<1>(w, r);
}

}  // namespace attune::train::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::train {
namespace {

HWY_EXPORT(PanelWidth);
HWY_EXPORT(Panel);

constexpr std::size_t kStretch = 256;                      // of what is summed at once: its panel of b takes 64 KB
constexpr std::size_t kWorthThreads = std::size_t{1} << 21;   // multiplications below which one thread does all: 0.05 ms

// Where the entries of a and b stand; the matrices themselves as in Product.
struct Layout {
  std::size_t a_row, a_inner, b_inner, b_col;
};

// Rows r0..r1 and columns n0..n1 of c.
void part(const Product& p, const Layout& at, std::size_t r0, std::size_t r1, std::size_t n0, std::size_t n1) {
  const std::size_t width = HWY_DYNAMIC_DISPATCH(PanelWidth)();
  std::vector<float> packed;
  for (std::size_t n = n0; n < n1; n += width) {
    const std::size_t cols = std::min(width, n1 - n);
    for (std::size_t k = 0; k < p.inner; k += kStretch) {
      const std::size_t inner = std::min(kStretch, p.inner - k);
      const float* b = p.b + k * at.b_inner + n * at.b_col;
      std::size_t b_row = at.b_inner;
      if (at.b_col != 1 || cols < width) {
        packed.assign(inner * width, 0.0f);
        for (std::size_t j = 0; j < cols; ++j)
          for (std::size_t i = 0; i < inner; ++i) packed[i * width + j] = b[i * at.b_inner + j * at.b_col];
        b = packed.data();
        b_row = width;
      }
      HWY_DYNAMIC_DISPATCH(Panel)({.rows = r1 - r0, .inner = inner, .cols = cols, .a = p.a + r0 * at.a_row + k * at.a_inner, .a_row = at.a_row, .a_inner = at.a_inner,
                                   .b = b, .b_row = b_row, .c = p.c + r0 * p.cols + n, .c_row = p.cols, .add = p.add || k > 0});
    }
  }
}

std::size_t up_to_multiple(std::size_t n, std::size_t of) { return (n + of - 1) / of * of; }

void multiply(const Product& p, const Layout& at, const Run& run) {
  if (p.rows == 0 || p.cols == 0) return;
  if (p.inner == 0 && !p.add) std::fill_n(p.c, p.rows * p.cols, 0.0f);
  if (p.rows * p.inner * p.cols < kWorthThreads) return part(p, at, 0, p.rows, 0, p.cols);
  const std::size_t width = HWY_DYNAMIC_DISPATCH(PanelWidth)(), parts = 4 * static_cast<std::size_t>(run.threads > 0 ? run.threads : core_count());
  if (p.cols >= 2 * parts * width) {   // wide: each part has its own columns
    const std::size_t chunk = up_to_multiple((p.cols + parts - 1) / parts, width);
    return parallel_for(0, p.cols, chunk, run, [&](std::size_t begin, std::size_t end) { part(p, at, 0, p.rows, begin, end); });
  }
  const std::size_t chunk = std::max<std::size_t>(24, up_to_multiple((p.rows + parts - 1) / parts, 6));
  parallel_for(0, p.rows, chunk, run, [&](std::size_t begin, std::size_t end) { part(p, at, begin, end, 0, p.cols); });
}

}  // namespace

void product(const Product& p, const Run& run) { multiply(p, {.a_row = p.inner, .a_inner = 1, .b_inner = p.cols, .b_col = 1}, run); }
void product_left_turned(const Product& p, const Run& run) { multiply(p, {.a_row = 1, .a_inner = p.rows, .b_inner = p.cols, .b_col = 1}, run); }
void product_right_turned(const Product& p, const Run& run) { multiply(p, {.a_row = p.inner, .a_inner = 1, .b_inner = 1, .b_col = p.inner}, run); }

void turn(const float* a, std::size_t rows, std::size_t cols, float* out, const Run& run) {
  parallel_for(0, rows, 1024, run, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; r += 16)
      for (std::size_t c = 0; c < cols; ++c)
        for (std::size_t i = r; i < std::min(r + 16, end); ++i) out[c * rows + i] = a[i * cols + c];
  });
}

}  // namespace attune::train
#endif
