// The first middleware: the log of requests, cross-origin rules, and the open door of a service without keys.
#include "attune/serve/middleware.h"

#include <algorithm>

#include "attune/serve/context.h"

namespace attune::serve {
namespace {

class RequestLog final : public Middleware {
 public:
  explicit RequestLog(bool is_on) : is_on_(is_on) {}
  void after(const HttpRequest& request, const Route* route, HttpResponse& response, Context& context) override {
    if (!is_on_ || !context.log) return;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - request.received);
    Json line = Json::object();
    line["level"] = response.status >= 500 ? "error" : "info";
    line["time_ms"] = context.now_ms();
    line["request"] = request.id;
    line["method"] = request.method;
    line["path"] = request.path;   // without the query: it may hold what people typed
    line["route"] = route == nullptr ? Json() : Json(route->pattern);
    line["status"] = response.status;
    line["us"] = static_cast<long long>(took.count());
    line["bytes"] = response.body.size();
    line["who"] = request.principal.name;
    context.log(line);
  }

 private:
  bool is_on_;
};

class Cors final : public Middleware {
 public:
  explicit Cors(std::string origins) : origins_(std::move(origins)) {}

  std::optional<HttpResponse> before(HttpRequest& request, const Route* route, Context& context) override {
    if (origins_.empty() || request.method != "OPTIONS" || route != nullptr || request.header("access-control-request-method").empty()) return std::nullopt;
    HttpResponse response{.status = 204, .type = ""};
    std::string methods;
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"})
      if (context.router.match(method, request.path).route != nullptr) methods += (methods.empty() ? "" : ", ") + std::string(method);
    response.with("Access-Control-Allow-Methods", methods)
        .with("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-API-Key, X-Request-Id")
        .with("Access-Control-Max-Age", "600");
    return response;
  }

  void after(const HttpRequest& request, const Route*, HttpResponse& response, Context&) override {
    const std::string_view origin = request.header("origin");
    if (origins_.empty() || origin.empty() || !is_allowed(origin)) return;
    response.with("Access-Control-Allow-Origin", origins_ == "*" ? "*" : std::string(origin))
        .with("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
        .with("Vary", "Origin");
  }

 private:
  bool is_allowed(std::string_view origin) const {
    if (origins_ == "*") return true;
    for (std::string_view rest = origins_; !rest.empty();) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (rest.substr(0, end) == origin) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
  }
  std::string origins_;
};

// Without keys everybody who reaches the port may do everything; cli refuses other addresses than loopback then.
class OpenDoor final : public Middleware {
 public:
  std::optional<HttpResponse> before(HttpRequest& request, const Route*, Context&) override {
    request.principal = {.name = "local", .role = Role::admin};
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Middleware> make_request_log(Context& context) { return std::make_unique<RequestLog>(context.settings.log_requests); }
std::unique_ptr<Middleware> make_cors(Context& context) { return std::make_unique<Cors>(context.settings.cors); }
std::unique_ptr<Middleware> make_open_door(Context&) { return std::make_unique<OpenDoor>(); }

}  // namespace attune::serve
