// Sequence batch: see the header. Names of gradients begin with d.
#include "attune/model/sequence_batch.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/train/products.h"
#include "attune/train/row_kernels.h"

namespace attune::model {
namespace {

constexpr std::size_t kShardPlaces = 256;   // enough work to be worth handing out

void fit_to(std::vector<float>& v, std::size_t size) {
  if (v.size() < size) v.resize(size + size / 4);
}
std::span<float> row_of(std::vector<float>& v, std::size_t row, std::size_t width) { return {v.data() + row * width, width}; }
std::span<const float> weights_of(const Transformer& model, std::size_t begin, std::size_t count) { return {model.body.data() + begin, count}; }

// 0 with probability `share`, else 1 / (1 - share): four entries from each random number.
void draw_mask(Random& random, float share, std::span<float> out) {
  const auto bar = static_cast<std::uint32_t>(share * 65536.0f);
  const float kept = 1.0f / (1.0f - static_cast<float>(bar) / 65536.0f);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 4 == 0) bits = random.next();
    out[i] = static_cast<std::uint32_t>(bits & 0xffff) < bar ? 0.0f : kept;
    bits >>= 16;
  }
}

Random stream(std::uint64_t seed, std::size_t site, std::size_t place) {
  return Random(seed * 0x9e3779b97f4a7c15u + site * 0xd1342543de82ef95u + place);
}

void add_columns(std::span<const float> rows, std::size_t count, std::size_t width, float* out) {
  for (std::size_t r = 0; r < count; ++r) train::add(rows.subspan(r * width, width), {out, width});
}

}  // namespace

void SequenceBatch::clear() {
  inputs.clear();
  targets.clear();
  offsets.assign(1, 0);
}
void SequenceBatch::push_back(std::span<const std::uint32_t> input, std::span<const std::uint32_t> target) {
  inputs.insert(inputs.end(), input.begin(), input.end());
  targets.insert(targets.end(), target.begin(), target.end());
  offsets.push_back(inputs.size());
}

SequencePass::SequencePass(const TransformerShape& shape) : shape_(shape), at_(shape), taps_(filter_taps(shape.length, shape.waves)), blocks_(shape.blocks) {}

void SequencePass::lay_out(const SequenceBatch& batch, const Dropout& dropout) {
  dropout_ = dropout;
  shards_.clear();
  weights_at_.assign(1, 0);
  for (std::size_t s = 0, first = 0; s < batch.sequences(); ++s) {
    const std::size_t n = batch.offsets[s + 1] - batch.offsets[s];
    ATTUNE_ASSERT(n <= shape_.length, "a sequence of a batch is no longer than the model reads");
    weights_at_.push_back(weights_at_.back() + shape_.heads * n * n);
    if (batch.offsets[s + 1] - batch.offsets[first] < kShardPlaces && s + 1 < batch.sequences()) continue;
    shards_.push_back({first, s + 1});
    first = s + 1;
  }
  const std::size_t n = batch.places(), d = shape_.width;
  for (std::vector<float>* v : {&normal0_, &states_, &scratch_, &dh_, &dx_, &dcontext_}) fit_to(*v, n * d);
  fit_to(sd0_, n);
  for (Block& k : blocks_) {
    for (std::vector<float>* v : {&k.x, &k.context, &k.normal1, &k.h, &k.normal2}) fit_to(*v, n * d);
    for (std::vector<float>* v : {&k.sd1, &k.sd2}) fit_to(*v, n);
    fit_to(k.qkv, 3 * n * d);
    fit_to(k.weights, weights_at_.back());
    for (std::vector<float>* v : {&k.u, &k.g}) fit_to(*v, n * shape_.inner);
    if (shape_.filter_share > 0) {
      for (std::vector<float>* v : {&k.low, &k.normal_f}) fit_to(*v, n * d);
      fit_to(k.sd_f, n);
    }
    if (dropout.attention > 0) fit_to(k.keep_attention, weights_at_.back());
    if (dropout.hidden > 0) {
      fit_to(k.keep_out, n * d);
      fit_to(k.keep_back, n * d);
      if (shape_.filter_share > 0) fit_to(k.keep_filter, n * d);
    }
  }
  if (dropout.hidden > 0) fit_to(keep0_, n * d);
}

