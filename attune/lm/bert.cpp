// BERT: sequences sorted by length, packed into batches without padding; each thread takes batch after batch through all layers, so
// threads never wait for each other and a batch's numbers stay in its core's cache.
#include "attune/lm/bert.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/lm/bert_kernels.h"
#include "attune/lm/tokenizer.h"

namespace attune::lm {
namespace {

// Rows that go through the feed-forward part together: their [96, 4 dim] stay in the second-level cache.
constexpr std::size_t kBlockRows = 96;
// Tokens of a batch, unless one text is longer: large enough that reading the weights costs nothing beside using them.
constexpr std::size_t kBatchTokens = 288, kLeastBatchTokens = 48;
// "2": what is done to a text before it is read; raise it when that changes, and cached vectors are made anew.
constexpr const char* kReading = "attune-bert-2";

struct Norm {
  std::vector<float> gain, shift;
};
struct Layer {
  PackedWeights qkv, out, up, down;
  Norm after_attention, after_feed;
};

// Reads tensors by name, checked for shape and for numbers that are none.
class Tensors {
 public:
  explicit Tensors(const GgufFile& file) : file_(file) {}
  const GgufTensor& at(const std::string& name, std::vector<std::uint64_t> shape) const {
    const GgufTensor* tensor = file_.find(name);
    if (tensor == nullptr) file_.refuse("it lacks the tensor '" + name + "'");
    if (tensor->shape != shape) file_.refuse("tensor '" + name + "' has another shape than its settings say");
    if (!can_read(tensor->type)) file_.refuse("tensor '" + name + "' is in a format that is not read here");
    return *tensor;
  }
  Matrix matrix(const std::string& name, std::size_t rows, std::size_t cols) const {
    Matrix m(rows, cols);
    read_floats(at(name, {cols, rows}), 0, m.all());
    check(name, m.all());
    return m;
  }
  std::vector<float> vector(const std::string& name, std::size_t n) const {
    std::vector<float> v(n);
    read_floats(at(name, {n}), 0, v);
    check(name, v);
    return v;
  }
  Norm norm(const std::string& name, std::size_t n) const { return {vector(name + ".weight", n), vector(name + ".bias", n)}; }
  PackedWeights linear(const std::string& name, std::size_t out, std::size_t in) const {
    return PackedWeights(matrix(name + ".weight", out, in), vector(name + ".bias", out));
  }

 private:
  void check(const std::string& name, std::span<const float> xs) const {
    for (const float x : xs)
      if (!(std::abs(x) < 1e6f)) file_.refuse("tensor '" + name + "' holds numbers that no weight has");
  }
  const GgufFile& file_;
};

struct Scratch {
  Matrix x, qkv, mixed, projected, inner, fed;
  std::vector<float> attention;
};

class Bert final : public LanguageModel {
 public:
  Bert(std::shared_ptr<const GgufFile> file, std::string name, std::string prefix)
      : file_(std::move(file)), tokenizer_(make_tokenizer(file_)), name_(std::move(name)), prefix_(std::move(prefix)) {
    dim_ = setting("bert.embedding_length", 1, 8192);
    inner_ = setting("bert.feed_forward_length", 1, 65536);
    heads_ = setting("bert.attention.head_count", 1, 1024);
    const std::size_t layers = setting("bert.block_count", 1, 256);
    positions_ = setting("bert.context_length", 3, 1 << 20);
    eps_ = static_cast<float>(file_->number("bert.attention.layer_norm_epsilon").value_or(1e-12));
    if (!(eps_ >= 0 && eps_ < 1)) file_->refuse("its bert.attention.layer_norm_epsilon is no small number");
    if (dim_ % heads_ != 0) file_->refuse("its heads do not divide its width");
    if (dim_ % kTileCols != 0 || inner_ % kTileCols != 0) file_->refuse("its width is no multiple of 32");
    most_ = std::min(kMostTokens, positions_);
    fingerprint_ = file_->fingerprint() + "/" + kReading + "/" + prefix_;
    read_embeddings();
    for (std::size_t l = 0; l < layers; ++l) layers_.push_back(read_layer(l));
  }

  std::string name() const override { return name_; }
  std::string fingerprint() const override { return fingerprint_; }
  std::size_t dim() const override { return dim_; }
  Matrix embed(std::span<const std::string> texts, const Run& run) const override;
  std::string generate(const std::string&, const GenerateOptions&, const Run&) const override { lacks("generate"); }
  std::vector<float> score(const std::string&, std::span<const std::string>, const Run&) const override { lacks("score"); }

 private:
  struct Sequence {
    std::size_t row = 0;
    std::vector<std::int32_t> tokens;
  };

