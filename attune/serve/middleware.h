// Middleware: what every request passes on its way in and out: who is it, may it, how often; counting and logging after.
// One line of middleware.def each, in that order on the way in, the other way round on the way out.
#pragma once
#include <memory>
#include <optional>

#include "attune/serve/http.h"
#include "attune/serve/router.h"

namespace attune::serve {

// Safe from many threads.
class Middleware {
 public:
  virtual ~Middleware() = default;
  // When the header is here, before the body is read; on the network thread: must not block. May fill request.principal and
  // request.notes. A response given here is the answer, and the handler never runs. `route` is nullptr where there is none.
  virtual std::optional<HttpResponse> before(HttpRequest&, const Route*, Context&) { return std::nullopt; }
  // When the body is here too, before the handler runs; on the network thread, short. A response given here is the answer.
  virtual std::optional<HttpResponse> arrived(HttpRequest&, const Route*, Context&) { return std::nullopt; }
  // When the answer is made, whoever made it, before it is sent; on any thread: must not block.
  virtual void after(const HttpRequest&, const Route*, HttpResponse&, Context&) {}
};

#define MIDDLEWARE(name) std::unique_ptr<Middleware> make_##name(Context& context);
#include "attune/serve/middleware.def"

}  // namespace attune::serve
