// Keys: the middleware that says who asks (a key, a session, nobody), holds keys to their rate, and has actions that need the
// role admin written down.
#include <algorithm>

#include "attune/serve/context.h"
#include "attune/serve/door.h"
#include "attune/serve/gorse.h"
#include "attune/serve/middleware.h"
#include "attune/serve/refusal.h"
#include "attune/serve/secrets.h"
#include "attune/serve/session_cookie.h"

namespace attune::serve {
namespace {

constexpr std::size_t kLongestSecret = 256;
constexpr std::size_t kLongestReceipt = 4096;

bool is_write(const std::string& method) { return method != "GET" && method != "OPTIONS"; }

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// "https://shop.example:8443" -> "shop.example:8443"
std::string_view host_of(std::string_view origin) {
  const std::size_t at = origin.find("://");
  return at == std::string_view::npos ? origin : origin.substr(at + 3);
}

// A page of another origin sends the browser's cookie, or reaches a port of this machine, without the person knowing.
void check_origin(const HttpRequest& request) {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || !is_write(request.method) || host_of(origin) == request.header("host")) return;
  throw Refusal(403, "foreign_origin", "this came from a page of another origin", "Origin", "use a key instead of a login: Authorization: Bearer KEY");
}

// A name of somebody else's that leads to this machine (DNS rebinding) would let a foreign page in through an open door.
void check_host(const HttpRequest& request, const ServeSettings& settings) {
  const std::string_view host = without_port(request.header("host"));
  if (host.empty() || is_loopback(host) || host == settings.host) return;
  throw Refusal(403, "foreign_host", "without keys this service answers to localhost only", "Host", "ask 127.0.0.1, or make a key: attune keys create");
}

// nullopt: no secret in the request.
std::optional<std::string_view> secret_of(const HttpRequest& request) {
  std::string_view given = request.header("authorization");
  if (given.empty()) {
    given = request.header("x-api-key");   // what Gorse's clients send
    if (given.empty()) return std::nullopt;
    return given;
  }
  const bool is_bearer = given.size() > 7 && std::equal(given.begin(), given.begin() + 7, "bearer ", [](unsigned char a, char b) { return std::tolower(a) == b; });
  if (!is_bearer) return std::string_view();
  given.remove_prefix(7);
  while (given.starts_with(' ')) given.remove_prefix(1);
  return given;
}

[[noreturn]] void refuse_secret() {
  Refusal refusal(401, "unauthorized", "this key is not known here, or was revoked", "Authorization", "send 'Authorization: Bearer KEY' with a key of attune keys create");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
  throw refusal;
}

class Keys final : public Middleware {
 public:
  explicit Keys(Door& door) : door_(door) {}

  std::optional<HttpResponse> before(HttpRequest& request, const Route* route, Context&) override {
    if (door_.settings().behind_proxy) believe_proxy(request);
    // Gorse's clients send a key even where none was set; while there are no keys here it says nothing.
    const bool is_idle_key = door_.is_open() && gorse::is_ours(request.path) && request.header("authorization").empty();
    if (const auto secret = secret_of(request); secret && !is_idle_key) {
      let_in_by_key(request, *secret);
      return std::nullopt;
    }
    if (const auto token = session_token(request)) {
      if (auto visitor = door_.visitor(*token)) {
        let_in_by_session(request, *token, *visitor, route);
        return std::nullopt;
      }
    }
    if (!door_.is_open()) return std::nullopt;   // nobody: paths that need nothing
    check_host(request, door_.settings());
    check_origin_unless_allowed(request);
    request.principal = {.name = "local", .role = door_.open_role()};
    if (route != nullptr && route->need == Role::admin && request.principal.role < Role::admin)
      throw Refusal(401, "unauthorized", "this needs a key with the role admin, and no key was made yet", "Authorization",
                    "attune keys create --name me --role admin; or, where only you reach this machine, attune serve --open-admin");
    return std::nullopt;
  }

