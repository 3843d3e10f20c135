// Transformer: the forward pass for one history, written plainly; sequence_batch.cpp has the one for training, and a test
// holds the two together.
#include "attune/model/transformer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/random.h"

namespace attune::model {
namespace {

// The events of a history that count: x [events, width] and their places, oldest first.
struct Events {
  Matrix x;
  std::vector<std::size_t> places;
};

// y += x W, W [x.size(), y.size()].
void add_product(std::span<const float> x, const float* w, std::span<float> y) {
  for (std::size_t i = 0; i < x.size(); ++i) axpy(x[i], {w + i * y.size(), y.size()}, y);
}

void norm(std::span<float> x, const float* gain, const float* shift) {
  float mean = 0, variance = 0;
  for (const float v : x) mean += v;
  mean /= static_cast<float>(x.size());
  for (const float v : x) variance += (v - mean) * (v - mean);
  const float inverse = 1.0f / std::sqrt(variance / static_cast<float>(x.size()) + 1e-12f);
  for (std::size_t c = 0; c < x.size(); ++c) x[c] = (x[c] - mean) * inverse * gain[c] + shift[c];
}

// The touches as events within the last `length` places. `items` gives each touch's vector.
Events events_of(const Transformer& t, std::span<const Touch> history) {
  std::size_t places = 0;
  for (std::size_t k = 0; k < history.size(); ++k) places += k == 0 || !history[k].joined ? 1 : 0;
  const std::size_t oldest = places > t.shape.length ? places - t.shape.length : 0;
  struct Part {
    std::size_t place;
    const Touch* touch;
  };
  std::vector<Part> parts;
  std::size_t place = 0, events = 0;
  for (std::size_t k = 0; k < history.size(); ++k) {
    if (k > 0 && !history[k].joined) ++place;
    if (place < oldest || !(history[k].weight > 0)) continue;
    events += parts.empty() || parts.back().place != place ? 1 : 0;
    parts.push_back({place, &history[k]});
  }
  Events e{.x = Matrix(events, t.shape.width)};
  for (std::size_t k = 0; k < parts.size();) {
    std::span<float> row = e.x.row(e.places.size());
    float total = 0;
    std::size_t end = k;
    for (; end < parts.size() && parts[end].place == parts[k].place; ++end) total += parts[end].touch->weight;
    for (std::size_t j = k; j < end; ++j) axpy(parts[j].touch->weight / total, t.items.row(to_index(parts[j].touch->item)), row);
    e.places.push_back(parts[k].place - oldest + (t.shape.length - std::min(places, t.shape.length)));   // the newest place is the last of the window
    k = end;
  }
  return e;
}

// Attention of event `t` over events 0..t, added to `out` through W_o.
void add_attention(const Transformer& model, const TransformerLayout::Block& at, const Events& e, const Matrix& qkv, std::size_t t, std::span<float> out) {
  const std::size_t d = model.shape.width, width = d / model.shape.heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(width));
  std::vector<float> context(d), weights(t + 1);
  for (std::size_t h = 0; h < model.shape.heads; ++h) {
    const std::span<const float> q = qkv.row(t).subspan(h * width, width);
    const float* distance = model.body.data() + at.distance + h * model.shape.length;
    float top = -INFINITY, sum = 0;
    for (std::size_t s = 0; s <= t; ++s) {
      weights[s] = dot(q, qkv.row(s).subspan(d + h * width, width)) * scale + distance[e.places[t] - e.places[s]];
      top = std::max(top, weights[s]);
    }
    for (float& w : weights) sum += w = std::exp(w - top);
    for (std::size_t s = 0; s <= t; ++s)
      axpy(weights[s] / sum, qkv.row(s).subspan(2 * d + h * width, width), std::span(context).subspan(h * width, width));
  }
  add_product(context, model.body.data() + at.out, out);
}

// One block for events from..: rows of e.x before `from` are left as they were.
void run_block(const Transformer& model, const TransformerLayout::Block& at, std::span<const float> taps, Events& e, std::size_t from) {
  const TransformerShape& shape = model.shape;
  const float* w = model.body.data();
  const std::size_t n = e.x.rows(), d = shape.width;
  Matrix qkv(n, 3 * d), next(n, d);
  for (std::size_t t = 0; t < n; ++t) {
    std::copy_n(w + at.qkv_shift, 3 * d, qkv.row(t).data());
    add_product(e.x.row(t), w + at.qkv, qkv.row(t));
  }
  std::vector<float> low(d), inner(shape.inner);
  for (std::size_t t = from; t < n; ++t) {
    std::span<float> h = next.row(t);
    std::copy_n(w + at.out_shift, d, h.data());
    add_attention(model, at, e, qkv, t, h);
    axpy(1, e.x.row(t), h);
    norm(h, w + at.gain1, w + at.shift1);
    if (shape.filter_share > 0) {
      std::fill(low.begin(), low.end(), 0.0f);
      for (std::size_t s = 0; s <= t; ++s) axpy(taps[e.places[t] - e.places[s]], e.x.row(s), low);
      for (std::size_t c = 0; c < d; ++c) low[c] += e.x(t, c) + w[at.high + c] * w[at.high + c] * (e.x(t, c) - low[c]);
      norm(low, w + at.gain_f, w + at.shift_f);
      for (std::size_t c = 0; c < d; ++c) h[c] = shape.filter_share * low[c] + (1 - shape.filter_share) * h[c];
    }
    std::copy_n(w + at.in_shift, shape.inner, inner.data());
    add_product(h, w + at.in, inner);
    for (float& u : inner) u = u / (1.0f + std::exp(-1.702f * u));
    std::copy_n(h.data(), d, low.data());
    axpy(1, {w + at.back_shift, d}, h);
    add_product(inner, w + at.back, h);
    norm(h, w + at.gain2, w + at.shift2);
  }
  for (std::size_t t = from; t < n; ++t) std::copy_n(next.row(t).data(), d, e.x.row(t).data());
}

void check_shape(const TransformerShape& s) {
  if (s.width < 1 || s.heads < 1 || s.width % s.heads != 0 || s.length < 1 || s.blocks > 1000)
    throw Error(Code::bad_data, "the sequence model is damaged: impossible sizes; fit again");
}

}  // namespace

