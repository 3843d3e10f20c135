// The page: / and its views, which one document shows; /assets: what it is made of. Open to everybody: it holds no data, and asks
// the API for them with the caller's rights.
#include <algorithm>
#include <array>

#include "attune/serve/page_files.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

constexpr std::size_t kLongestFile = std::size_t{64} << 20;
// First segments of the page's addresses; a new view is a word here.
constexpr std::array kViews = {"users", "items", "playground", "map", "models", "experiments", "tuning", "settings", "keys", "chat", "login"};

// Nothing but our own files, no inline scripts or styles, no frames: what an item's text or a user's name holds stays text.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

constexpr const char* kNoPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>attune</title>"
    "<h1>attune is running</h1><p>This program was built without its page. To have it: <code>scripts/setup</code>, then "
    "<code>cmake --preset release</code> and <code>cmake --build --preset release</code>.</p>"
    "<p>The API is described at <a href=\"/v1/openapi.json\">/v1/openapi.json</a>.</p></html>";

HttpResponse secured(HttpResponse response) {
  response.with("Content-Security-Policy", kPolicy)
      .with("X-Content-Type-Options", "nosniff")
      .with("Referrer-Policy", "no-referrer")
      .with("Cross-Origin-Opener-Policy", "same-origin")
      .with("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

HttpResponse served(const HttpRequest& request, std::string_view path) {
  const auto files = page_files();
  const auto found = std::find_if(files.begin(), files.end(), [&](const PageFile& file) { return file.path == path; });
  if (found == files.end()) {
    if (files.empty() && path == "index.html") return secured({.status = 200, .type = "text/html; charset=utf-8", .body = kNoPage});
    throw Refusal(404, "no_such_path", "the page has no file of that name", "", "load the page again: it may be older than the service");
  }
  HttpResponse response{.status = 200, .type = std::string(found->type), .body = {found->gzip.begin(), found->gzip.end()}};
  if (request.header("accept-encoding").find("gzip") != std::string_view::npos) response.with("Content-Encoding", "gzip");
  else response.body = gunzipped(response.body, kLongestFile);
  response.with("Vary", "Accept-Encoding");
  response.with("Cache-Control", path.starts_with("assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  return secured(std::move(response));
}

void add(Router& router, std::string pattern, std::string_view prefix) {
  // On the network thread: the page loads also while every thread of the pool is busy.
  router.add({.method = "GET", .pattern = std::move(pattern), .need = Role::none,
              .async_handler = [prefix](auto request, Context&, Reply reply) { reply(served(*request, prefix.ends_with('/') ? std::string(prefix) + request->param("path") : std::string(prefix))); },
              .any_query = true, .has_etag = true, .is_hidden = true});
}

}  // namespace

void add_page(Router& router, Context&) {
  add(router, "/", "index.html");
  for (const char* view : kViews) add(router, std::string("/") + view + "/{path...}", "index.html");
  add(router, "/assets/{path...}", "assets/");
  add(router, "/favicon.svg", "favicon.svg");
  add(router, "/favicon.ico", "favicon.svg");
}

}  // namespace attune::serve
