// Trainable BERT: texts of a batch lie one after the other without padding; weights stand [inputs, outputs], as products want them.
#include "attune/encode/trainable_bert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/lm/bert.h"
#include "attune/lm/gguf_file.h"
#include "attune/lm/tokenizer.h"
#include "attune/train/products.h"
#include "attune/train/row_kernels.h"
#include "attune/train/text_kernels.h"

namespace attune::encode {
namespace {

constexpr std::uint32_t kF32 = 0, kF16 = 1;   // ggml's numbers

// Rounded to the nearest, ties to even; beyond the range, infinity.
std::uint16_t half_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = (bits >> 16) & 0x8000u, rest = bits & 0x7fffffffu;
  if (rest >= 0x47800000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (rest < 0x38800000u) {   // below the least normal half: a multiple of 2^-24
    const float steps = std::nearbyint(std::bit_cast<float>(rest) * 16777216.0f);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(steps));
  }
  const std::uint32_t rounded = rest + 0xfffu + ((rest >> 13) & 1u);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

// One tensor of the file and where its numbers stand among the weights.
struct Place {
  std::string tensor;
  std::size_t at = 0, inputs = 0, outputs = 0, stride = 0;   // stride: from one input's outputs to the next; inputs 0 = a vector
};

struct LayerAt {
  std::size_t qkv, qkv_bias, out, out_bias, gain1, shift1, up, up_bias, down, down_bias, gain2, shift2;
};

void add_rows(MatrixView rows, std::size_t n, std::span<float> sums) {
  for (std::size_t r = 0; r < n; ++r) train::add(rows.row(r), sums);
}

}  // namespace

struct TrainableBert::State {
  std::shared_ptr<const lm::GgufFile> file;
  std::unique_ptr<const lm::Tokenizer> tokenizer;
  std::string prefix;
  std::size_t dim = 0, inner = 0, heads = 0, layers = 0, positions = 0;
  const lm::GgufTensor* words = nullptr;
  Matrix places;                       // [positions, dim]
  std::vector<float> gain, shift;      // of the embeddings' norm
  std::vector<float> weights;
  std::vector<std::size_t> starts;     // [layers + 1]
  std::vector<LayerAt> at;
  std::vector<Place> tensors;

