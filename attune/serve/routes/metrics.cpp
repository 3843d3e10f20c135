// GET /metrics, /v1/metrics: for Prometheus.
#include "attune/serve/metrics.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse metrics(const HttpRequest&, Context& context) {
  HttpResponse response{.status = 200, .type = "text/plain; version=0.0.4; charset=utf-8", .body = context.part<Metrics>().text()};
  response.with("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_metrics(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/metrics", .handler = metrics, .summary = "Counts, times and states in Prometheus' text format", .answer_schema = "Metrics"});
  router.add({.method = "GET", .pattern = "/metrics", .handler = metrics, .summary = "The same, where Prometheus looks", .is_hidden = true});
}

}  // namespace attune::serve
