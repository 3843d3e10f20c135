// Writes small GGUF files for tests: a settings list, a vocabulary and random weights.
#pragma once
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "attune/core/random.h"

namespace attune::lm {

// A file of its own, gone at the end.
struct ModelFile {
  explicit ModelFile(std::string_view content = {}) {
    static int count = 0;
    path = std::filesystem::temp_directory_path() / ("attune-lm-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".gguf");
    write(content);
  }
  ~ModelFile() { std::filesystem::remove(path); }
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  // A new file each time: ext4 waits for the disk when a file that was cut to nothing is closed.
  void write(std::string_view content) const {
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << content;
  }
  std::filesystem::path path;
};

class GgufWriter {
 public:
  void number(const std::string& key, std::uint32_t v) { begin(key, 4), raw(values_, v); }
  void real(const std::string& key, float v) { begin(key, 6), raw(values_, v); }
  void truth(const std::string& key, bool v) { begin(key, 7), values_ += static_cast<char>(v ? 1 : 0); }
  void text(const std::string& key, std::string_view v) { begin(key, 8), text(values_, v); }
  void texts(const std::string& key, const std::vector<std::string>& v) {
    list(key, 8, v.size());
    for (const std::string& t : v) text(values_, t);
  }
  template <class T>
  void numbers(const std::string& key, std::uint32_t type, const std::vector<T>& v) {
    list(key, type, v.size());
    for (const T& x : v) raw(values_, x);
  }
  // Random weights of about `size`; shape fastest first.
  void tensor(const std::string& name, const std::vector<std::uint64_t>& shape, float size = 0.3f, float around = 0) {
    std::uint64_t n = 1;
    text(tensors_, name);
    raw(tensors_, static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t s : shape) raw(tensors_, s), n *= s;
    raw(tensors_, std::uint32_t{0});
    raw(tensors_, static_cast<std::uint64_t>(data_.size()));
    for (std::uint64_t i = 0; i < n; ++i) raw(data_, around + size * static_cast<float>(random_.normal()));
    data_.resize((data_.size() + 31) / 32 * 32);
    ++tensor_count_;
  }
  std::string finish() const {
    std::string all = "GGUF";
    raw(all, std::uint32_t{3});
    raw(all, tensor_count_), raw(all, value_count_);
    all += values_ + tensors_;
    all.resize((all.size() + 31) / 32 * 32);
    return all + data_;
  }