  std::size_t setting(const char* key) const {
    const double v = file->number(key).value_or(0);
    if (!(v >= 1 && v <= 1 << 20)) file->refuse(std::string("its setting ") + key + " is missing or out of range");
    return static_cast<std::size_t>(v);
  }
  const lm::GgufTensor& tensor(const std::string& name, std::uint64_t elements) const {
    const lm::GgufTensor* found = file->find(name);
    if (found == nullptr) file->refuse("it lacks the tensor '" + name + "'");
    if (found->elements() != elements) file->refuse("tensor '" + name + "' has another shape than its settings say");
    return *found;
  }
  std::vector<float> numbers(const std::string& name, std::uint64_t elements) const {
    std::vector<float> read(elements);
    lm::read_floats(tensor(name, elements), 0, read);
    return read;
  }
  std::size_t place(const std::string& name, std::size_t inputs, std::size_t outputs, std::size_t at_weight, std::size_t stride) {
    const std::size_t elements = std::max<std::size_t>(inputs, 1) * outputs;
    const auto& found = tensor(name, elements);
    if (found.type != kF32 && found.type != kF16)
      throw Error(Code::unsupported, file->path() + " cannot be trained: its layers are packed; take a file with layers in F32 or F16 (minilm.gguf)");
    const std::vector<float> read = numbers(name, elements);
    for (std::size_t o = 0; o < outputs; ++o)
      for (std::size_t i = 0; i < std::max<std::size_t>(inputs, 1); ++i) weights[at_weight + i * stride + o] = read[o * std::max<std::size_t>(inputs, 1) + i];
    tensors.push_back({name, at_weight, inputs, outputs, stride});
    return elements;
  }
  void read_layer(std::size_t l);
};

void TrainableBert::State::read_layer(std::size_t l) {
  const std::string name = "blk." + std::to_string(l) + ".";
  LayerAt a{};
  std::size_t next = weights.size();
  const auto room = [&](std::size_t n) {
    const std::size_t here = next;
    next += n;
    return here;
  };
  a.qkv = room(dim * 3 * dim), a.qkv_bias = room(3 * dim);
  a.out = room(dim * dim), a.out_bias = room(dim), a.gain1 = room(dim), a.shift1 = room(dim);
  a.up = room(dim * inner), a.up_bias = room(inner), a.down = room(inner * dim), a.down_bias = room(dim), a.gain2 = room(dim), a.shift2 = room(dim);
  weights.resize(next);
  const char* parts[] = {"attn_q", "attn_k", "attn_v"};
  for (std::size_t p = 0; p < 3; ++p) {
    place(name + parts[p] + ".weight", dim, dim, a.qkv + p * dim, 3 * dim);
    place(name + parts[p] + ".bias", 0, dim, a.qkv_bias + p * dim, dim);
  }
  const auto linear = [&](const char* what, std::size_t in, std::size_t out, std::size_t w, std::size_t b) {
    place(name + what + ".weight", in, out, w, out);
    place(name + what + ".bias", 0, out, b, out);
  };
  linear("attn_output", dim, dim, a.out, a.out_bias);
  linear("ffn_up", dim, inner, a.up, a.up_bias);
  linear("ffn_down", inner, dim, a.down, a.down_bias);
  place(name + "attn_output_norm.weight", 0, dim, a.gain1, dim);
  place(name + "attn_output_norm.bias", 0, dim, a.shift1, dim);
  place(name + "layer_output_norm.weight", 0, dim, a.gain2, dim);
  place(name + "layer_output_norm.bias", 0, dim, a.shift2, dim);
  at.push_back(a);
}

// Of one layer: what its way back needs.
struct LayerPass {
  Matrix in, qkv, ctx, normal1, mid, pre, act, normal2;
  std::vector<float> attention, inverse1, inverse2;
  std::vector<std::uint8_t> keep1, keep2;   // empty without dropout
};
struct BertPass::State {
  std::vector<std::size_t> first;           // [texts + 1] where each text's tokens begin
  std::vector<LayerPass> layers;
  Matrix out, vectors, projected;           // last layer's output; pooled, of length 1
  std::vector<float> lengths;               // of the pooled sums
  float kept = 1;                           // what a number that was kept is multiplied by
};
BertPass::BertPass() : state_(std::make_unique<State>()) {}
BertPass::~BertPass() = default;
BertPass::BertPass(BertPass&&) noexcept = default;

TrainableBert::TrainableBert(const std::filesystem::path& path, std::string prefix) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.file = std::make_shared<const lm::GgufFile>(path);
  if (!lm::is_bert(*s.file)) throw Error(Code::unsupported, path.string() + " cannot be trained: only encoders of the BERT family can");
  s.tokenizer = lm::make_tokenizer(s.file);
  s.prefix = std::move(prefix);
  s.dim = s.setting("bert.embedding_length"), s.inner = s.setting("bert.feed_forward_length"), s.heads = s.setting("bert.attention.head_count");
  s.layers = s.setting("bert.block_count"), s.positions = s.setting("bert.context_length");
  if (s.dim % s.heads != 0) s.file->refuse("its heads do not divide its width");
  const std::size_t vocabulary = s.file->texts("tokenizer.ggml.tokens").size();
  s.words = &s.tensor("token_embd.weight", s.dim * vocabulary);
  s.places = Matrix(s.positions, s.dim);
  lm::read_floats(s.tensor("position_embd.weight", s.positions * s.dim), 0, s.places.all());
  if (const auto* kinds = s.file->find("token_types.weight")) {
    std::vector<float> kind(s.dim);
    lm::read_floats(*kinds, 0, kind);
    for (std::size_t p = 0; p < s.positions; ++p) axpy(1.0f, kind, s.places.row(p));
  }
  s.gain = s.numbers("token_embd_norm.weight", s.dim), s.shift = s.numbers("token_embd_norm.bias", s.dim);
  for (std::size_t l = 0; l < s.layers; ++l) {
    s.starts.push_back(s.weights.size());
    s.read_layer(l);
  }
  s.starts.push_back(s.weights.size());
}
TrainableBert::~TrainableBert() = default;

