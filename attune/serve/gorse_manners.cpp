// Gorse's manners: the middleware that gives answers under /api the form its clients know: a UUID as request id, errors as plain
// text, pages of any origin (where a key is needed anyway). Does nothing without --gorse.
#include <fmt/format.h>

#include <random>

#include "attune/serve/context.h"
#include "attune/serve/door.h"
#include "attune/serve/gorse.h"
#include "attune/serve/middleware.h"
#include "attune/serve/router.h"

namespace attune::serve {
namespace {

std::string new_uuid() {
  thread_local std::mt19937_64 random = [] {
    std::random_device source;
    std::seed_seq seed{source(), source(), source(), source()};
    return std::mt19937_64(seed);
  }();
  const std::uint64_t a = random(), b = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff, 0x8000 | ((b >> 48) & 0x3fff), b & 0xffffffffffff);
}

class GorseManners final : public Middleware {
 public:
  explicit GorseManners(bool is_on) : is_on_(is_on) {}

  std::optional<HttpResponse> before(HttpRequest& request, const Route* route, Context& context) override {
    if (!is_on_ || !gorse::is_ours(request.path)) return std::nullopt;
    if (request.is_own_id) request.id = new_uuid();
    if (request.method != "OPTIONS" || route != nullptr || !is_for_all(request, context)) return std::nullopt;
    HttpResponse response{.status = 204, .type = ""};
    response.with("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE").with("Access-Control-Allow-Headers", "Content-Type, X-API-Key, X-API-Version").with("Access-Control-Max-Age", "600");
    return response;
  }

  void after(const HttpRequest& request, const Route*, HttpResponse& response, Context& context) override {
    if (!is_on_ || !gorse::is_ours(request.path)) return;
    if (response.status == 401) response.body = "unauthorized";
    else if (response.status >= 400 && response.type == "application/json") response.body = message_of(response.body);
    if (response.status >= 400) response.type = "text/plain; charset=utf-8";
    if (!is_for_all(request, context)) return;
    std::erase_if(response.headers, [](const auto& header) { return header.first == "Access-Control-Allow-Origin"; });
    response.with("Access-Control-Allow-Origin", "*");
  }

 private:
  // While nobody needs a key, a page of another origin would read what only this machine should: then --cors says which may.
  static bool is_for_all(const HttpRequest& request, const Context& context) {
    const Door* door = context.find_part<Door>();
    return request.header("origin").empty() || (door != nullptr && !door->is_open());
  }

  static std::string message_of(const std::string& body) {
    try {
      const Json json = Json::parse(body);
      const Json* error = json.find("error");
      if (error == nullptr) return body;
      const std::string fix = error->at("fix").as_string();
      return error->at("message").as_string() + (fix.empty() ? "" : "; " + fix);
    } catch (const Error&) {
      return body;
    }
  }

  bool is_on_;
};

}  // namespace

std::unique_ptr<Middleware> make_gorse_manners(Context& context) { return std::make_unique<GorseManners>(context.settings.gorse); }

}  // namespace attune::serve
