// Remote models: see the header. Every call is bounded: time (tries included), size, tokens and money a day; failures in a row open a breaker.
#include "attune/lm/remote.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/core/json.h"
#include "attune/core/kernels.h"
#include "attune/core/printable.h"
#include "attune/lm/http_post.h"
#include "attune/lm/remote_budget.h"

namespace attune::lm {
namespace {

constexpr std::size_t kTextsACall = 64, kLongestText = 8000, kLongestPrompt = 200'000;   // bytes
constexpr std::size_t kMostDim = 16384;
constexpr int kFirstWait_ms = 250;

void must(bool holds, const char* key, const char* what) {
  if (!holds) throw Error(Code::bad_request, std::string("language.") + key + " must be " + what);
}

void check(const RemoteParams& p) {
  must(p.remote == "on" || p.remote == "off", "remote", "on or off");
  if (p.remote == "off") throw Error(Code::unsupported, "remote models are switched off: [language] remote = \"off\"");
  must(p.url.starts_with("https://") || p.url.starts_with("http://"), "url", "an http or https address such as https://models.example/v1");
  must(p.url.find('@') == std::string::npos, "url", "an address without a name or password in it; the key comes from the environment");
  must(std::none_of(p.url.begin(), p.url.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; }), "url", "an address without spaces and control characters");
  must(!p.model.empty() || !p.embedding_model.empty(), "model", "a name (or embedding_model)");
  must(p.timeout_s >= 0.1 && p.timeout_s <= 600, "timeout_s", "0.1..600");
  must(p.connect_timeout_s >= 0.1 && p.connect_timeout_s <= 60, "connect_timeout_s", "0.1..60");
  must(p.retries >= 0 && p.retries <= 5, "retries", "0..5");
  must(p.tokens_per_day >= 0, "tokens_per_day", "0 or more");
  must(p.money_per_day >= 0 && p.price_in >= 0 && p.price_out >= 0, "money_per_day and the prices", "0 or more");
  must(p.breaker_failures >= 1 && p.breaker_failures <= 100, "breaker_failures", "1..100");
  must(p.breaker_s >= 0 && p.breaker_s <= 86400, "breaker_s", "0..86400");
}

// More than any tokenizer makes of it: what a budget must be able to hold before the call.
std::int64_t most_tokens(std::size_t bytes) { return static_cast<std::int64_t>(bytes / 2 + 16); }

bool is_worth_another_try(const PostAnswer& a) { return a.status == 0 || a.status == 408 || a.status == 429 || a.status >= 500; }

class Endpoint final : public Remote {
 public:
  Endpoint(RemoteParams params, RemoteClock clock) : p_(std::move(params)), clock_(std::move(clock)), budget_(p_) {
    check(p_);
    while (p_.url.ends_with('/')) p_.url.pop_back();
    if (!clock_.now_ms) clock_.now_ms = now_ms;
    if (!clock_.wait_ms) clock_.wait_ms = [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
    if (const char* key = std::getenv(p_.key_env.c_str()); key != nullptr) key_ = key;
    if (std::any_of(key_.begin(), key_.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; })) throw Error(Code::bad_request, "the key in " + p_.key_env + " holds control characters");
  }

  std::string name() const override { return "remote:" + (p_.model.empty() ? p_.embedding_model : p_.model); }
  std::string fingerprint() const override { return "remote-1/" + p_.url + "/" + p_.embedding_model; }
  std::size_t dim() const override {
    {
      const std::lock_guard lock(mutex_);
      if (dim_ > 0) return dim_;
    }
    const std::string one[] = {"dimension"};
    return embed(one, Run{}).cols();
  }