std::size_t TrainableBert::dim() const noexcept { return state_->dim; }
std::size_t TrainableBert::layer_count() const noexcept { return state_->layers; }
std::span<float> TrainableBert::weights() noexcept { return state_->weights; }
std::size_t TrainableBert::weights_of(std::size_t layer) const noexcept { return state_->starts[layer]; }

std::vector<std::int32_t> TrainableBert::tokens(const std::string& text) const {
  const State& s = *state_;
  if (s.tokenizer->tokens(text, 3).empty()) return {};
  auto pieces = s.tokenizer->tokens(s.prefix + text, std::min(lm::kMostTokens, s.positions));
  for (const std::int32_t t : pieces)
    if (t < 0 || static_cast<std::uint64_t>(t) * s.dim >= s.words->elements()) s.file->refuse("its vocabulary is larger than its table of vectors");
  return pieces;
}

namespace {

void drop(Matrix& m, std::size_t rows, float kept, Random& random, float dropout, std::vector<std::uint8_t>& keep) {
  const auto bar = static_cast<std::uint8_t>(std::lround(dropout * 256));
  keep.resize(rows * m.cols());
  for (std::size_t i = 0; i < keep.size(); i += 8) {
    std::uint64_t bits = random.next();
    for (std::size_t k = i; k < std::min(keep.size(), i + 8); ++k, bits >>= 8) {
      keep[k] = (bits & 255u) >= bar;
      m.data()[k] = keep[k] != 0 ? m.data()[k] * kept : 0.0f;
    }
  }
}
void drop_back(Matrix& m, std::size_t rows, float kept, const std::vector<std::uint8_t>& keep) {
  if (keep.empty()) return;
  for (std::size_t i = 0; i < rows * m.cols(); ++i) m.data()[i] = keep[i] != 0 ? m.data()[i] * kept : 0.0f;
}
void need(Matrix& m, std::size_t rows, std::size_t cols) {
  if (m.rows() < rows || m.cols() != cols) m = Matrix(rows + rows / 4, cols);
}

}  // namespace