 private:
  template <class T>
  static void raw(std::string& to, T v) {
    to.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  static void text(std::string& to, std::string_view t) { raw(to, static_cast<std::uint64_t>(t.size())), to += t; }
  void begin(const std::string& key, std::uint32_t type) { text(values_, key), raw(values_, type), ++value_count_; }
  void list(const std::string& key, std::uint32_t type, std::size_t n) {
    begin(key, 9), raw(values_, type), raw(values_, static_cast<std::uint64_t>(n));
  }
  std::string values_, tensors_, data_;
  std::uint64_t tensor_count_ = 0, value_count_ = 0;
  Random random_{7};
};

// A WordPiece vocabulary of letters and three words. Returns its size.
inline std::size_t add_wordpiece(GgufWriter& w) {
  std::vector<std::string> words = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2581red", "\u2581mug", "\u2581blue"};
  for (char c = 'a'; c <= 'z'; ++c) words.push_back(std::string("\u2581") + c), words.emplace_back(1, c);
  std::vector<std::int32_t> kinds(words.size(), 1);
  for (std::size_t i = 0; i < 5; ++i) kinds[i] = 3;
  w.text("tokenizer.ggml.model", "bert"), w.text("tokenizer.ggml.pre", "default");
  w.texts("tokenizer.ggml.tokens", words);
  w.numbers("tokenizer.ggml.token_type", 5, kinds);
  w.number("tokenizer.ggml.bos_token_id", 2), w.number("tokenizer.ggml.eos_token_id", 3), w.number("tokenizer.ggml.unknown_token_id", 1);
  w.number("tokenizer.ggml.seperator_token_id", 3), w.number("tokenizer.ggml.padding_token_id", 0), w.number("tokenizer.ggml.cls_token_id", 2);
  return words.size();
}

// A Unigram vocabulary, <s> 0, </s> 1, <unk> 2, then a few pieces from 3 on, and a table that rewrites A as a.
inline std::size_t add_unigram(GgufWriter& w) {
  const std::vector<std::string> pieces = {"<s>", "</s>", "<unk>", "\u2581", "\u2581a", "b", "\u2581ab", "c", "\u2581red", "\u2581mug", "a", "红色"};
  const std::vector<float> scores = {0, 0, 0, -5, -1, -2, -2.5f, -3, -2, -2, -4, -4};
  std::vector<std::int32_t> kinds(pieces.size(), 1);
  kinds[0] = kinds[1] = 3, kinds[2] = 2;
  w.text("tokenizer.ggml.model", "t5"), w.text("tokenizer.ggml.pre", "default");
  w.texts("tokenizer.ggml.tokens", pieces);
  w.numbers("tokenizer.ggml.scores", 6, scores), w.numbers("tokenizer.ggml.token_type", 5, kinds);
  w.number("tokenizer.ggml.bos_token_id", 0), w.number("tokenizer.ggml.eos_token_id", 1), w.number("tokenizer.ggml.unknown_token_id", 2);
  // A double array: from unit u the byte b leads to u ^ offset(u) ^ b; a unit with a value has it at u ^ offset(u).
  std::vector<std::uint32_t> units(1024, 0);
  units[0] = 256u << 10;
  units[256 ^ 'A'] = 512u << 10 | 1u << 8 | 'A';
  units[256 ^ 'A' ^ 512] = 1u << 31;
  std::vector<std::uint8_t> table(4 + 4 * units.size());
  const auto size = static_cast<std::uint32_t>(4 * units.size());
  std::memcpy(table.data(), &size, 4), std::memcpy(table.data() + 4, units.data(), size);
  table.push_back('a'), table.push_back(0);
  w.numbers("tokenizer.ggml.precompiled_charsmap", 0, table);
  return pieces.size();
}

// An encoder of the BERT family: one layer, 32 numbers, two heads.
inline std::string small_bert(std::size_t (*add_vocabulary)(GgufWriter&) = add_wordpiece) {
  GgufWriter w;
  w.text("general.architecture", "bert");
  w.number("bert.context_length", 64), w.number("bert.embedding_length", 32), w.number("bert.block_count", 1);
  w.number("bert.feed_forward_length", 64), w.number("bert.attention.head_count", 2);
  w.real("bert.attention.layer_norm_epsilon", 1e-12f);
  w.truth("bert.attention.causal", false), w.number("bert.pooling_type", 1), w.number("tokenizer.ggml.token_type_count", 2);
  const std::size_t vocabulary = add_vocabulary(w);
  w.tensor("token_embd.weight", {32, vocabulary}), w.tensor("position_embd.weight", {32, 64}), w.tensor("token_types.weight", {32, 2});
  w.tensor("token_embd_norm.weight", {32}, 0.1f, 1), w.tensor("token_embd_norm.bias", {32});
  for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_output"})
    w.tensor(std::string("blk.0.") + part + ".weight", {32, 32}), w.tensor(std::string("blk.0.") + part + ".bias", {32});
  w.tensor("blk.0.ffn_up.weight", {32, 64}), w.tensor("blk.0.ffn_up.bias", {64});
  w.tensor("blk.0.ffn_down.weight", {64, 32}), w.tensor("blk.0.ffn_down.bias", {32});
  for (const char* part : {"attn_output_norm", "layer_output_norm"})
    w.tensor(std::string("blk.0.") + part + ".weight", {32}, 0.1f, 1), w.tensor(std::string("blk.0.") + part + ".bias", {32});
  return w.finish();
}

// A generator of the Llama family: one layer, letters as pieces.
inline std::string small_llama() {
  GgufWriter w;
  w.text("general.architecture", "llama");
  w.number("llama.context_length", 128), w.number("llama.embedding_length", 32), w.number("llama.block_count", 1);
  w.number("llama.feed_forward_length", 64), w.number("llama.attention.head_count", 2), w.number("llama.attention.head_count_kv", 2);
  w.real("llama.attention.layer_norm_rms_epsilon", 1e-5f), w.number("llama.rope.dimension_count", 16);
  std::vector<std::string> pieces = {"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> kinds = {2, 3, 3};
  for (int b = 0; b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", b);
    pieces.emplace_back(name), kinds.push_back(6);
  }
  pieces.emplace_back("\u2581"), kinds.push_back(1);
  for (char c = 'a'; c <= 'z'; ++c) pieces.emplace_back(1, c), kinds.push_back(1);
  w.text("tokenizer.ggml.model", "llama"), w.text("tokenizer.ggml.pre", "default");
  w.texts("tokenizer.ggml.tokens", pieces);
  w.numbers("tokenizer.ggml.scores", 6, std::vector<float>(pieces.size(), -1.0f));
  w.numbers("tokenizer.ggml.token_type", 5, kinds);
  w.number("tokenizer.ggml.bos_token_id", 1), w.number("tokenizer.ggml.eos_token_id", 2), w.number("tokenizer.ggml.unknown_token_id", 0);
  w.tensor("token_embd.weight", {32, pieces.size()}), w.tensor("output_norm.weight", {32}, 0.1f, 1);
  w.tensor("output.weight", {32, pieces.size()});
  w.tensor("blk.0.attn_norm.weight", {32}, 0.1f, 1), w.tensor("blk.0.ffn_norm.weight", {32}, 0.1f, 1);
  for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_output"}) w.tensor(std::string("blk.0.") + part + ".weight", {32, 32});
  w.tensor("blk.0.ffn_gate.weight", {32, 64}), w.tensor("blk.0.ffn_up.weight", {32, 64}), w.tensor("blk.0.ffn_down.weight", {64, 32});
  return w.finish();
}

}  // namespace attune::lm
