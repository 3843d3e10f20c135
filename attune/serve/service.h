// Service: a workspace behind HTTP: engine, commits, pool, middleware and routes, put together.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "attune/serve/context.h"
#include "attune/serve/middleware.h"
#include "attune/serve/router.h"
#include "attune/serve/server.h"

namespace attune::serve {

// Every file of routes/ adds its own: add_NAME(router, context).
#define ROUTES(name) void add_##name(Router& router, Context& context);
#include "attune/serve/routes.def"

class Service final : public Application {
 public:
  // `log` gets one JSON object a line. Throws what Engine throws: not_found when nothing was fitted yet.
  Service(const engine::Workspace& workspace, const ServeSettings& settings, const Run& run, std::function<void(const Json&)> log);
  ~Service() override;

  Opening open(HttpRequest& request) override;
  void answer(std::shared_ptr<HttpRequest> request, Reply reply) override;
  HttpResponse refuse(const HttpRequest& request, int status, const std::string& code, const std::string& message) override;
  void draining() override;
  // Writes what waits and ends the threads; after the server has stopped and before it is destroyed.
  void close();

  // The whole way of one request, without a network: for tests and for the command line.
  HttpResponse ask(HttpRequest request);
  Context& context() noexcept { return *context_; }
  const Router& router() const noexcept { return router_; }

 private:
  HttpResponse finished(const HttpRequest& request, const Route* route, HttpResponse response);

  ServeSettings settings_;
  engine::Workspace workspace_;
  Router router_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Commits> commits_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Context> context_;
  std::vector<std::unique_ptr<Middleware>> middleware_;
};

}  // namespace attune::serve