void TrainableBert::forward(std::span<const std::vector<std::int32_t>> batch, float dropout, Random& random, BertPass& pass, Matrix& vectors) const {
  const State& s = *state_;
  BertPass::State& p = *pass.state_;
  Run run;
  run.threads = 1;
  p.first.assign(1, 0);
  for (const auto& text : batch) p.first.push_back(p.first.back() + text.size());
  const std::size_t n = p.first.back(), dim = s.dim, width = dim / s.heads;
  const float bar = std::lround(dropout * 256) / 256.0f;
  p.kept = 1 / (1 - bar);
  p.layers.resize(s.layers);
  std::size_t pairs = 0;
  for (const auto& text : batch) pairs += text.size() * text.size() * s.heads;
  const auto multiply = [&](const Matrix& a, std::size_t inner, std::size_t w, std::size_t bias, std::size_t cols, Matrix& c) {
    for (std::size_t r = 0; r < n; ++r) std::copy_n(s.weights.data() + bias, cols, c.row(r).data());
    train::product({.rows = n, .inner = inner, .cols = cols, .a = a.data(), .b = s.weights.data() + w, .c = c.data(), .add = true}, run);
  };
  need(p.projected, n, dim), need(p.out, n, dim);
  std::vector<float> normal(dim), row(dim);
  for (std::size_t l = 0; l <= s.layers; ++l) need(l < s.layers ? p.layers[l].in : p.out, n, dim);
  Matrix& embedded = s.layers > 0 ? p.layers[0].in : p.out;
  for (std::size_t t = 0; t < batch.size(); ++t)
    for (std::size_t k = 0; k < batch[t].size(); ++k) {
      lm::read_floats(*s.words, static_cast<std::uint64_t>(batch[t][k]) * dim, row);
      axpy(1.0f, s.places.row(k), row);
      train::layer_norm(row, s.gain, s.shift, normal, embedded.row(p.first[t] + k));
    }
  for (std::size_t l = 0; l < s.layers; ++l) {
    LayerPass& y = p.layers[l];
    const LayerAt& a = s.at[l];
    need(y.qkv, n, 3 * dim), need(y.ctx, n, dim), need(y.normal1, n, dim), need(y.mid, n, dim);
    need(y.pre, n, s.inner), need(y.act, n, s.inner), need(y.normal2, n, dim);
    y.attention.resize(pairs), y.inverse1.resize(n), y.inverse2.resize(n);
    y.keep1.clear(), y.keep2.clear();
    multiply(y.in, dim, a.qkv, a.qkv_bias, 3 * dim, y.qkv);
    std::size_t at = 0;
    for (std::size_t t = 0; t < batch.size(); ++t)
      for (std::size_t h = 0; h < s.heads && !batch[t].empty(); ++h) {
        const std::size_t m = batch[t].size();
        const float* q = y.qkv.row(p.first[t]).data() + h * width;
        train::attend_whole({.n = m, .width = width, .stride = 3 * dim, .out_stride = dim, .q = q, .k = q + dim, .v = q + 2 * dim},
                            std::span(y.attention).subspan(at, m * m), y.ctx.row(p.first[t]).data() + h * width);
        at += m * m;
      }
    multiply(y.ctx, dim, a.out, a.out_bias, dim, p.projected);
    if (dropout > 0) drop(p.projected, n, p.kept, random, dropout, y.keep1);
    const auto norm = [&](const Matrix& x, std::size_t gain, std::size_t shift, Matrix& made, std::vector<float>& inverse, Matrix& out) {
      for (std::size_t r = 0; r < n; ++r) {
        train::add(x.row(r), p.projected.row(r));
        inverse[r] = train::layer_norm(p.projected.row(r), std::span(s.weights).subspan(gain, dim), std::span(s.weights).subspan(shift, dim), made.row(r), out.row(r));
      }
    };
    norm(y.in, a.gain1, a.shift1, y.normal1, y.inverse1, y.mid);
    multiply(y.mid, dim, a.up, a.up_bias, s.inner, y.pre);
    train::gelu_erf(y.pre.all().first(n * s.inner), y.act.all().first(n * s.inner));
    multiply(y.act, s.inner, a.down, a.down_bias, dim, p.projected);
    if (dropout > 0) drop(p.projected, n, p.kept, random, dropout, y.keep2);
    norm(y.mid, a.gain2, a.shift2, y.normal2, y.inverse2, l + 1 < s.layers ? p.layers[l + 1].in : p.out);
  }
  p.vectors = Matrix(batch.size(), dim);
  p.lengths.resize(batch.size());
  for (std::size_t t = 0; t < batch.size(); ++t) {
    for (std::size_t k = p.first[t]; k < p.first[t + 1]; ++k) train::add(p.out.row(k), p.vectors.row(t));
    p.lengths[t] = normalise(p.vectors.row(t));
  }
  vectors = p.vectors.clone();
}

