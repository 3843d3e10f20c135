// Idempotency keys: a request that changes something and is sent again with the same Idempotency-Key within a day gets the first answer
// again instead of being done twice. Kept in memory, at most 64 MB: after a restart a key is new (events that carry their time
// are repeats by themselves then).
#include <list>
#include <mutex>
#include <unordered_map>

#include "attune/core/bytes.h"
#include "attune/serve/context.h"
#include "attune/serve/middleware.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20, kLongestAnswer = std::size_t{256} << 10, kLongestKey = 255;
constexpr std::int64_t kDay_ms = 24ll * 3600 * 1000;
constexpr const char* kNote = "idempotency";

class Idempotency final : public Middleware {
 public:
  std::optional<HttpResponse> arrived(HttpRequest& request, const Route*, Context& context) override {
    const std::string_view key = request.header("idempotency-key");
    if (key.empty() || request.method == "GET" || request.method == "OPTIONS") return std::nullopt;
    if (key.size() > kLongestKey) throw Refusal(400, "bad_field", "an idempotency key has at most 255 bytes", "Idempotency-Key");
    const std::string name = hash_hex(request.principal.name + '\n' + request.method + '\n' + request.target + '\n' + std::string(key));
    const std::string body = hash_hex(request.body);
    const std::lock_guard lock(mutex_);
    const auto known = kept_.find(name);
    if (known != kept_.end() && context.now_ms() - known->second.time_ms < kDay_ms) {
      if (known->second.body != body)
        throw Refusal(422, "key_reused", "this idempotency key came with another body before", "Idempotency-Key", "take a new key for a new request");
      if (!known->second.is_done) throw Refusal(409, "in_progress", "the first request with this key is not answered yet", "Idempotency-Key", "ask again in a second");
      HttpResponse again = known->second.response;
      return again.with("Idempotency-Replayed", "true");
    }
    if (known != kept_.end()) drop(known);
    order_.push_back(name);
    kept_[name] = {.body = body, .time_ms = context.now_ms(), .place = std::prev(order_.end())};
    request.notes[kNote] = name;
    return std::nullopt;
  }

  void after(const HttpRequest& request, const Route*, HttpResponse& response, Context&) override {
    const Json* name = request.notes.find(kNote);
    if (name == nullptr) return;
    const std::lock_guard lock(mutex_);
    const auto known = kept_.find(name->as_string());
    if (known == kept_.end()) return;
    if (response.status >= 500 || response.stream || response.body.size() > kLongestAnswer) return drop(known);   // to be tried again
    known->second.is_done = true;
    known->second.response = response;
    bytes_ += response.body.size() + 500;
    while (bytes_ > kMostBytes && !order_.empty()) drop(kept_.find(order_.front()));
  }

 private:
  struct Kept {
    std::string body;
    std::int64_t time_ms = 0;
    std::list<std::string>::iterator place;
    bool is_done = false;
    HttpResponse response = {};
  };
  void drop(std::unordered_map<std::string, Kept>::iterator at) {
    if (at->second.is_done) bytes_ -= at->second.response.body.size() + 500;
    order_.erase(at->second.place);
    kept_.erase(at);
  }

  std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;
  std::list<std::string> order_;   // oldest first
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Middleware> make_idempotency(Context&) { return std::make_unique<Idempotency>(); }

}  // namespace attune::serve
