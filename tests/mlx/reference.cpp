// Source: MLX's operations, as its documentation gives them.
#include "tests/mlx/reference.h"

#include <cblas.h>
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "mlx/mlx.h"

namespace attune::mlx_reference {
namespace {

namespace mx = mlx::core;
using Arrays = std::vector<mx::array>;

// The body's weights as arrays, one each, in the order of the layout; the items come last.
struct Piece {
  std::size_t begin;
  mx::Shape shape;
};

int as_int(std::size_t n) { return static_cast<int>(n); }

std::vector<Piece> pieces_of(const model::TransformerShape& s, const model::TransformerLayout& at) {
  const int d = as_int(s.width), inner = as_int(s.inner);
  std::vector<Piece> list;
  if (s.has_places) list.push_back({at.places, {as_int(s.length), d}});
  list.push_back({at.gain0, {d}});
  list.push_back({at.shift0, {d}});
  for (const model::TransformerLayout::Block& b : at.blocks) {
    for (const Piece& p : std::vector<Piece>{{b.qkv, {d, 3 * d}}, {b.qkv_shift, {3 * d}}, {b.out, {d, d}}, {b.out_shift, {d}}, {b.gain1, {d}}, {b.shift1, {d}},
                                             {b.distance, {as_int(s.heads), as_int(s.length)}}})
      list.push_back(p);
    if (s.filter_share > 0)
      for (const std::size_t begin : {b.high, b.gain_f, b.shift_f}) list.push_back({begin, {d}});
    for (const Piece& p : std::vector<Piece>{{b.in, {d, inner}}, {b.in_shift, {inner}}, {b.back, {inner, d}}, {b.back_shift, {d}}, {b.gain2, {d}}, {b.shift2, {d}}}) list.push_back(p);
  }
  return list;
}

std::size_t size_of(const Piece& p) {
  std::size_t n = 1;
  for (const auto k : p.shape) n *= static_cast<std::size_t>(k);
  return n;
}

mx::array ints(const std::vector<int>& values, const mx::Shape& shape) { return mx::array(values.data(), shape, mx::int32); }
mx::array floats(const std::vector<float>& values, const mx::Shape& shape) { return mx::array(values.data(), shape, mx::float32); }
mx::array norm(const mx::array& x, const mx::array& gain, const mx::array& shift) { return mx::fast::layer_norm(x, gain, shift, 1e-12f); }
mx::array number(float x) { return mx::array(x); }

// What does not depend on the weights.
struct Inputs {
  int sequences = 0, n = 0;
  mx::array ids = number(0), places = number(0), distances = number(0), later = number(0), taps = number(0), real = number(0), targets = number(0), drawn = number(0);
  bool is_sampled = false;
};

Inputs inputs_of(const model::TransformerShape& s, const std::vector<std::vector<std::uint32_t>>& sequences, std::span<const std::uint32_t> drawn) {
  std::size_t n = 0;
  for (const auto& ids : sequences) n = std::max(n, ids.size() - 1);
  std::vector<int> ids(sequences.size() * n), places(sequences.size() * n), distances(n * n), real, targets;
  std::vector<float> later(n * n), taps(n * n);
  const std::vector<float> tap = model::filter_taps(s.length, s.waves);
  for (std::size_t q = 0; q < sequences.size(); ++q) {
    const std::size_t length = sequences[q].size() - 1;
    for (std::size_t t = 0; t < n; ++t) places[q * n + t] = as_int(std::min(s.length - 1, s.length - length + t));
    for (std::size_t t = 0; t < length; ++t) {
      ids[q * n + t] = static_cast<int>(sequences[q][t]);
      real.push_back(as_int(q * n + t));
      targets.push_back(static_cast<int>(sequences[q][t + 1]));
    }
  }
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t k = 0; k < n; ++k) {
      distances[t * n + k] = k <= t ? as_int(t - k) : 0;
      later[t * n + k] = k <= t ? 0.0f : -1e9f;
      taps[t * n + k] = k <= t ? tap[t - k] : 0.0f;
    }
  const int q = as_int(sequences.size()), m = as_int(n), p = as_int(real.size());
  return {.sequences = q, .n = m, .ids = ints(ids, {q, m}), .places = ints(places, {q, m}), .distances = ints(distances, {m, m}), .later = floats(later, {m, m}),
          .taps = floats(taps, {m, m}), .real = ints(real, {p}), .targets = ints(targets, {p}),
          .drawn = ints(std::vector<int>(drawn.begin(), drawn.end()), {as_int(drawn.size())}), .is_sampled = !drawn.empty()};
}

mx::array attention(const model::TransformerShape& s, const Inputs& in, const mx::array& x, const mx::array& qkv, const mx::array& shift, const mx::array& distance) {
  const int d = as_int(s.width), heads = as_int(s.heads), width = d / heads;
  const Arrays parts = mx::split(mx::add(mx::matmul(x, qkv), shift), 3, -1);
  const auto by_head = [&](const mx::array& a) { return mx::transpose(mx::reshape(a, {in.sequences, in.n, heads, width}), {0, 2, 1, 3}); };
  const mx::array bias = mx::add(mx::take(distance, in.distances, 1), in.later);   // [heads, n, n]
  const mx::array scores = mx::multiply(mx::matmul(by_head(parts[0]), mx::transpose(by_head(parts[1]), {0, 1, 3, 2})), number(1.0f / std::sqrt(static_cast<float>(width))));
  const mx::array context = mx::matmul(mx::softmax(mx::add(scores, bias), -1, true), by_head(parts[2]));
  return mx::reshape(mx::transpose(context, {0, 2, 1, 3}), {in.sequences, in.n, d});
}

mx::array states(const model::TransformerShape& s, const Inputs& in, const Arrays& w) {
  std::size_t next = 0;
  const auto take = [&]() -> const mx::array& { return w[next++]; };
  mx::array x = mx::take(w.back(), in.ids, 0);
  if (s.has_places) x = mx::add(x, mx::take(take(), in.places, 0));
  const mx::array gain0 = take();
  x = norm(x, gain0, take());
  for (std::size_t b = 0; b < s.blocks; ++b) {
    const mx::array qkv = take(), qkv_shift = take(), out = take(), out_shift = take(), gain1 = take(), shift1 = take(), distance = take();
    const mx::array a = mx::add(mx::matmul(attention(s, in, x, qkv, qkv_shift, distance), out), out_shift);
    mx::array h = norm(mx::add(x, a), gain1, shift1);
    if (s.filter_share > 0) {
      const mx::array high = take(), gain_f = take(), shift_f = take();
      const mx::array low = mx::matmul(in.taps, x);
      const mx::array f = norm(mx::add(x, mx::add(low, mx::multiply(mx::square(high), mx::subtract(x, low)))), gain_f, shift_f);
      h = mx::add(mx::multiply(f, number(s.filter_share)), mx::multiply(h, number(1 - s.filter_share)));
    }
    const mx::array into = take(), in_shift = take(), back = take(), back_shift = take(), gain2 = take(), shift2 = take();
    const mx::array u = mx::add(mx::matmul(h, into), in_shift);
    const mx::array g = mx::multiply(u, mx::sigmoid(mx::multiply(u, number(1.702f))));
    x = norm(mx::add(h, mx::add(mx::matmul(g, back), back_shift)), gain2, shift2);
  }
  return mx::take(mx::reshape(x, {in.sequences * in.n, as_int(s.width)}), in.real, 0);
}

mx::array loss_of(const Inputs& in, const mx::array& x, const mx::array& items) {
  const mx::array of_target = mx::sum(mx::multiply(x, mx::take(items, in.targets, 0)), -1, true);   // [places, 1]
  if (!in.is_sampled) return mx::mean(mx::subtract(mx::logsumexp(mx::matmul(x, mx::transpose(items)), -1, true), of_target));
  const mx::array scores = mx::matmul(x, mx::transpose(mx::take(items, in.drawn, 0)));
  const mx::array is_target = mx::equal(mx::expand_dims(in.targets, 1), mx::expand_dims(in.drawn, 0));
  const mx::array others = mx::where(is_target, number(-1e9f), scores);
  return mx::mean(mx::subtract(mx::logsumexp(mx::concatenate({others, of_target}, 1), -1, true), of_target));
}

}  // namespace

