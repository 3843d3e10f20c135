// llama.cpp in process. It aborts where it is surprised, so files are checked before it sees them, and what it would
// abort on becomes an Error.
#include "attune/lm/llama.h"

#include <llama.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numeric>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/lm/bert.h"
#include "attune/lm/tokenizer.h"

namespace attune::lm {
namespace {

constexpr int kMicroBatch = 512;          // tokens; 128 to 512 measured alike
constexpr int kMostSequences = 256;       // llama.cpp aborts above, and above kMicroBatch
constexpr std::uint32_t kMostContext = 8192;
constexpr const char* kReading = "llama-1";

void start_llama() {
  // llama.cpp is built for these; encoders of our own kernels run on any 64-bit CPU.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    throw Error(Code::unsupported, "this CPU lacks AVX2 and FMA, which llama.cpp was built for; use minilm, e5 or tfidf, or build it with other flags (scripts/llama.pin)");
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    // Thrown through llama.cpp's own frames, which have unwind tables; where a thread of its own fails the process still ends.
    ggml_set_abort_callback([](const char* message) { throw Error(Code::bad_data, std::string("llama.cpp: ") + message); });
    llama_backend_init();
  });
}

struct FreeModel {
  void operator()(llama_model* m) const { llama_model_free(m); }
};
struct FreeContext {
  void operator()(llama_context* c) const { llama_free(c); }
};
struct FreeSampler {
  void operator()(llama_sampler* s) const { llama_sampler_free(s); }
};
struct Batch {
  explicit Batch(int tokens) : batch(llama_batch_init(tokens, 0, 1)) {}
  ~Batch() { llama_batch_free(batch); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  void add(llama_token token, std::size_t position, std::size_t sequence, bool wanted) {
    const int at = batch.n_tokens++;
    batch.token[at] = token;
    batch.pos[at] = static_cast<llama_pos>(position);
    batch.n_seq_id[at] = 1;
    batch.seq_id[at][0] = static_cast<llama_seq_id>(sequence);
    batch.logits[at] = wanted ? 1 : 0;
  }
  llama_batch batch;
};
using Context = std::unique_ptr<llama_context, FreeContext>;
using Sampler = std::unique_ptr<llama_sampler, FreeSampler>;

// Settings that llama.cpp takes for granted. Families it does not know it refuses by itself.
void check_settings(const GgufFile& file) {
  const auto family = file.text("general.architecture");
  if (!family || family->empty() || family->size() > 64) file.refuse("it names no family (general.architecture)");
  const std::string at(*family);
  const auto within = [&](const std::string& key, double least, double most) {
    const double v = file.number(key).value_or(-1);
    if (!(v >= least && v <= most)) file.refuse("its setting " + key + " is missing or out of range");
    return v;
  };
  const double dim = within(at + ".embedding_length", 1, 65536);
  within(at + ".block_count", 1, 1024);
  within(at + ".context_length", 1, 1 << 24);
  if (file.number(at + ".attention.head_count")) {
    const double heads = within(at + ".attention.head_count", 1, 65536);
    if (heads > dim) file.refuse("it has more heads than numbers");
  }
  const std::size_t vocabulary = file.texts("tokenizer.ggml.tokens").size();
  if (vocabulary == 0 || vocabulary > (1u << 24)) file.refuse("it has no vocabulary");
  if (file.has("tokenizer.ggml.scores") && file.floats("tokenizer.ggml.scores").size() != vocabulary) file.refuse("its vocabulary has not one score a piece");
  if (file.has("tokenizer.ggml.token_type") && file.integers("tokenizer.ggml.token_type").size() != vocabulary)
    file.refuse("its vocabulary has not one kind a piece");
  for (const char* key : {"bos", "eos", "unknown", "seperator", "padding", "mask", "eot", "eom", "cls"}) {
    const std::string id = std::string("tokenizer.ggml.") + key + "_token_id";
    if (file.has(id)) within(id, 0, static_cast<double>(vocabulary) - 1);
  }
}

class Llama final : public LanguageModel {
 public:
  Llama(std::shared_ptr<const GgufFile> file, std::string name, std::string prefix) : name_(std::move(name)), prefix_(std::move(prefix)) {
    start_llama();
    check_settings(*file);
    file->check_numbers();
    fingerprint_ = file->fingerprint() + "/" + kReading + "/" + prefix_;
    if (is_bert(*file)) tokenizer_ = make_tokenizer(file);
    auto params = llama_model_default_params();
    params.n_gpu_layers = 0;
    params.check_tensors = false;  // it prints; check_numbers() says the same as an Error
    model_.reset(llama_model_load_from_file(file->path().c_str(), params));
    if (!model_) file->refuse("llama.cpp does not take it (a damaged file, or a family that this build does not know)");
    vocabulary_ = llama_model_get_vocab(model_.get());
    dim_ = static_cast<std::size_t>(llama_model_n_embd(model_.get()));
    const std::string family(file->text("general.architecture").value_or(""));
    pooled_ = file->number(family + ".pooling_type").value_or(0) > 0;
    generates_ = llama_model_has_decoder(model_.get()) && !pooled_ && file->number(family + ".attention.causal").value_or(1) != 0;
  }

