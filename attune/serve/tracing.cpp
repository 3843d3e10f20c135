// Tracing: the middleware that takes up or begins a trace, gives it back in the answer, and hands spans to the collector.
#include <random>

#include "attune/serve/context.h"
#include "attune/serve/metrics.h"
#include "attune/serve/middleware.h"
#include "attune/serve/otlp.h"
#include "attune/serve/trace.h"

namespace attune::serve {
namespace {

class Tracing final : public Middleware {
 public:
  Tracing(Otlp* otlp, double sample) : otlp_(otlp), sample_(sample) {}

  std::optional<HttpResponse> before(HttpRequest& request, const Route*, Context&) override {
    auto context = parse_traceparent(request.header("traceparent"));
    if (!context) context = {.trace = random_hex(32), .span = random_hex(16), .parent = "", .is_sampled = otlp_ != nullptr && is_drawn()};
    Json& note = request.notes["trace"];
    note["trace"] = std::move(context->trace);
    note["span"] = std::move(context->span);
    note["parent"] = std::move(context->parent);
    note["sampled"] = context->is_sampled;
    return std::nullopt;
  }

  void after(const HttpRequest& request, const Route* route, HttpResponse& response, Context& context) override {
    const Json* note = request.notes.find("trace");
    if (note == nullptr) return;    // refused before its header was whole
    const TraceContext trace{.trace = note->at("trace").as_string(), .span = note->at("span").as_string(), .parent = note->at("parent").as_string(), .is_sampled = note->at("sampled").as_bool()};
    response.with("traceparent", traceparent(trace));
    if (otlp_ != nullptr && trace.is_sampled) otlp_->add(spans_of(trace, request, route, response, context));
  }

 private:
  bool is_drawn() const {
    thread_local std::mt19937_64 random{std::random_device{}()};
    return sample_ >= 1 || std::uniform_real_distribution<double>()(random) < sample_;
  }

  static std::vector<Span> spans_of(const TraceContext& trace, const HttpRequest& request, const Route* route, const HttpResponse& response, const Context& context) {
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - request.received).count();
    const std::int64_t end_ns = context.now_ms() * 1'000'000;
    // Names are patterns: paths and queries name people and what they looked for.
    const std::string pattern = route == nullptr ? "" : route->pattern;
    std::vector<Span> spans(1);
    spans[0] = {.trace = trace.trace, .span = trace.span, .parent = trace.parent, .name = pattern.empty() ? request.method : request.method + " " + pattern,
                .begin_ns = end_ns - took, .end_ns = end_ns, .is_server = true, .is_error = response.status >= 500};
    spans[0].attributes = {{"http.request.method", request.method}, {"http.route", pattern}, {"http.response.status_code", response.status},
                           {"attune.request", request.id},          {"attune.who", request.principal.name}};
    // Stages ran one after the other and ended with the answer; when each began follows from that.
    const auto stages = server_timings(response);
    std::int64_t at = end_ns;
    for (auto it = stages.rbegin(); it != stages.rend(); ++it) {
      const auto begin = std::max(spans[0].begin_ns, at - static_cast<std::int64_t>(it->second * 1e6));
      spans.push_back({.trace = trace.trace, .span = random_hex(16), .parent = trace.span, .name = it->first, .begin_ns = begin, .end_ns = at, .is_server = false, .is_error = false, .attributes = {}});
      at = begin;
    }
    return spans;
  }

  Otlp* otlp_;
  const double sample_;
};

}  // namespace

std::unique_ptr<Middleware> make_tracing(Context& context) {
  if (context.settings.otlp.empty()) return std::make_unique<Tracing>(nullptr, 0);
  Otlp& otlp = context.add<Otlp>(context.settings.otlp);
  if (Metrics* metrics = context.find_part<Metrics>()) {
    metrics->counter("attune_otlp_spans_sent_total", "Spans the collector took", [&otlp] { return std::vector<Metrics::Value>{{{}, static_cast<double>(otlp.counts().sent)}}; });
    metrics->counter("attune_otlp_spans_dropped_total", "Spans dropped, the collector being away or slow", [&otlp] { return std::vector<Metrics::Value>{{{}, static_cast<double>(otlp.counts().dropped)}}; });
    metrics->counter("attune_otlp_exports_failed_total", "Exports the collector did not take", [&otlp] { return std::vector<Metrics::Value>{{{}, static_cast<double>(otlp.counts().failed_exports)}}; });
  }
  return std::make_unique<Tracing>(&otlp, context.settings.otlp_sample);
}

}  // namespace attune::serve