// body(shard number, first sequence, last, first place, last)
template <class Body>
void SequencePass::for_shards(const SequenceBatch& batch, const Run& run, const Body& body) {
  parallel_for(0, shards_.size(), 1, run, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k)
      body(k, shards_[k].first, shards_[k].last, batch.offsets[shards_[k].first], batch.offsets[shards_[k].last]);
  });
}

std::span<const float> SequencePass::forward(const Transformer& model, const SequenceBatch& batch, const Dropout& dropout, const Run& run) {
  lay_out(batch, dropout);
  embed(model, batch, run);
  for (std::size_t b = 0; b < shape_.blocks; ++b) forward_block(model, batch, b, b + 1 == shape_.blocks ? states_ : blocks_[b + 1].x, run);
  return {states_.data(), batch.places() * shape_.width};
}

void SequencePass::embed(const Transformer& model, const SequenceBatch& batch, const Run& run) {
  const std::size_t d = shape_.width;
  std::vector<float>& out = shape_.blocks == 0 ? states_ : blocks_[0].x;
  for_shards(batch, run, [&](std::size_t, std::size_t first, std::size_t last, std::size_t, std::size_t) {
    std::vector<float> x(d);
    for (std::size_t s = first; s < last; ++s)
      for (std::size_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t) {
        std::copy_n(model.items.row(batch.inputs[t]).data(), d, x.data());
        if (shape_.has_places) train::add(weights_of(model, at_.places + (shape_.length - (batch.offsets[s + 1] - t)) * d, d), x);
        sd0_[t] = train::layer_norm(x, weights_of(model, at_.gain0, d), weights_of(model, at_.shift0, d), row_of(normal0_, t, d), row_of(out, t, d));
        if (dropout_.hidden <= 0) continue;
        Random random = stream(dropout_.seed, 0, t);
        draw_mask(random, dropout_.hidden, row_of(keep0_, t, d));
        train::times(row_of(out, t, d), row_of(keep0_, t, d), row_of(out, t, d));
      }
  });
}

void SequencePass::draw_masks(std::size_t b, std::size_t first_place, std::size_t last_place) {
  if (dropout_.hidden <= 0) return;
  Block& k = blocks_[b];
  for (std::size_t t = first_place; t < last_place; ++t) {
    Random random = stream(dropout_.seed, 1 + 2 * b, t);
    draw_mask(random, dropout_.hidden, row_of(k.keep_out, t, shape_.width));
    draw_mask(random, dropout_.hidden, row_of(k.keep_back, t, shape_.width));
    if (shape_.filter_share > 0) draw_mask(random, dropout_.hidden, row_of(k.keep_filter, t, shape_.width));
  }
}

void SequencePass::attend_sequence(const Transformer& model, std::size_t b, std::size_t first, std::size_t n, std::size_t weights_at) {
  Block& k = blocks_[b];
  const std::size_t d = shape_.width, width = d / shape_.heads;
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    const std::span<float> weights{k.weights.data() + weights_at + h * n * n, n * n};
    std::span<float> keep;
    if (dropout_.attention > 0) {
      keep = {k.keep_attention.data() + weights_at + h * n * n, n * n};
      Random random = stream(dropout_.seed, 2 + 2 * b, first * shape_.heads + h);
      for (std::size_t t = 0; t < n; ++t) draw_mask(random, dropout_.attention, keep.subspan(t * n, t + 1));
    }
    const float* q = k.qkv.data() + first * 3 * d + h * width;
    train::attend({.n = n, .width = width, .stride = 3 * d, .out_stride = d, .q = q, .k = q + d, .v = q + 2 * d,
                   .bias = weights_of(model, at_.blocks[b].distance + h * shape_.length, n), .keep = keep},
                  weights, k.context.data() + first * d + h * width);
  }
}