  std::string name() const override { return name_; }
  std::string fingerprint() const override { return fingerprint_; }
  std::size_t dim() const override { return dim_; }
  Matrix embed(std::span<const std::string> texts, const Run& run) const override;
  std::string generate(const std::string& prompt, const GenerateOptions& options, const Run& run) const override;
  std::vector<float> score(const std::string& prompt, std::span<const std::string> answers, const Run& run) const override;

 private:
  std::vector<llama_token> tokens(const std::string& text, bool marks) const {
    if (text.size() > (std::size_t{1} << 20)) throw Error(Code::bad_request, "a text of " + std::to_string(text.size()) + " bytes is too long for a language model");
    std::vector<llama_token> found(text.size() + 16);
    const int n = llama_tokenize(vocabulary_, text.data(), static_cast<int>(text.size()), found.data(), static_cast<int>(found.size()), marks, false);
    ATTUNE_ASSERT(n >= 0, "a text has no more tokens than bytes and marks");
    found.resize(static_cast<std::size_t>(n));
    return found;
  }
  std::vector<llama_token> read(const std::string& text) const {
    if (tokenizer_) return tokenizer_->tokens(text, 3).empty() ? std::vector<llama_token>{} : tokenizer_->tokens(prefix_ + text, kMostTokens);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return {};
    auto found = tokens(prefix_ + text, true);
    if (found.size() > kMostTokens) {
      const llama_token last = found.back();
      found.resize(kMostTokens);
      found.back() = last;
    }
    return found;
  }
  Context context(std::uint32_t size, bool embeddings, const Run& run) const {
    auto params = llama_context_default_params();
    params.n_ctx = size;
    params.n_batch = params.n_ubatch = std::min<std::uint32_t>(size, kMicroBatch);
    params.n_seq_max = embeddings ? std::min<std::uint32_t>(kMostSequences, params.n_ubatch) : 1;
    params.embeddings = embeddings;
    params.n_threads = params.n_threads_batch = run.threads > 0 ? run.threads : core_count();
    params.kv_unified = true;
    Context made(llama_init_from_model(model_.get(), params));
    if (!made) throw Error(Code::internal, "llama.cpp could not make a context for '" + name_ + "'");
    // A stop is noticed within one computation.
    llama_set_abort_callback(made.get(), [](void* r) { return static_cast<const Run*>(r)->stopped(); }, const_cast<Run*>(&run));
    return made;
  }
  void needs_decoder(const char* verb) const {
    if (!generates_) throw Error(Code::unsupported, "the model '" + name_ + "' reads texts and cannot " + verb + "; a generator such as smollm2 can");
  }
  // Decodes tokens after `past`; the logits of the last one, or of all, are kept. Throws cancelled or internal.
  void decode(llama_context* c, std::span<const llama_token> tokens, std::size_t past, bool all, const Run& run) const;
  // As decode() from the beginning; what the context holds after it is kept for the next prompt that begins so.
  void decode_kept(llama_context* c, const std::vector<llama_token>& prefix, const Run& run) const;
  std::string piece(llama_token token) const {
    char text[256];
    const int n = llama_token_to_piece(vocabulary_, token, text, sizeof text, 0, false);
    return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : std::string();
  }
  llama_token pick(llama_context* c, llama_sampler* grammar, llama_sampler* chance) const;

  // What a context holds after a prefix; some megabytes.
  struct Kept {
    std::vector<llama_token> prefix;
    std::vector<std::uint8_t> state;
  };
  mutable std::mutex kept_mutex_;
  mutable std::shared_ptr<const Kept> kept_;

