// The three products of a softmax over a catalogue (173 places, 12,101 items, width 64), by train/products.h and by BLAS.
#include <benchmark/benchmark.h>

#include <vector>

#include "attune/core/linear_algebra.h"
#include "attune/train/products.h"

namespace attune {
namespace {

constexpr std::size_t kPlaces = 173, kItems = 12101, kWidth = 64;

Matrix filled(std::size_t rows, std::size_t cols) {
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < m.size(); ++i) m.all()[i] = static_cast<float>(i % 7) * 0.01f;
  return m;
}
void count(benchmark::State& state) {
  state.counters["GFLOPS"] = benchmark::Counter(2e-9 * kPlaces * kItems * kWidth, benchmark::Counter::kIsIterationInvariantRate);
}

void scores_ours(benchmark::State& state) {
  const Matrix h = filled(kPlaces, kWidth), e = filled(kWidth, kItems);
  Matrix c(kPlaces, kItems);
  for (auto _ : state) train::product({.rows = kPlaces, .inner = kWidth, .cols = kItems, .a = h.data(), .b = e.data(), .c = c.data()}, Run{});
  count(state);
}
void scores_blas(benchmark::State& state) {
  const Matrix h = filled(kPlaces, kWidth), e = filled(kItems, kWidth);
  Matrix c(kPlaces, kItems);
  for (auto _ : state) multiply(h, e, c, {.transpose_b = true});
  count(state);
}
void states_ours(benchmark::State& state) {
  const Matrix s = filled(kPlaces, kItems), e = filled(kItems, kWidth);
  Matrix c(kPlaces, kWidth);
  for (auto _ : state) train::product({.rows = kPlaces, .inner = kItems, .cols = kWidth, .a = s.data(), .b = e.data(), .c = c.data()}, Run{});
  count(state);
}
void states_blas(benchmark::State& state) {
  const Matrix s = filled(kPlaces, kItems), e = filled(kItems, kWidth);
  Matrix c(kPlaces, kWidth);
  for (auto _ : state) multiply(s, e, c);
  count(state);
}
void items_ours(benchmark::State& state) {
  const Matrix s = filled(kPlaces, kItems), h = filled(kPlaces, kWidth);
  Matrix c(kItems, kWidth);
  for (auto _ : state) train::product_left_turned({.rows = kItems, .inner = kPlaces, .cols = kWidth, .a = s.data(), .b = h.data(), .c = c.data()}, Run{});
  count(state);
}
void items_blas(benchmark::State& state) {
  const Matrix s = filled(kPlaces, kItems), h = filled(kPlaces, kWidth);
  Matrix c(kItems, kWidth);
  for (auto _ : state) multiply(s, h, c, {.transpose_a = true});
  count(state);
}
BENCHMARK(scores_ours)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(scores_blas)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(states_ours)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(states_blas)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(items_ours)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(items_blas)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace attune

BENCHMARK_MAIN();