void SequencePass::forward_block(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::vector<float>& out, const Run& run) {
  Block& k = blocks_[b];
  const TransformerLayout::Block& at = at_.blocks[b];
  const std::size_t n = batch.places(), d = shape_.width, inner = shape_.inner;
  const float* w = model.body.data();
  train::product({.rows = n, .inner = d, .cols = 3 * d, .a = k.x.data(), .b = w + at.qkv, .c = k.qkv.data()}, run);
  for_shards(batch, run, [&](std::size_t, std::size_t first, std::size_t last, std::size_t first_place, std::size_t last_place) {
    for (std::size_t t = first_place; t < last_place; ++t) train::add({w + at.qkv_shift, 3 * d}, row_of(k.qkv, t, 3 * d));
    for (std::size_t s = first; s < last; ++s) {
      const std::size_t begin = batch.offsets[s], length = batch.offsets[s + 1] - begin;
      attend_sequence(model, b, begin, length, weights_at_[s]);
      if (shape_.filter_share > 0) train::filter(taps_, length, d, k.x.data() + begin * d, k.low.data() + begin * d);
    }
    draw_masks(b, first_place, last_place);
  });
  train::product({.rows = n, .inner = d, .cols = d, .a = k.context.data(), .b = w + at.out, .c = k.h.data()}, run);
  for_shards(batch, run, [&](std::size_t, std::size_t, std::size_t, std::size_t first_place, std::size_t last_place) {
    std::vector<float> f(d);
    for (std::size_t t = first_place; t < last_place; ++t) {
      const std::span<float> h = row_of(k.h, t, d), x = row_of(k.x, t, d);
      train::add({w + at.out_shift, d}, h);
      if (dropout_.hidden > 0) train::times(h, row_of(k.keep_out, t, d), h);
      train::add(x, h);
      k.sd1[t] = train::layer_norm(h, {w + at.gain1, d}, {w + at.shift1, d}, row_of(k.normal1, t, d), h);
      if (shape_.filter_share <= 0) continue;
      const std::span<const float> low = row_of(k.low, t, d);
      for (std::size_t c = 0; c < d; ++c) f[c] = low[c] + w[at.high + c] * w[at.high + c] * (x[c] - low[c]);
      if (dropout_.hidden > 0) train::times(f, row_of(k.keep_filter, t, d), f);
      train::add(x, f);
      k.sd_f[t] = train::layer_norm(f, {w + at.gain_f, d}, {w + at.shift_f, d}, row_of(k.normal_f, t, d), f);
      for (std::size_t c = 0; c < d; ++c) h[c] = shape_.filter_share * f[c] + (1 - shape_.filter_share) * h[c];
    }
  });
  train::product({.rows = n, .inner = d, .cols = inner, .a = k.h.data(), .b = w + at.in, .c = k.u.data()}, run);
  for_shards(batch, run, [&](std::size_t, std::size_t, std::size_t, std::size_t first_place, std::size_t last_place) {
    for (std::size_t t = first_place; t < last_place; ++t) {
      train::add({w + at.in_shift, inner}, row_of(k.u, t, inner));
      train::gelu(row_of(k.u, t, inner), row_of(k.g, t, inner));
    }
  });
  train::product({.rows = n, .inner = inner, .cols = d, .a = k.g.data(), .b = w + at.back, .c = out.data()}, run);
  for_shards(batch, run, [&](std::size_t, std::size_t, std::size_t, std::size_t first_place, std::size_t last_place) {
    for (std::size_t t = first_place; t < last_place; ++t) {
      const std::span<float> y = row_of(out, t, d);
      train::add({w + at.back_shift, d}, y);
      if (dropout_.hidden > 0) train::times(y, row_of(k.keep_back, t, d), y);
      train::add(row_of(k.h, t, d), y);
      k.sd2[t] = train::layer_norm(y, {w + at.gain2, d}, {w + at.shift2, d}, row_of(k.normal2, t, d), y);
    }
  });
}

