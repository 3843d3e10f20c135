// Remote models: an OpenAI-compatible endpoint (chat completions, embeddings) behind the same contract as local ones. Off unless the settings name it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "attune/lm/language_model.h"

namespace attune::lm {

// All of [language]: what may write beside the templates.
struct RemoteParams {
  std::string generator = "off";
  int generator_ms = 3000;
  std::string remote = "off";
  std::string url;
  std::string model;
  std::string embedding_model;
  std::string key_env = "ATTUNE_REMOTE_KEY";
  double timeout_s = 20;
  double connect_timeout_s = 3;
  int retries = 2;
  std::int64_t tokens_per_day = 200000;
  double money_per_day = 1;
  double price_in = 0, price_out = 0;
  int breaker_failures = 4;
  double breaker_s = 30;
  template <class Visitor>
  void visit(Visitor& v) {
    v("generator", generator, "a local model that may put replies into other words, checked against the facts: off, or a GGUF file such as smollm2.gguf (scripts/setup --generator)");
    v("generator_ms", generator_ms, "milliseconds it may take for one reply; 100..60000");
    v("remote", remote, "off: nothing leaves this machine; on: texts go to the endpoint named by url (docs/privacy.md says which)");
    v("url", url, "of an OpenAI-compatible endpoint: https://models.example/v1");
    v("model", model, "its name there, for writing; empty = it does not write");
    v("embedding_model", embedding_model, "its name there, for reading texts; empty = it does not read");
    v("key_env", key_env, "the environment variable that holds the key; keys stand in no file");
    v("timeout_s", timeout_s, "seconds for one answer, tries included; 0.1..600");
    v("connect_timeout_s", connect_timeout_s, "seconds until the connection stands; 0.1..60");
    v("retries", retries, "further tries after a busy or broken answer, each later than the one before; 0..5");
    v("tokens_per_day", tokens_per_day, "read and written together, by UTC day and process; then the local model answers; 0 = without limit");
    v("money_per_day", money_per_day, "in the currency of the prices; 0 = without limit");
    v("price_in", price_in, "of a million tokens read");
    v("price_out", price_out, "of a million tokens written");
    v("breaker_failures", breaker_failures, "failures in a row after which the endpoint is left alone for a while; 1..100");
    v("breaker_s", breaker_s, "seconds it is left alone");
  }
};

struct RemoteUse {
  std::uint64_t calls = 0, tries = 0, failures = 0, refused_by_breaker = 0, refused_by_budget = 0;
  std::int64_t tokens_in = 0, tokens_out = 0;   // today, UTC
  double money = 0;                             // today
};

// Texts, and nothing else, leave the machine. generate() sends the prompt as one message of the user; a grammar or score() is unsupported.
// Throws Error: bad_request for settings that cannot be (an address that is no http or https, credentials in it, a range), unsupported when remote is "off".
// Calls throw Error: io for an endpoint that hangs, breaks, lies or is left alone, and for a budget that is used up, saying which and what to do; never with the key in it;
// cancelled when the run is stopped. Safe from many threads.
class Remote : public LanguageModel {
 public:
  virtual RemoteUse use() const = 0;
};
// `now_ms` is the clock of budgets and the breaker, `wait_ms` sleeps between tries; both for tests, empty = the real ones.
struct RemoteClock {
  std::function<std::int64_t()> now_ms;
  std::function<void(int)> wait_ms;
};
std::unique_ptr<Remote> open_remote(const RemoteParams& params, RemoteClock clock = {});

// Asks `first`; what fails there with io or unsupported goes to `second`, with a remark. Embeddings do not change models half-way: embed() is `first`'s alone.
// `second` may be null: then the error is passed on.
std::unique_ptr<LanguageModel> with_fallback(std::shared_ptr<const LanguageModel> first, std::shared_ptr<const LanguageModel> second);

}  // namespace attune::lm