  void after(const HttpRequest& request, const Route* route, HttpResponse& response, Context& context) override {
    if (const Json* limit = request.notes.find("rate_limit")) {
      response.with("RateLimit-Limit", std::to_string(limit->at("limit").as_integer()))
          .with("RateLimit-Remaining", std::to_string(limit->at("left").as_integer()))
          .with("RateLimit-Reset", std::to_string(limit->at("reset").as_integer()));
    }
    if (response.status == 401 && std::none_of(response.headers.begin(), response.headers.end(), [](const auto& h) { return h.first == "WWW-Authenticate"; }))
      response.with("WWW-Authenticate", "Bearer");
    if (route != nullptr && route->need == Role::admin && is_write(request.method) && request.principal.role != Role::none) write_down(request, *route, response, context);
  }

 private:
  // The last address is what our own proxy saw; those before it anybody could have written.
  static void believe_proxy(HttpRequest& request) {
    std::string_view said = request.header("x-forwarded-for");
    if (const std::size_t comma = said.rfind(','); comma != std::string_view::npos) said.remove_prefix(comma + 1);
    while (said.starts_with(' ')) said.remove_prefix(1);
    if (!said.empty()) request.peer = std::string(said.substr(0, 64));
    if (request.header("x-forwarded-proto") == "https") request.is_tls = true;
  }

  void let_in_by_key(HttpRequest& request, std::string_view secret) {
    if (secret.empty() || secret.size() > kLongestSecret) refuse_secret();
    auto holder = door_.holder(secret);
    if (!holder) refuse_secret();
    request.principal = std::move(holder->principal);
    if (!holder->bucket) return;
    const Bucket::Taken taken = holder->bucket->take(request.received == std::chrono::steady_clock::time_point{} ? Bucket::Clock::now() : request.received);
    Json& limit = request.notes["rate_limit"];
    limit["limit"] = holder->bucket->rate().count;
    limit["left"] = taken.left;
    limit["reset"] = taken.full_s;
    if (taken.is_allowed) return;
    Refusal refusal(429, "rate_limited", "the key may ask " + to_text(holder->bucket->rate()), "", "ask again in " + std::to_string(taken.wait_s) + " s");
    refusal.headers.emplace_back("Retry-After", std::to_string(taken.wait_s));
    throw refusal;
  }

  static void let_in_by_session(HttpRequest& request, std::string_view token, const Door::Visitor& visitor, const Route* route) {
    if (is_write(request.method) && route != nullptr) {
      check_origin(request);
      if (!same(request.header("x-csrf-token"), csrf_token(token)))
        throw Refusal(403, "csrf", "the header X-CSRF-Token is missing or of another session", "X-CSRF-Token", "send the csrf of POST /v1/login or GET /v1/session");
    }
    request.principal = visitor.principal;
    request.notes["session"] = visitor.digest;
  }

  void check_origin_unless_allowed(const HttpRequest& request) const {
    const std::string& allowed = door_.settings().cors;
    if (allowed == "*" || (!allowed.empty() && ("," + allowed + ",").find("," + std::string(request.header("origin")) + ",") != std::string::npos)) return;
    check_origin(request);
  }

  void write_down(const HttpRequest& request, const Route& route, const HttpResponse& response, const Context& context) {
    AuditEntry entry{.time_ms = context.now_ms(), .who = request.principal.name, .from = request.peer, .action = request.method + " " + route.pattern};
    entry.request = request.id;
    entry.status = response.status;
    for (const auto& [name, value] : request.params) {
      if (name == "user" || name == "item") continue;   // may be erased by this, and must then be in no file
      entry.what += (entry.what.empty() ? "" : ", ") + name + " " + value.substr(0, 200);
    }
    if (response.status < 300 && response.body.size() < kLongestReceipt && response.body.find("\"receipt\"") != std::string::npos)
      add_receipt(entry, Json::parse(response.body));
    if (const Json* about = request.notes.find("audit")) entry.what += (entry.what.empty() ? "" : ", ") + about->as_string();
    door_.note(std::move(entry));
  }

  static void add_receipt(AuditEntry& entry, const Json& body) {
    const Json* receipt = body.find("receipt");
    if (receipt != nullptr && receipt->is_string()) entry.what += (entry.what.empty() ? "" : ", ") + std::string("receipt ") + receipt->as_string();
  }

  Door& door_;
};

}  // namespace

std::unique_ptr<Middleware> make_keys(Context& context) {
  return std::make_unique<Keys>(context.add<Door>(context.workspace.folder(), context.settings, context.now_ms));
}

}  // namespace attune::serve