  std::string name_, prefix_, fingerprint_;
  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<llama_model, FreeModel> model_;
  const llama_vocab* vocabulary_ = nullptr;
  std::size_t dim_ = 0;
  bool pooled_ = false, generates_ = false;
};

Matrix Llama::embed(std::span<const std::string> texts, const Run& run) const {
  if (!pooled_) throw Error(Code::unsupported, "the model '" + name_ + "' was not made to embed texts; minilm and e5 are");
  Matrix out(texts.size(), dim_);
  std::vector<std::vector<llama_token>> read_texts(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) read_texts[i] = read(texts[i]);
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return read_texts[a].size() < read_texts[b].size(); });

  const Context c = context(kMicroBatch, true, run);
  Batch batch(kMicroBatch);
  std::vector<std::size_t> rows;
  std::size_t done = 0;
  const auto flush = [&] {
    if (rows.empty()) return;
    const int status = llama_encode(c.get(), batch.batch);
    run.check();
    if (status != 0) throw Error(Code::internal, "llama.cpp could not encode with '" + name_ + "'");
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const float* e = llama_get_embeddings_seq(c.get(), static_cast<llama_seq_id>(k));
      ATTUNE_ASSERT(e != nullptr, "each sequence of a batch has an embedding");
      std::copy(e, e + dim_, out.row(rows[k]).begin());
      normalise(out.row(rows[k]));
    }
    done += rows.size();
    run.report("reading texts", done, texts.size());
    rows.clear();
    batch.batch.n_tokens = 0;
  };
  for (const std::size_t i : order) {
    if (read_texts[i].empty()) continue;
    if (batch.batch.n_tokens + static_cast<int>(read_texts[i].size()) > kMicroBatch || static_cast<int>(rows.size()) == kMostSequences) flush();
    for (std::size_t p = 0; p < read_texts[i].size(); ++p) batch.add(read_texts[i][p], p, rows.size(), true);
    rows.push_back(i);
  }
  flush();
  return out;
}

void Llama::decode(llama_context* c, std::span<const llama_token> tokens, std::size_t past, bool all, const Run& run) const {
  for (std::size_t first = 0; first < tokens.size(); first += kMicroBatch) {
    const std::size_t last = std::min(tokens.size(), first + kMicroBatch);
    Batch batch(kMicroBatch);
    for (std::size_t i = first; i < last; ++i) batch.add(tokens[i], past + i, 0, all || i + 1 == tokens.size());
    const int status = llama_decode(c, batch.batch);
    run.check();
    if (status != 0) throw Error(Code::internal, "llama.cpp could not run '" + name_ + "' over its prompt");
  }
}

void Llama::decode_kept(llama_context* c, const std::vector<llama_token>& prefix, const Run& run) const {
  std::shared_ptr<const Kept> kept;
  {
    const std::lock_guard lock(kept_mutex_);
    kept = kept_;
  }
  if (kept != nullptr && kept->prefix == prefix && llama_state_seq_set_data(c, kept->state.data(), kept->state.size(), 0) > 0) return;
  decode(c, prefix, 0, false, run);
  Kept made{prefix, std::vector<std::uint8_t>(llama_state_seq_get_size(c, 0))};
  made.state.resize(llama_state_seq_get_data(c, made.state.data(), made.state.size(), 0));
  if (made.state.empty()) return;
  const std::lock_guard lock(kept_mutex_);
  kept_ = std::make_shared<const Kept>(std::move(made));
}

// The likeliest token (or one by chance) that the grammar allows. The best token is tried alone first and the whole vocabulary
// only when it is refused: a grammar over all tokens costs three times the model.
llama_token Llama::pick(llama_context* c, llama_sampler* grammar, llama_sampler* chance) const {
  const float* logits = llama_get_logits_ith(c, -1);
  ATTUNE_ASSERT(logits != nullptr, "the last token of a decode has logits");
  const auto n = static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary_));
  const auto best = static_cast<llama_token>(std::max_element(logits, logits + n) - logits);
  if (!std::isfinite(logits[best])) throw Error(Code::bad_data, "the model '" + name_ + "' computes no numbers; its file is damaged, fetch it again");
  if (chance == nullptr) {
    if (grammar == nullptr) return best;
    llama_token_data one{best, logits[best], 0};
    llama_token_data_array alone{&one, 1, -1, false};
    llama_sampler_apply(grammar, &alone);
    if (one.logit != -INFINITY) return best;
  }
  std::vector<llama_token_data> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = {static_cast<llama_token>(i), logits[i], 0};
  llama_token_data_array candidates{all.data(), n, -1, false};
  if (grammar != nullptr) llama_sampler_apply(grammar, &candidates);
  if (chance != nullptr) {
    llama_sampler_apply(chance, &candidates);
    return candidates.data[candidates.selected].id;
  }
  std::size_t found = 0;
  for (std::size_t i = 1; i < candidates.size; ++i)
    if (candidates.data[i].logit > candidates.data[found].logit) found = i;
  return candidates.data[found].id;
}