void TrainableBert::backward(BertPass& pass, MatrixView by_vectors, std::size_t first_layer, std::span<float> gradient) const {
  const State& s = *state_;
  BertPass::State& p = *pass.state_;
  Run run;
  run.threads = 1;
  const std::size_t n = p.first.back(), dim = s.dim, width = dim / s.heads, texts = p.lengths.size();
  Matrix by_out(n, dim), by_sum(n, dim), by_inner(n, s.inner), by_qkv(n, 3 * dim), by_ctx(n, dim);
  for (std::size_t t = 0; t < texts; ++t) {
    if (p.lengths[t] == 0) continue;
    const auto unit = p.vectors.row(t);
    const float along = dot(unit, by_vectors.row(t));
    for (std::size_t k = p.first[t]; k < p.first[t + 1]; ++k)
      for (std::size_t c = 0; c < dim; ++c) by_out(k, c) = (by_vectors(t, c) - along * unit[c]) / p.lengths[t];
  }
  std::vector<float> room(n);
  for (std::size_t l = s.layers; l-- > first_layer;) {
    LayerPass& y = p.layers[l];
    const LayerAt& a = s.at[l];
    const auto w = [&](std::size_t at) { return s.weights.data() + at; };
    const auto g = [&](std::size_t at, std::size_t count) { return gradient.subspan(at, count); };
    const auto norm_back = [&](const Matrix& normal, const std::vector<float>& inverse, std::size_t gain, std::size_t shift) {
      for (std::size_t r = 0; r < n; ++r)
        train::layer_norm_back(normal.row(r), inverse[r], {w(gain), dim}, by_out.row(r), by_sum.row(r), g(gain, dim), g(shift, dim));
    };
    // c += a' b of the weights, then the slope by the inputs.
    const auto weights_back = [&](const Matrix& in, std::size_t inputs, const Matrix& by, std::size_t outputs, std::size_t at, std::size_t bias) {
      train::product_left_turned({.rows = inputs, .inner = n, .cols = outputs, .a = in.data(), .b = by.data(), .c = gradient.data() + at, .add = true}, run);
      add_rows(by, n, g(bias, outputs));
    };
    const auto inputs_back = [&](const Matrix& by, std::size_t outputs, std::size_t at, std::size_t inputs, Matrix& out, bool add) {
      train::product_right_turned({.rows = n, .inner = outputs, .cols = inputs, .a = by.data(), .b = w(at), .c = out.data(), .add = add}, run);
    };
    norm_back(y.normal2, y.inverse2, a.gain2, a.shift2);
    std::copy(by_sum.all().begin(), by_sum.all().end(), by_out.all().begin());   // the way around the layer
    drop_back(by_sum, n, p.kept, y.keep2);
    weights_back(y.act, s.inner, by_sum, dim, a.down, a.down_bias);
    inputs_back(by_sum, dim, a.down, s.inner, by_inner, false);
    train::gelu_erf_back(y.pre.all().first(n * s.inner), by_inner.all().first(n * s.inner), by_inner.all().first(n * s.inner));
    weights_back(y.mid, dim, by_inner, s.inner, a.up, a.up_bias);
    inputs_back(by_inner, s.inner, a.up, dim, by_out, true);
    norm_back(y.normal1, y.inverse1, a.gain1, a.shift1);
    std::copy(by_sum.all().begin(), by_sum.all().end(), by_out.all().begin());
    drop_back(by_sum, n, p.kept, y.keep1);
    weights_back(y.ctx, dim, by_sum, dim, a.out, a.out_bias);
    inputs_back(by_sum, dim, a.out, dim, by_ctx, false);
    std::fill(by_qkv.all().begin(), by_qkv.all().end(), 0.0f);
    std::size_t at = 0;
    for (std::size_t t = 0; t < texts; ++t) {
      const std::size_t m = p.first[t + 1] - p.first[t];
      for (std::size_t h = 0; h < s.heads && m > 0; ++h) {
        const float* q = y.qkv.row(p.first[t]).data() + h * width;
        float* dq = by_qkv.row(p.first[t]).data() + h * width;
        train::attend_whole_back({.n = m, .width = width, .stride = 3 * dim, .out_stride = dim, .q = q, .k = q + dim, .v = q + 2 * dim},
                                 std::span(y.attention).subspan(at, m * m), by_ctx.row(p.first[t]).data() + h * width, dq, dq + dim, dq + 2 * dim, room);
        at += m * m;
      }
    }
    weights_back(y.in, dim, by_qkv, 3 * dim, a.qkv, a.qkv_bias);
    if (l > first_layer) inputs_back(by_qkv, 3 * dim, a.qkv, dim, by_out, true);
  }
}

void TrainableBert::write(const std::filesystem::path& path) const {
  const State& s = *state_;
  const auto whole = s.file->content();
  std::string bytes(reinterpret_cast<const char*>(whole.data()), whole.size());
  for (const Place& place : s.tensors) {
    const lm::GgufTensor& tensor = *s.file->find(place.tensor);
    char* to = bytes.data() + (tensor.bytes.data() - whole.data());
    const std::size_t inputs = std::max<std::size_t>(place.inputs, 1);
    for (std::size_t o = 0; o < place.outputs; ++o)
      for (std::size_t i = 0; i < inputs; ++i) {
        const float value = s.weights[place.at + i * place.stride + o];
        if (tensor.type == kF32) std::memcpy(to, &value, 4), to += 4;
        else {
          const std::uint16_t half = half_of(value);
          std::memcpy(to, &half, 2), to += 2;
        }
      }
  }
  write_file(path, bytes);
}

}  // namespace attune::encode