TransformerLayout::TransformerLayout(const TransformerShape& s) {
  const auto take = [this](std::size_t numbers) {
    const std::size_t here = size;
    size += numbers;
    return here;
  };
  const std::size_t d = s.width;
  places = take(s.has_places ? s.length * d : 0);
  gain0 = take(d);
  shift0 = take(d);
  const std::size_t filter_width = s.filter_share > 0 ? d : 0;
  for (std::size_t b = 0; b < s.blocks; ++b) {
    Block k;
    k.qkv = take(3 * d * d);
    k.qkv_shift = take(3 * d);
    k.out = take(d * d);
    k.out_shift = take(d);
    k.gain1 = take(d);
    k.shift1 = take(d);
    k.distance = take(s.heads * s.length);
    k.high = take(filter_width);
    k.gain_f = take(filter_width);
    k.shift_f = take(filter_width);
    k.in = take(d * s.inner);
    k.in_shift = take(s.inner);
    k.back = take(s.inner * d);
    k.back_shift = take(d);
    k.gain2 = take(d);
    k.shift2 = take(d);
    blocks.push_back(k);
  }
}

std::vector<float> filter_taps(std::size_t length, std::size_t waves) {
  std::vector<float> taps(length);
  const auto n = static_cast<double>(length);
  for (std::size_t k = 0; k < length; ++k) {
    double sum = 0;
    for (std::size_t m = 0; m < std::min(waves, length / 2 + 1); ++m) {
      const bool is_alone = m == 0 || 2 * m == length;   // waves that are not a pair of conjugates
      sum += (is_alone ? 1 : 2) * std::cos(2 * std::numbers::pi * static_cast<double>(m * k) / n);
    }
    taps[k] = static_cast<float>(sum / n);
  }
  return taps;
}

Transformer Transformer::drawn(const TransformerShape& shape, std::uint64_t seed) {
  const TransformerLayout at(shape);
  Transformer t{.shape = shape, .items = Matrix(shape.items, shape.width), .body = std::vector<float>(at.size)};
  Random random(seed);
  const auto draw = [&](std::size_t begin, std::size_t count, double sd) {
    for (std::size_t i = begin; i < begin + count; ++i) t.body[i] = static_cast<float>(sd * random.normal());
  };
  const auto ones = [&](std::size_t begin) { std::fill_n(t.body.begin() + static_cast<std::ptrdiff_t>(begin), shape.width, 1.0f); };
  for (float& x : t.items.all()) x = static_cast<float>(0.02 * random.normal());
  const std::size_t d = shape.width;
  if (shape.has_places) draw(at.places, shape.length * d, 0.02);
  ones(at.gain0);
  for (const TransformerLayout::Block& b : at.blocks) {
    draw(b.qkv, 3 * d * d, 0.02);
    draw(b.out, d * d, 0.02);
    draw(b.in, d * shape.inner, 0.02);
    draw(b.back, shape.inner * d, 0.02);
    ones(b.gain1);
    ones(b.gain2);
    if (shape.filter_share <= 0) continue;
    draw(b.high, d, 1);
    ones(b.gain_f);
  }
  return t;
}

std::vector<float> Transformer::state(std::span<const Touch> history) const {
  Events e = events_of(*this, history);
  const std::size_t n = e.x.rows(), d = shape.width;
  if (n == 0) return std::vector<float>(d);
  const TransformerLayout at(shape);
  for (std::size_t t = 0; t < n; ++t) {
    if (shape.has_places) axpy(1, {body.data() + at.places + e.places[t] * d, d}, e.x.row(t));
    norm(e.x.row(t), body.data() + at.gain0, body.data() + at.shift0);
  }
  const std::vector<float> taps = filter_taps(shape.length, shape.waves);
  for (std::size_t b = 0; b < shape.blocks; ++b) run_block(*this, at.blocks[b], taps, e, b + 1 == shape.blocks ? n - 1 : 0);
  const std::span<const float> last = e.x.row(n - 1);
  return {last.begin(), last.end()};
}

void Transformer::save(ByteWriter& out) const {
  for (const std::size_t n : {shape.items, shape.width, shape.inner, shape.blocks, shape.heads, shape.length, shape.waves}) out.number(static_cast<std::uint64_t>(n));
  out.number(shape.filter_share);
  out.number(static_cast<std::uint8_t>(shape.has_places ? 1 : 0));
  out.matrix(items);
  out.array(std::span<const float>(body));
}

Transformer Transformer::load(ByteReader& in) {
  Transformer t;
  for (std::size_t* n : {&t.shape.items, &t.shape.width, &t.shape.inner, &t.shape.blocks, &t.shape.heads, &t.shape.length, &t.shape.waves})
    *n = static_cast<std::size_t>(in.number<std::uint64_t>());
  t.shape.filter_share = in.number<float>();
  t.shape.has_places = in.number<std::uint8_t>() != 0;
  check_shape(t.shape);
  t.items = in.matrix();
  t.body = in.array<float>();
  if (t.items.rows() != t.shape.items || (t.shape.items > 0 && t.items.cols() != t.shape.width) || t.body.size() != TransformerLayout(t.shape).size)
    throw Error(Code::bad_data, "the sequence model is damaged: its parts do not fit together; fit again");
  return t;
}

}  // namespace attune::model