void SequencePass::backward(const Transformer& model, const SequenceBatch& batch, std::span<float> dstates, std::span<float> dbody, Matrix& ditems, const Run& run) {
  std::copy(dstates.begin(), dstates.end(), dx_.begin());
  for (std::size_t b = shape_.blocks; b-- > 0;) backward_block(model, batch, b, dbody, run);
  embed_back(model, batch, dbody, ditems, run);
}

// dx_ holds the gradient of the block's output and afterwards that of its input.
void SequencePass::backward_block(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run) {
  const std::size_t n = batch.places();
  fit_to(du_, n * shape_.inner);
  fit_to(dqkv_, n * 3 * shape_.width);
  fit_to(dlow_, n * shape_.width);
  inner_back(model, batch, b, dbody, run);
  norms_back(model, batch, b, dbody, run);
  attention_back(model, batch, b, dbody, run);
}

// What each shard adds to the small weights goes to its own row, in slots of `width` numbers, and is summed in their order.
std::size_t SequencePass::partial_size() const { return 5 * shape_.width + shape_.heads * shape_.length; }
std::span<float> SequencePass::partial(std::size_t shard, std::size_t slot) { return {partial_.data() + shard * partial_size() + slot * shape_.width, shape_.width}; }
void SequencePass::collect(std::size_t slot, std::size_t count, std::span<float> out) {
  for (std::size_t s = 0; s < shards_.size(); ++s) train::add({partial(s, slot).data(), count}, out.first(count));
}

// From dx_ through the last norm and the inner layer: dh_ becomes the gradient of h.
void SequencePass::inner_back(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run) {
  Block& k = blocks_[b];
  const TransformerLayout::Block& at = at_.blocks[b];
  const std::size_t n = batch.places(), d = shape_.width, inner = shape_.inner;
  const float* w = model.body.data();
  partial_.assign(shards_.size() * partial_size(), 0.0f);
  for_shards(batch, run, [&](std::size_t shard, std::size_t, std::size_t, std::size_t first_place, std::size_t last_place) {
    for (std::size_t t = first_place; t < last_place; ++t) {
      const std::span<float> dh = row_of(dh_, t, d), dv = row_of(scratch_, t, d);   // of the sum, and of W_2 g
      train::layer_norm_back(row_of(k.normal2, t, d), k.sd2[t], {w + at.gain2, d}, row_of(dx_, t, d), dh, partial(shard, 0), partial(shard, 1));
      if (dropout_.hidden > 0) train::times(dh, row_of(k.keep_back, t, d), dv);
      else std::copy_n(dh.data(), d, dv.data());
      train::add(dv, partial(shard, 2));
    }
  });
  collect(0, d, dbody.subspan(at.gain2));
  collect(1, d, dbody.subspan(at.shift2));
  collect(2, d, dbody.subspan(at.back_shift));
  train::product_left_turned({.rows = inner, .inner = n, .cols = d, .a = k.g.data(), .b = scratch_.data(), .c = dbody.data() + at.back, .add = true}, run);
  train::product_right_turned({.rows = n, .inner = d, .cols = inner, .a = scratch_.data(), .b = w + at.back, .c = du_.data()}, run);
  for_shards(batch, run, [&](std::size_t, std::size_t, std::size_t, std::size_t first_place, std::size_t last_place) {
    const std::size_t begin = first_place * inner, count = (last_place - first_place) * inner;
    train::gelu_back({k.u.data() + begin, count}, {du_.data() + begin, count}, {du_.data() + begin, count});
  });
  add_columns(du_, n, inner, dbody.data() + at.in_shift);
  train::product_left_turned({.rows = d, .inner = n, .cols = inner, .a = k.h.data(), .b = du_.data(), .c = dbody.data() + at.in, .add = true}, run);
  train::product_right_turned({.rows = n, .inner = inner, .cols = d, .a = du_.data(), .b = w + at.in, .c = dh_.data(), .add = true}, run);
}