  std::string generate(const std::string& prompt, const GenerateOptions& options, const Run& run) const override {
    if (p_.model.empty()) throw Error(Code::unsupported, "no remote model for writing is named: [language] model");
    if (!options.grammar.empty()) throw Error(Code::unsupported, "a remote model keeps to no grammar; a local one does");
    if (options.max_tokens < 1 || options.max_tokens > 4096) throw Error(Code::bad_request, "max_tokens is 1 to 4096, got " + std::to_string(options.max_tokens));
    if (prompt.empty() || prompt.size() > kLongestPrompt) throw Error(Code::bad_request, "a prompt has 1 to " + std::to_string(kLongestPrompt) + " bytes");
    Json body = Json::object();
    body["model"] = p_.model;
    Json message = Json::object();
    message["role"] = "user";
    message["content"] = prompt;
    body["messages"] = Json(Json::Array{std::move(message)});
    body["max_tokens"] = options.max_tokens;
    body["temperature"] = options.temperature;
    body["seed"] = options.seed & 0x7fffffff;
    body["stream"] = false;
    std::string text;
    call("/chat/completions", body, most_tokens(prompt.size()), options.max_tokens, run, [&](const Json& answer) -> std::string {
      const Json* choices = answer.find("choices");
      if (choices == nullptr || !choices->is_array() || choices->size() == 0) return "it has no choices";
      const Json* said = choices->as_array()[0].find("message");
      const Json* content = said == nullptr ? nullptr : said->find("content");
      if (content == nullptr || !content->is_string()) return "its first choice has no message.content";
      if (content->as_string().size() > static_cast<std::size_t>(options.max_tokens) * 64) return "it is longer than asked for";
      text = content->as_string();
      return {};
    });
    return text;
  }

  Matrix embed(std::span<const std::string> texts, const Run& run) const override {
    if (p_.embedding_model.empty()) throw Error(Code::unsupported, "no remote model for reading is named: [language] embedding_model");
    Matrix out;
    std::vector<std::size_t> rows;                            // that are not blank
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (texts[i].find_first_not_of(" \t\r\n") != std::string::npos) rows.push_back(i);
    if (rows.empty()) {
      const std::lock_guard lock(mutex_);
      return Matrix(texts.size(), dim_);
    }
    for (std::size_t first = 0; first < rows.size(); first += kTextsACall) {
      const std::size_t n = std::min(kTextsACall, rows.size() - first);
      Json body = Json::object();
      body["model"] = p_.embedding_model;
      body["input"] = Json::array();
      std::size_t bytes = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const std::string text = printable(texts[rows[first + k]], Lines::keep, kLongestText);   // valid UTF-8, bounded
        bytes += text.size();
        body["input"].push_back(text);
      }
      call("/embeddings", body, most_tokens(bytes), 0, run, [&](const Json& answer) { return take_vectors(answer, std::span(rows).subspan(first, n), texts.size(), out); });
      run.report("reading texts", first + n, rows.size());
    }
    return out;
  }

  std::vector<float> score(const std::string&, std::span<const std::string>, const Run&) const override {
    throw Error(Code::unsupported, "a remote model scores no answers; a local one does");
  }

  RemoteUse use() const override { return budget_.use(); }

 private:
  // Where a vector is wrong: what; else puts them into `out`.
  std::string take_vectors(const Json& answer, std::span<const std::size_t> rows, std::size_t all, Matrix& out) const {
    const Json* data = answer.find("data");
    if (data == nullptr || !data->is_array() || data->size() != rows.size()) return "it has not one embedding a text";
    std::vector<bool> seen(rows.size());
    for (const Json& one : data->as_array()) {
      const Json* index = one.find("index");
      const Json* vector = one.find("embedding");
      if (index == nullptr || !index->is_integer() || vector == nullptr || !vector->is_array()) return "an embedding has no index or no numbers";
      const std::int64_t at = index->as_integer();
      if (at < 0 || at >= static_cast<std::int64_t>(rows.size()) || seen[static_cast<std::size_t>(at)]) return "an embedding's index is out of range or twice there";
      seen[static_cast<std::size_t>(at)] = true;
      if (vector->size() == 0 || vector->size() > kMostDim) return "an embedding is empty or has more than 16384 numbers";
      {
        const std::lock_guard lock(mutex_);
        if (dim_ == 0) dim_ = vector->size();
        if (dim_ != vector->size()) return "embeddings have different lengths: " + std::to_string(dim_) + " and " + std::to_string(vector->size());
      }
      if (out.cols() == 0) out = Matrix(all, vector->size());
      const auto row = out.row(rows[static_cast<std::size_t>(at)]);
      for (std::size_t k = 0; k < vector->size(); ++k) {
        const Json& number = vector->as_array()[k];
        if (!number.is_number() || !std::isfinite(static_cast<float>(number.as_number()))) return "an embedding holds what is no number";
        row[k] = static_cast<float>(number.as_number());
      }
      normalise(row);
    }
    return {};
  }

