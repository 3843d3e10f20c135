// The first middleware: the log of requests and cross-origin rules.
#include "attune/serve/middleware.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "attune/serve/context.h"

namespace attune::serve {
namespace {

// "2026-03-01T10:20:30.123Z"
std::string time_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

// One line a request. By pattern, not by path: paths name users, queries hold what people typed, headers hold keys; an erased
// user must not live on in a log.
class RequestLog final : public Middleware {
 public:
  explicit RequestLog(const ServeSettings& settings) : is_on_(settings.log_requests), with_paths_(settings.log_paths) {}
  void after(const HttpRequest& request, const Route* route, HttpResponse& response, Context& context) override {
    if (!is_on_ || !context.log) return;
    const auto took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - request.received).count();
    Json line = Json::object();
    line["level"] = response.status >= 500 ? "error" : response.status >= 400 ? "warn" : "info";
    line["time"] = time_text(context.now_ms());
    line["message"] = "request";
    line["request"] = request.id;
    if (const Json* trace = request.notes.find("trace")) line["trace"] = trace->at("trace");
    line["method"] = request.method;
    line["route"] = route == nullptr ? Json() : Json(route->pattern);
    if (with_paths_) line["path"] = request.path;
    line["status"] = response.status;
    line["ms"] = std::round(took * 1000) / 1000;
    line["bytes"] = response.body.size();
    line["who"] = request.principal.name;
    line["from"] = request.peer;
    context.log(line);
  }

 private:
  bool is_on_, with_paths_;
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
        .with("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-None-Match, Traceparent, X-API-Key, X-Request-Id")
        .with("Access-Control-Max-Age", "600");
    return response;
  }

  void after(const HttpRequest& request, const Route*, HttpResponse& response, Context&) override {
    const std::string_view origin = request.header("origin");
    if (origins_.empty() || origin.empty() || !is_allowed(origin)) return;
    response.with("Access-Control-Allow-Origin", origins_ == "*" ? "*" : std::string(origin))
        .with("Access-Control-Expose-Headers", "ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Server-Timing, X-Request-Id")
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

}  // namespace

std::unique_ptr<Middleware> make_request_log(Context& context) { return std::make_unique<RequestLog>(context.settings); }
std::unique_ptr<Middleware> make_cors(Context& context) { return std::make_unique<Cors>(context.settings.cors); }

}  // namespace attune::serve