// From dh_ through the first norm and the filter: dx_ becomes what reaches x beside attention, scratch_ the gradient of W_o context.
void SequencePass::norms_back(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run) {
  Block& k = blocks_[b];
  const TransformerLayout::Block& at = at_.blocks[b];
  const std::size_t d = shape_.width;
  const float* w = model.body.data();
  const bool has_filter = shape_.filter_share > 0, drops = dropout_.hidden > 0;
  partial_.assign(shards_.size() * partial_size(), 0.0f);
  for_shards(batch, run, [&](std::size_t shard, std::size_t first, std::size_t last, std::size_t first_place, std::size_t last_place) {
    std::vector<float> dy(d), df(d);
    for (std::size_t t = first_place; t < last_place; ++t) {
      const std::span<float> dx = row_of(dx_, t, d), da = row_of(scratch_, t, d), dh = row_of(dh_, t, d), x = row_of(k.x, t, d);
      for (std::size_t c = 0; c < d; ++c) dy[c] = (1 - shape_.filter_share) * dh[c];
      train::layer_norm_back(row_of(k.normal1, t, d), k.sd1[t], {w + at.gain1, d}, dy, dx, partial(shard, 0), partial(shard, 1));
      if (drops) train::times(dx, row_of(k.keep_out, t, d), da);
      else std::copy_n(dx.data(), d, da.data());
      if (!has_filter) continue;
      for (std::size_t c = 0; c < d; ++c) dy[c] = shape_.filter_share * dh[c];
      train::layer_norm_back(row_of(k.normal_f, t, d), k.sd_f[t], {w + at.gain_f, d}, dy, df, partial(shard, 2), partial(shard, 3));
      train::add(df, dx);
      if (drops) train::times(df, row_of(k.keep_filter, t, d), df);
      const std::span<float> dlow = row_of(dlow_, t, d), dhigh = partial(shard, 4);
      const std::span<const float> low = row_of(k.low, t, d);
      for (std::size_t c = 0; c < d; ++c) {
        const float high = w[at.high + c];
        dhigh[c] += 2 * high * (x[c] - low[c]) * df[c];
        dlow[c] = (1 - high * high) * df[c];
        dx[c] += high * high * df[c];
      }
    }
    if (!has_filter) return;
    for (std::size_t s = first; s < last; ++s)
      train::filter_back(taps_, batch.offsets[s + 1] - batch.offsets[s], d, dlow_.data() + batch.offsets[s] * d, dx_.data() + batch.offsets[s] * d);
  });
  collect(0, d, dbody.subspan(at.gain1));
  collect(1, d, dbody.subspan(at.shift1));
  if (!has_filter) return;
  collect(2, d, dbody.subspan(at.gain_f));
  collect(3, d, dbody.subspan(at.shift_f));
  collect(4, d, dbody.subspan(at.high));
}