  [[noreturn]] void fail(const std::string& what) const {
    std::string text = "the remote model at " + p_.url + ": " + what;
    for (std::size_t at = key_.empty() ? std::string::npos : text.find(key_); at != std::string::npos; at = text.find(key_)) text.replace(at, key_.size(), "[key]");
    throw Error(Code::io, printable(text, Lines::escape, 600));
  }

  // What the endpoint says it used is believed as far as it can be: between nothing and what was reserved.
  void settle(std::int64_t in, std::int64_t out, const Json& answer) const {
    const Json* usage = answer.find("usage");
    const auto said = [&](const char* key, std::int64_t most) {
      const Json* value = usage == nullptr ? nullptr : usage->find(key);
      return value != nullptr && value->is_integer() && value->as_integer() >= 0 && value->as_integer() <= most ? value->as_integer() : most;
    };
    budget_.give_back(in - said("prompt_tokens", in), out - said("completion_tokens", out));
  }

  // `read` takes the answer, or says what is wrong with it.
  template <class Read>
  void call(const std::string& path, const Json& body, std::int64_t in, std::int64_t out, const Run& run, Read&& read) const {
    if (const std::string refused = budget_.reserve(in, out, clock_.now_ms()); !refused.empty()) fail(refused);
    const std::int64_t until = clock_.now_ms() + static_cast<std::int64_t>(p_.timeout_s * 1000);
    PostRequest request{.url = p_.url + path, .body = body.dump(), .key = key_};
    request.connect_timeout_ms = static_cast<long>(p_.connect_timeout_s * 1000);
    std::string problem;
    for (int k = 0; k <= p_.retries; ++k) {
      run.check();
      request.timeout_ms = static_cast<long>(until - clock_.now_ms());
      if (request.timeout_ms <= 0) break;
      budget_.tried();
      const PostAnswer answer = post_json(request, run);
      problem = answer.problem;
      if (answer.status >= 200 && answer.status < 300) {
        problem = understood(answer, in, out, read);
        if (problem.empty()) return;
        break;                                               // it answered, but nonsense: the same would come again
      }
      if (answer.status != 0) problem = "it answered " + std::to_string(answer.status) + said(answer);
      if (!is_worth_another_try(answer) || k == p_.retries) break;
      const std::int64_t wait = answer.retry_after_s >= 0 ? std::int64_t{answer.retry_after_s} * 1000 : std::int64_t{kFirstWait_ms} << k;
      if (clock_.now_ms() + wait >= until) break;
      clock_.wait_ms(static_cast<int>(wait));
    }
    budget_.failed(clock_.now_ms());
    fail(problem.empty() ? "it gave no answer in time" : problem);
  }

  template <class Read>
  std::string understood(const PostAnswer& answer, std::int64_t in, std::int64_t out, Read&& read) const {
    const std::size_t first = answer.body.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return "its answer is empty";
    if (answer.body[first] == '<') return "it answered with a page (HTML) instead of JSON; is the address that of an API?";
    try {
      const Json json = Json::parse(answer.body, "the answer");
      const std::string wrong = read(json);
      if (wrong.empty()) settle(in, out, json);
      return wrong.empty() ? wrong : "its answer cannot be used: " + wrong;
    } catch (const Error& e) {
      return std::string("its answer is no JSON: ") + e.what();
    }
  }

  // What an error's body says, if it says something short.
  static std::string said(const PostAnswer& answer) {
    try {
      const Json json = Json::parse(answer.body, "the answer");
      const Json* error = json.find("error");
      const Json* message = error == nullptr ? nullptr : error->is_string() ? error : error->find("message");
      if (message != nullptr && message->is_string()) return ": " + message->as_string().substr(0, 200);
    } catch (const Error&) {
    }
    return {};
  }

  RemoteParams p_;
  RemoteClock clock_;
  std::string key_;                   // in memory alone
  mutable RemoteBudget budget_;
  mutable std::mutex mutex_;          // of dim_
  mutable std::size_t dim_ = 0;       // as the first vector was
};

}  // namespace

std::unique_ptr<Remote> open_remote(const RemoteParams& params, RemoteClock clock) { return std::make_unique<Endpoint>(params, std::move(clock)); }

}  // namespace attune::lm