  [[noreturn]] void lacks(const std::string& verb) const {
    throw Error(Code::unsupported, "the model '" + name_ + "' reads texts and cannot " + verb + "; a generator such as smollm2 can (open its .gguf file)");
  }
  std::size_t setting(const char* key, std::size_t least, std::size_t most) const {
    const double v = file_->number(key).value_or(-1);
    if (!(v >= static_cast<double>(least) && v <= static_cast<double>(most)) || v != std::floor(v))
      file_->refuse(std::string("its setting ") + key + " is missing or out of range");
    return static_cast<std::size_t>(v);
  }
  void read_embeddings();
  Layer read_layer(std::size_t l) const;
  std::vector<Sequence> read(std::span<const std::string> texts, const Run& run) const;
  void forward(std::span<const Sequence> batch, Scratch& s, Matrix& out) const;
  void look_up(std::span<const Sequence> batch, Scratch& s) const;
  void pass(const Layer& layer, std::span<const Sequence> batch, std::size_t tokens, Scratch& s) const;

  std::shared_ptr<const GgufFile> file_;  // token vectors are read from it word by word: the large table stays packed
  std::unique_ptr<const Tokenizer> tokenizer_;
  std::string name_, prefix_, fingerprint_;
  std::size_t dim_ = 0, inner_ = 0, heads_ = 0, positions_ = 0, most_ = 0, vocabulary_ = 0;
  float eps_ = 0;
  const GgufTensor* words_ = nullptr;
  Matrix places_;  // position and sentence kind added, [positions, dim]
  Norm embedding_norm_;
  std::vector<Layer> layers_;
};

void Bert::read_embeddings() {
  const Tensors tensors(*file_);
  vocabulary_ = file_->texts("tokenizer.ggml.tokens").size();
  words_ = &tensors.at("token_embd.weight", {dim_, vocabulary_});
  places_ = tensors.matrix("position_embd.weight", positions_, dim_);
  if (const GgufTensor* kinds = file_->find("token_types.weight"); kinds != nullptr) {
    const Matrix kind = tensors.matrix("token_types.weight", kinds->elements() / dim_, dim_);
    for (std::size_t p = 0; p < positions_; ++p) axpy(1.0f, kind.row(0), places_.row(p));
  }
  embedding_norm_ = tensors.norm("token_embd_norm", dim_);
}

Layer Bert::read_layer(std::size_t l) const {
  const Tensors tensors(*file_);
  const std::string at = "blk." + std::to_string(l) + ".";
  // One product for query, key and value; the query's part carries attention's 1 / sqrt(head_dim).
  Matrix qkv(3 * dim_, dim_);
  std::vector<float> bias;
  const char* names[] = {"attn_q", "attn_k", "attn_v"};
  for (std::size_t part = 0; part < 3; ++part) {
    const float scale = part == 0 ? 1.0f / std::sqrt(static_cast<float>(dim_ / heads_)) : 1.0f;
    const Matrix weight = tensors.matrix(at + names[part] + ".weight", dim_, dim_);
    for (std::size_t r = 0; r < dim_; ++r) axpy(scale, weight.row(r), qkv.row(part * dim_ + r));
    for (const float b : tensors.vector(at + names[part] + ".bias", dim_)) bias.push_back(scale * b);
  }
  return {PackedWeights(qkv, bias),
          tensors.linear(at + "attn_output", dim_, dim_),
          tensors.linear(at + "ffn_up", inner_, dim_),
          tensors.linear(at + "ffn_down", dim_, inner_),
          tensors.norm(at + "attn_output_norm", dim_),
          tensors.norm(at + "layer_output_norm", dim_)};
}

// Texts with something to read, longest first.
std::vector<Bert::Sequence> Bert::read(std::span<const std::string> texts, const Run& run) const {
  std::vector<Sequence> sequences(texts.size());
  parallel_for(0, texts.size(), 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      sequences[i].row = i;
      const bool blank = tokenizer_->tokens(texts[i], 3).empty();  // the prefix alone says nothing
      if (!blank) sequences[i].tokens = tokenizer_->tokens(prefix_.empty() ? texts[i] : prefix_ + texts[i], most_);
    }
  });
  std::erase_if(sequences, [](const Sequence& s) { return s.tokens.empty(); });
  for (const Sequence& s : sequences)
    for (const std::int32_t t : s.tokens)
      if (t < 0 || static_cast<std::size_t>(t) >= vocabulary_) file_->refuse("its vocabulary is larger than its table of vectors");
  std::stable_sort(sequences.begin(), sequences.end(), [](const Sequence& a, const Sequence& b) { return a.tokens.size() > b.tokens.size(); });
  return sequences;
}

