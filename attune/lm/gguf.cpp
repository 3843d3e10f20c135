// GGUF models through llama.cpp, in process. Sentence encoders: packed batches, mean pooling, rows of length 1.
#include <llama.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <mutex>
#include <numeric>
#include <thread>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/lm/language_model.h"

namespace attune::lm {
namespace {

constexpr std::size_t kLongestTokens = 256;      // what the encoders were trained on; past the model's positions llama.cpp aborts
constexpr std::size_t kLongestWordLetters = 100; // the reference tokenizers read longer words as unknown
constexpr int kBatchTokens = 512;

struct Free {
  void operator()(llama_model* m) const noexcept { llama_model_free(m); }
  void operator()(llama_context* c) const noexcept { llama_free(c); }
};

// Hangul syllables to jamo (NFD of that block alone), over-long words to one that no vocabulary holds.
std::string prepared(const std::string& text) {
  std::string out, word;
  std::size_t letters = 0;
  const auto end_word = [&] {
    out += letters > kLongestWordLetters ? "\xEF\xBF\xBD" : word;
    word.clear();
    letters = 0;
  };
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);
    if (n <= 0) {  // a bad byte
      ++at, --left;
      continue;
    }
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      end_word();
      out += ' ';
    } else if (c >= 0xAC00 && c <= 0xD7A3) {
      utf8proc_int32_t jamo[4];
      int boundary = 0;
      const utf8proc_ssize_t parts = utf8proc_decompose_char(c, jamo, 4, UTF8PROC_DECOMPOSE, &boundary);
      for (utf8proc_ssize_t p = 0; p < parts; ++p) {
        utf8proc_uint8_t bytes[4];
        word.append(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(utf8proc_encode_char(jamo[p], bytes)));
      }
      ++letters;
    } else if (c != 0) {
      word.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(n));
      ++letters;
    }
    at += n, left -= n;
  }
  end_word();
  return out;
}

bool is_blank(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
}

class Gguf final : public LanguageModel {
 public:
  Gguf(const std::filesystem::path& file, std::string name, std::string prefix) : name_(std::move(name)), prefix_(std::move(prefix)) {
    check_header(file);
    static std::once_flag once;
    std::call_once(once, [] {
      llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
      llama_backend_init();
    });
    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    model_.reset(llama_model_load_from_file(file.c_str(), params));
    if (!model_) throw Error(Code::bad_data, file.string() + " cannot be read as a language model; run scripts/setup to fetch it again");
    fingerprint_ = "gguf-1-" + ByteReader(file).hash() + "-" + prefix_;
  }
  std::string name() const override { return name_; }
  std::string fingerprint() const override { return fingerprint_; }
  std::size_t dim() const override { return static_cast<std::size_t>(llama_model_n_embd(model_.get())); }

  Matrix embed(std::span<const std::string> texts, const Run& run) const override {
    Matrix out(texts.size(), dim());
    std::vector<std::vector<llama_token>> tokens(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (!is_blank(texts[i])) tokens[i] = tokenized(prefix_ + prepared(texts[i]));
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (!tokens[i].empty()) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return tokens[a].size() < tokens[b].size(); });
    const std::lock_guard lock(mutex_);
    llama_context& context = context_for(run);
    llama_batch batch = llama_batch_init(kBatchTokens, 0, 1);
    const std::unique_ptr<llama_batch, void (*)(llama_batch*)> owner(&batch, [](llama_batch* b) { llama_batch_free(*b); });
    std::vector<std::size_t> rows;
    std::size_t done = 0;
    for (std::size_t n = 0; n <= order.size(); ++n) {
      const bool is_end = n == order.size();
      if (!rows.empty() && (is_end || batch.n_tokens + static_cast<int>(tokens[order[n]].size()) > kBatchTokens || rows.size() == 256)) {
        encode(context, batch, rows, out);
        done += rows.size();
        rows.clear();
        batch.n_tokens = 0;
        run.report("reading texts with " + name_, done, order.size());
      }
      if (!is_end) add(batch, tokens[order[n]], rows.size()), rows.push_back(order[n]);
    }
    return out;
  }

  std::string generate(const std::string&, const GenerateOptions&, const Run&) const override { unsupported("write"); }
  std::vector<float> score(const std::string&, std::span<const std::string>, const Run&) const override { unsupported("score answers"); }

 private:
  [[noreturn]] void unsupported(const char* verb) const {
    throw Error(Code::unsupported, "the model " + name_ + " is a sentence encoder and cannot " + verb + "; use a generator such as smollm2");
  }

  static void check_header(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    char magic[4] = {};
    if (!in) throw Error(Code::not_found, "cannot open the model file " + file.string());
    in.read(magic, 4);
    if (std::string_view(magic, 4) != "GGUF")
      throw Error(Code::bad_data, file.string() + " is no GGUF file; run scripts/setup to fetch the model again");
  }

  std::vector<llama_token> tokenized(const std::string& text) const {
    const llama_vocab* vocab = llama_model_get_vocab(model_.get());
    std::vector<llama_token> tokens(text.size() + 8);
    const int n = llama_tokenize(vocab, text.data(), static_cast<int>(text.size()), tokens.data(), static_cast<int>(tokens.size()), true, false);
    tokens.resize(static_cast<std::size_t>(std::max(n, 0)));
    if (tokens.size() > kLongestTokens) {
      const llama_token closing = tokens.back();
      tokens.resize(kLongestTokens);
      tokens.back() = closing;
    }
    return tokens;
  }

  llama_context& context_for(const Run& run) const {
    const int threads = run.threads > 0 ? run.threads : core_count();
    if (!context_) {
      llama_context_params params = llama_context_default_params();
      params.n_ctx = params.n_batch = params.n_ubatch = kBatchTokens;
      params.n_seq_max = 256;
      params.embeddings = true;
      params.pooling_type = LLAMA_POOLING_TYPE_UNSPECIFIED;
      params.kv_unified = true;
      params.n_threads = params.n_threads_batch = threads;
      context_.reset(llama_init_from_model(model_.get(), params));
      if (!context_) throw Error(Code::io, "no memory to run the language model " + name_);
    }
    llama_set_n_threads(context_.get(), threads, threads);
    return *context_;
  }

  static void add(llama_batch& batch, const std::vector<llama_token>& tokens, std::size_t sequence) {
    for (std::size_t p = 0; p < tokens.size(); ++p) {
      const int at = batch.n_tokens++;
      batch.token[at] = tokens[p];
      batch.pos[at] = static_cast<llama_pos>(p);
      batch.n_seq_id[at] = 1;
      batch.seq_id[at][0] = static_cast<llama_seq_id>(sequence);
      batch.logits[at] = 1;
    }
  }

  void encode(llama_context& context, const llama_batch& batch, const std::vector<std::size_t>& rows, Matrix& out) const {
    if (llama_encode(&context, batch) != 0) throw Error(Code::internal, "the language model " + name_ + " could not read a batch of texts");
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const float* row = llama_get_embeddings_seq(&context, static_cast<llama_seq_id>(k));
      std::copy(row, row + out.cols(), out.row(rows[k]).begin());
      normalise(out.row(rows[k]));
    }
  }

  std::string name_, prefix_, fingerprint_;
  std::unique_ptr<llama_model, Free> model_;
  mutable std::mutex mutex_;   // one context: calls wait for each other
  mutable std::unique_ptr<llama_context, Free> context_;
};

}  // namespace

std::unique_ptr<LanguageModel> open_gguf(const std::filesystem::path& file, const std::string& name, const std::string& prefix) {
  return std::make_unique<Gguf>(file, name, prefix);
}

}  // namespace attune::lm