// From scratch_ through W_o and attention: added to dx_.
void SequencePass::attention_back(const Transformer& model, const SequenceBatch& batch, std::size_t b, std::span<float> dbody, const Run& run) {
  Block& k = blocks_[b];
  const TransformerLayout::Block& at = at_.blocks[b];
  const std::size_t n = batch.places(), d = shape_.width, width = d / shape_.heads;
  const float* w = model.body.data();
  add_columns(scratch_, n, d, dbody.data() + at.out_shift);
  train::product_left_turned({.rows = d, .inner = n, .cols = d, .a = k.context.data(), .b = scratch_.data(), .c = dbody.data() + at.out, .add = true}, run);
  train::product_right_turned({.rows = n, .inner = d, .cols = d, .a = scratch_.data(), .b = w + at.out, .c = dcontext_.data()}, run);
  partial_.assign(shards_.size() * partial_size(), 0.0f);
  for_shards(batch, run, [&](std::size_t shard, std::size_t first, std::size_t last, std::size_t first_place, std::size_t last_place) {
    std::fill(dqkv_.begin() + static_cast<std::ptrdiff_t>(first_place * 3 * d), dqkv_.begin() + static_cast<std::ptrdiff_t>(last_place * 3 * d), 0.0f);
    std::vector<float> room(shape_.length);
    for (std::size_t s = first; s < last; ++s) {
      const std::size_t begin = batch.offsets[s], length = batch.offsets[s + 1] - begin;
      for (std::size_t h = 0; h < shape_.heads; ++h) {
        const std::size_t place = weights_at_[s] + h * length * length;
        const float* q = k.qkv.data() + begin * 3 * d + h * width;
        float* dq = dqkv_.data() + begin * 3 * d + h * width;
        std::span<const float> keep;
        if (dropout_.attention > 0) keep = {k.keep_attention.data() + place, length * length};
        train::attend_back({.n = length, .width = width, .stride = 3 * d, .out_stride = d, .q = q, .k = q + d, .v = q + 2 * d,
                            .bias = weights_of(model, at.distance + h * shape_.length, length), .keep = keep},
                           {k.weights.data() + place, length * length}, dcontext_.data() + begin * d + h * width, dq, dq + d, dq + 2 * d,
                           {partial(shard, 5).data() + h * shape_.length, length}, room);
      }
    }
  });
  collect(5, shape_.heads * shape_.length, dbody.subspan(at.distance));
  add_columns(dqkv_, n, 3 * d, dbody.data() + at.qkv_shift);
  train::product_left_turned({.rows = d, .inner = n, .cols = 3 * d, .a = k.x.data(), .b = dqkv_.data(), .c = dbody.data() + at.qkv, .add = true}, run);
  train::product_right_turned({.rows = n, .inner = 3 * d, .cols = d, .a = dqkv_.data(), .b = w + at.qkv, .c = dx_.data(), .add = true}, run);
}

void SequencePass::embed_back(const Transformer& model, const SequenceBatch& batch, std::span<float> dbody, Matrix& ditems, const Run& run) {
  const std::size_t d = shape_.width;
  partial_.assign(shards_.size() * 2 * d, 0.0f);
  for_shards(batch, run, [&](std::size_t shard, std::size_t, std::size_t, std::size_t first_place, std::size_t last_place) {
    for (std::size_t t = first_place; t < last_place; ++t) {
      const std::span<float> dx = row_of(dx_, t, d);
      if (dropout_.hidden > 0) train::times(dx, row_of(keep0_, t, d), dx);
      train::layer_norm_back(row_of(normal0_, t, d), sd0_[t], weights_of(model, at_.gain0, d), dx, row_of(dh_, t, d), row_of(partial_, 2 * shard, d), row_of(partial_, 2 * shard + 1, d));
    }
  });
  for (std::size_t s = 0; s < shards_.size(); ++s) {
    train::add(row_of(partial_, 2 * s, d), dbody.subspan(at_.gain0, d));
    train::add(row_of(partial_, 2 * s + 1, d), dbody.subspan(at_.shift0, d));
  }
  for (std::size_t s = 0; s < batch.sequences(); ++s)
    for (std::size_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t) {
      train::add(row_of(dh_, t, d), ditems.row(batch.inputs[t]));
      if (shape_.has_places) train::add(row_of(dh_, t, d), dbody.subspan(at_.places + (shape_.length - (batch.offsets[s + 1] - t)) * d, d));
    }
}

}  // namespace attune::model