model::SequenceGradient gradient(const model::Transformer& t, const std::vector<std::vector<std::uint32_t>>& sequences, std::span<const std::uint32_t> drawn) {
  mx::set_default_device(mx::Device::cpu);
  const std::vector<Piece> pieces = pieces_of(t.shape, model::TransformerLayout(t.shape));
  Arrays weights;
  for (const Piece& p : pieces) weights.emplace_back(t.body.data() + p.begin, p.shape, mx::float32);
  weights.emplace_back(t.items.data(), mx::Shape{as_int(t.shape.items), as_int(t.shape.width)}, mx::float32);
  const Inputs in = inputs_of(t.shape, sequences, drawn);
  std::vector<int> all(weights.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = as_int(i);
  const std::function<mx::array(const Arrays&)> loss = [&](const Arrays& w) { return loss_of(in, states(t.shape, in, w), w.back()); };
  auto [value, slopes] = mx::value_and_grad(loss, all)(weights);
  Arrays wanted = slopes;
  wanted.push_back(value);
  for (mx::array& a : wanted) a = mx::contiguous(a);
  mx::eval(wanted);
  model::SequenceGradient g{.loss = static_cast<double>(wanted.back().item<float>()), .items = Matrix(t.shape.items, t.shape.width), .body = std::vector<float>(t.body.size())};
  for (std::size_t i = 0; i < pieces.size(); ++i) std::copy_n(wanted[i].data<float>(), size_of(pieces[i]), g.body.data() + pieces[i].begin);
  std::copy_n(wanted[pieces.size()].data<float>(), g.items.size(), g.items.data());
  return g;
}

std::string blas_file() {
  // What a library loaded after the program's own finds under this name: the first one in the order of loading.
  void* const function = dlsym(RTLD_DEFAULT, "cblas_sgemm");
  Dl_info info{};
  return function != nullptr && dladdr(function, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

}  // namespace attune::mlx_reference
