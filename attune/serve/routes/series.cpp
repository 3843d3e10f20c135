// GET /v1/series: what happened lately, a number a second or a minute. The middleware beside it counts requests as they pass.
#include "attune/serve/series.h"
#include "attune/serve/fields.h"
#include "attune/serve/middleware.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

// Who only looks does not count: the page's own files, its look at the series, probes and scrapes.
bool is_looking(const Route& route) {
  return route.is_hidden || route.pattern == "/v1/series" || route.pattern.starts_with("/v1/health") || route.pattern == "/v1/metrics" || route.pattern == "/v1/session" ||
         route.pattern == "/v1/openapi.json";
}

bool is_list(const Route& route) { return route.answer_schema == "List"; }

class Counting final : public Middleware {
 public:
  explicit Counting(Series& series) : series_(series) {}
  void after(const HttpRequest& request, const Route* route, HttpResponse& response, Context& context) override {
    if (route != nullptr && is_looking(*route)) return;
    const bool is_timed = request.received != std::chrono::steady_clock::time_point{};
    series_.answered(context.now_ms(), response.status, is_timed ? std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - request.received).count() : -1,
                     route != nullptr && is_list(*route));
  }

 private:
  Series& series_;
};

HttpResponse series(const HttpRequest& request, Context& context) {
  const auto minutes = static_cast<int>(query_integer(request, "minutes", 5, 1, Series::kMinutes));
  return json_response(200, context.part<Series>().read(context.now_ms(), minutes));
}

}  // namespace

std::unique_ptr<Middleware> make_series(Context& context) { return std::make_unique<Counting>(context.add<Series>()); }

void add_series(Router& router, Context& context) {
  Series& kept = context.part<Series>();
  context.commits.listen([&kept, &context](std::span<const std::vector<data::Event>> groups) {
    std::uint64_t count = 0;
    for (const auto& events : groups) count += events.size();
    kept.taken(context.now_ms(), count);
  });
  router.add({.method = "GET", .pattern = "/v1/series", .handler = series, .summary = "Requests, failures, events and answer times of the last minutes",
              .query = {{"minutes", "integer", "how far back; up to 10 a number a second, up to 1440 a number a minute"}}, .answer_schema = "Series"});
}

}  // namespace attune::serve