Matrix Bert::embed(std::span<const std::string> texts, const Run& run) const {
  Matrix out(texts.size(), dim_);
  const std::vector<Sequence> sequences = read(texts, run);
  std::size_t tokens = 0;
  for (const Sequence& s : sequences) tokens += s.tokens.size();
  const auto threads = static_cast<std::size_t>(run.threads > 0 ? run.threads : core_count());
  const std::size_t budget = std::clamp(tokens / threads + 1, kLeastBatchTokens, kBatchTokens);
  std::vector<std::size_t> starts = {0};
  std::size_t held = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (held > 0 && held + sequences[i].tokens.size() > budget) {
      starts.push_back(i);
      held = 0;
    }
    held += sequences[i].tokens.size();
  }
  starts.push_back(sequences.size());

  std::atomic<std::size_t> next{0};
  std::mutex reporting;
  std::size_t done = texts.size() - sequences.size();
  parallel_for(0, std::min(threads, starts.size() - 1), 1, run, [&](std::size_t, std::size_t) {
    Scratch scratch;
    for (std::size_t b = next++; b + 1 < starts.size(); b = next++) {
      run.check();
      const auto batch = std::span(sequences).subspan(starts[b], starts[b + 1] - starts[b]);
      if (batch.empty()) continue;
      forward(batch, scratch, out);
      const std::lock_guard lock(reporting);
      done += batch.size();
      run.report("reading texts", done, texts.size());
    }
  });
  return out;
}

void Bert::forward(std::span<const Sequence> batch, Scratch& s, Matrix& out) const {
  std::size_t tokens = 0;
  for (const Sequence& q : batch) tokens += q.tokens.size();
  const std::size_t rows = padded_rows(tokens), block = std::min(rows, kBlockRows);
  if (s.x.rows() < rows) s.x = Matrix(rows, dim_), s.qkv = Matrix(rows, 3 * dim_), s.mixed = Matrix(rows, dim_);
  if (s.inner.rows() < block) s.projected = Matrix(block, dim_), s.inner = Matrix(block, inner_), s.fed = Matrix(block, dim_);
  s.attention.resize(std::max(s.attention.size(), attention_scratch(batch.front().tokens.size(), dim_ / heads_)));
  look_up(batch, s);
  for (const Layer& layer : layers_) pass(layer, batch, tokens, s);
  std::size_t row = 0;
  for (const Sequence& q : batch) {
    const auto vector = out.row(q.row);
    for (std::size_t t = 0; t < q.tokens.size(); ++t) axpy(1.0f, s.x.row(row++), vector);
    normalise(vector);
  }
}

void Bert::look_up(std::span<const Sequence> batch, Scratch& s) const {
  std::size_t row = 0;
  for (const Sequence& q : batch)
    for (std::size_t p = 0; p < q.tokens.size(); ++p, ++row) {
      read_floats(*words_, static_cast<std::uint64_t>(q.tokens[p]) * dim_, s.x.row(row));
      axpy(1.0f, places_.row(p), s.x.row(row));
    }
  add_and_normalise(s.x.data(), nullptr, row, dim_, embedding_norm_.gain.data(), embedding_norm_.shift.data(), eps_);
}

void Bert::pass(const Layer& layer, std::span<const Sequence> batch, std::size_t tokens, Scratch& s) const {
  for (std::size_t r = 0; r < tokens; r += kBlockRows)
    product(s.x.row(r).data(), std::min(kBlockRows, tokens - r), layer.qkv, Then::nothing, s.qkv.row(r).data());
  std::size_t row = 0;
  for (const Sequence& q : batch) {
    attention(s.qkv.row(row).data(), q.tokens.size(), heads_, dim_ / heads_, s.mixed.row(row).data(), s.attention);
    row += q.tokens.size();
  }
  for (std::size_t r = 0; r < tokens; r += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, tokens - r);
    float* x = s.x.row(r).data();
    product(s.mixed.row(r).data(), rows, layer.out, Then::nothing, s.projected.data());
    add_and_normalise(x, s.projected.data(), rows, dim_, layer.after_attention.gain.data(), layer.after_attention.shift.data(), eps_);
    product(x, rows, layer.up, Then::gelu, s.inner.data());
    product(s.inner.data(), rows, layer.down, Then::nothing, s.fed.data());
    add_and_normalise(x, s.fed.data(), rows, dim_, layer.after_feed.gain.data(), layer.after_feed.shift.data(), eps_);
  }
}

}  // namespace

bool is_bert(const GgufFile& file) {
  if (file.text("general.architecture").value_or("") != "bert") return false;
  const auto kind = file.text("tokenizer.ggml.model").value_or("");
  const GgufTensor* words = file.find("token_embd.weight");
  return (kind == "bert" || kind == "t5") && words != nullptr && can_read(words->type);
}

std::unique_ptr<LanguageModel> make_bert(std::shared_ptr<const GgufFile> file, const std::string& name, const std::string& prefix) {
  return std::make_unique<Bert>(std::move(file), name, prefix);
}

}  // namespace attune::lm