std::string Llama::generate(const std::string& prompt, const GenerateOptions& options, const Run& run) const {
  needs_decoder("generate");
  if (options.max_tokens < 1 || options.max_tokens > 4096) throw Error(Code::bad_request, "max_tokens is 1 to 4096, got " + std::to_string(options.max_tokens));
  if (!(options.temperature >= 0 && options.temperature <= 10)) throw Error(Code::bad_request, "temperature is 0 to 10");
  const std::size_t shared = std::min(options.prefix_bytes, prompt.size());
  const auto prefix = shared > 0 ? tokens(prompt.substr(0, shared), true) : std::vector<llama_token>();
  auto start = prefix;
  for (const llama_token token : tokens(prompt.substr(shared), shared == 0)) start.push_back(token);
  const std::uint32_t size = std::min<std::uint32_t>(kMostContext, static_cast<std::uint32_t>(llama_model_n_ctx_train(model_.get())));
  if (start.empty()) throw Error(Code::bad_request, "the prompt is empty");
  if (start.size() + static_cast<std::size_t>(options.max_tokens) > size)
    throw Error(Code::bad_request, "the prompt has " + std::to_string(start.size()) + " tokens and " + std::to_string(options.max_tokens) +
                                       " were asked for; '" + name_ + "' holds " + std::to_string(size) + " together");
  Sampler grammar, chance;
  if (!options.grammar.empty()) {
    grammar.reset(llama_sampler_init_grammar(vocabulary_, options.grammar.c_str(), "root"));
    if (!grammar) throw Error(Code::bad_request, "the grammar cannot be read; it must be GBNF with a rule named root");
  }
  if (options.temperature > 0) {
    chance.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    llama_sampler_chain_add(chance.get(), llama_sampler_init_temp(options.temperature));
    llama_sampler_chain_add(chance.get(), llama_sampler_init_dist(static_cast<std::uint32_t>(options.seed ^ options.seed >> 32)));
  }
  const Context c = context(static_cast<std::uint32_t>(start.size()) + static_cast<std::uint32_t>(options.max_tokens), false, run);
  if (!prefix.empty()) decode_kept(c.get(), prefix, run);
  decode(c.get(), std::span(start).subspan(prefix.size()), prefix.size(), false, run);
  std::string text;
  for (int k = 0; k < options.max_tokens; ++k) {
    const llama_token token = pick(c.get(), grammar.get(), chance.get());
    if (llama_vocab_is_eog(vocabulary_, token)) break;
    if (grammar) llama_sampler_accept(grammar.get(), token);
    text += piece(token);
    run.report("writing", static_cast<std::size_t>(k + 1), static_cast<std::size_t>(options.max_tokens));
    if (k + 1 < options.max_tokens) decode(c.get(), std::span(&token, 1), start.size() + static_cast<std::size_t>(k), false, run);
  }
  return text;
}

std::vector<float> Llama::score(const std::string& prompt, std::span<const std::string> answers, const Run& run) const {
  needs_decoder("score");
  const auto start = tokens(prompt, true);
  if (start.empty()) throw Error(Code::bad_request, "the prompt is empty");
  std::vector<std::vector<llama_token>> read_answers;
  std::size_t longest = 0;
  for (const std::string& answer : answers) {
    read_answers.push_back(tokens(answer, false));
    if (read_answers.back().empty()) throw Error(Code::bad_request, "an answer to score is empty");
    longest = std::max(longest, read_answers.back().size());
  }
  if (start.size() + longest > kMostContext) throw Error(Code::bad_request, "prompt and answer are longer than " + std::to_string(kMostContext) + " tokens");
  std::vector<float> scores;
  const auto n = static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary_));
  for (const auto& answer : read_answers) {
    // Prompt and answer in one go for each answer: models with a rolling memory cannot step back to the prompt's end.
    const Context c = context(static_cast<std::uint32_t>(start.size() + longest), false, run);
    decode(c.get(), start, 0, false, run);
    double sum = 0;
    for (std::size_t k = 0; k < answer.size(); ++k) {
      const float* logits = llama_get_logits_ith(c.get(), -1);
      const float most = *std::max_element(logits, logits + n);
      double total = 0;
      for (std::size_t i = 0; i < n; ++i) total += std::exp(static_cast<double>(logits[i] - most));
      sum += static_cast<double>(logits[answer[k]] - most) - std::log(total);
      if (k + 1 < answer.size()) decode(c.get(), std::span(&answer[k], 1), start.size() + k, false, run);
    }
    scores.push_back(static_cast<float>(sum / static_cast<double>(answer.size())));
    run.report("scoring answers", scores.size(), answers.size());
  }
  return scores;
}

}  // namespace

std::unique_ptr<LanguageModel> open_llama(std::shared_ptr<const GgufFile> file, const std::string& name, const std::string& prefix) {
  return std::make_unique<Llama>(std::move(file), name, prefix);
}

}  // namespace attune::lm
