// Metrics: see the header. The library behind is prometheus-cpp.
#include "attune/serve/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdlib>
#include <map>
#include <mutex>

#include "attune/serve/router.h"

namespace attune::serve {
namespace {

// A request of the bar (10 ms) and a stage of it stand in the middle.
const prometheus::Histogram::BucketBoundaries kRequestSeconds = {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries kStageSeconds = {.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1};

std::map<std::string, std::string> to_map(const Metrics::Labels& labels) { return {labels.begin(), labels.end()}; }

}  // namespace

struct Metrics::State {
  struct Asked {
    std::string name, help;
    prometheus::MetricType type;
    Read read;
  };
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter().Name("attune_http_requests_total").Help("Requests answered").Register(registry);
  prometheus::Family<prometheus::Counter>& bytes = prometheus::BuildCounter().Name("attune_http_response_bytes_total").Help("Bytes of bodies sent, before packing").Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds = prometheus::BuildHistogram().Name("attune_http_request_seconds").Help("From the header of a request to its answer").Register(registry);
  prometheus::Family<prometheus::Histogram>& stages = prometheus::BuildHistogram().Name("attune_stage_seconds").Help("Stages of making a list").Register(registry);
  struct OfRoute {
    prometheus::Histogram* seconds = nullptr;
    prometheus::Counter* bytes = nullptr;
    std::map<int, prometheus::Counter*> by_status;
  };
  std::mutex mutex;
  std::map<const Route*, OfRoute> routes;
  std::map<std::string, prometheus::Histogram*, std::less<>> by_stage;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms;
  std::vector<Asked> asked;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::answered(const Route* route, const HttpRequest& request, const HttpResponse& response, double seconds) {
  // By pattern, never by path: paths name users, and there are as many as somebody cares to make up.
  const std::string pattern = route == nullptr ? "none" : route->pattern;
  const std::string method = route == nullptr ? "none" : request.method;
  prometheus::Histogram* histogram = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    State::OfRoute& of = state_->routes[route];
    if (of.seconds == nullptr) {
      of.seconds = &state_->seconds.Add({{"method", method}, {"route", pattern}}, kRequestSeconds);
      of.bytes = &state_->bytes.Add({{"method", method}, {"route", pattern}});
    }
    prometheus::Counter*& counter = of.by_status[response.status];
    if (counter == nullptr) counter = &state_->requests.Add({{"method", method}, {"route", pattern}, {"status", std::to_string(response.status)}});
    counter->Increment();
    of.bytes->Increment(static_cast<double>(response.body.size()));
    histogram = of.seconds;
  }
  if (seconds >= 0) histogram->Observe(seconds);
}

void Metrics::stage(std::string_view name, double seconds) {
  prometheus::Histogram* histogram = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    auto found = state_->by_stage.find(name);
    if (found == state_->by_stage.end())
      found = state_->by_stage.emplace(std::string(name), &state_->stages.Add({{"stage", std::string(name)}}, kStageSeconds)).first;
    histogram = found->second;
  }
  histogram->Observe(seconds);
}

void Metrics::count(const std::string& name, const std::string& help, const Labels& labels, double by) {
  const std::lock_guard lock(state_->mutex);
  auto*& family = state_->counters[name];
  if (family == nullptr) family = &prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  family->Add(to_map(labels)).Increment(by);   // the same labels again are the same counter
}

void Metrics::observe(const std::string& name, const std::string& help, const Labels& labels, double seconds) {
  const std::lock_guard lock(state_->mutex);
  auto*& family = state_->histograms[name];
  if (family == nullptr) family = &prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  family->Add(to_map(labels), kRequestSeconds).Observe(seconds);
}

void Metrics::gauge(const std::string& name, const std::string& help, Read read) {
  const std::lock_guard lock(state_->mutex);
  state_->asked.push_back({name, help, prometheus::MetricType::Gauge, std::move(read)});
}

void Metrics::counter(const std::string& name, const std::string& help, Read read) {
  const std::lock_guard lock(state_->mutex);
  state_->asked.push_back({name, help, prometheus::MetricType::Counter, std::move(read)});
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  std::vector<State::Asked> asked;
  {
    const std::lock_guard lock(state_->mutex);
    asked = state_->asked;
  }
  for (const State::Asked& one : asked) {
    prometheus::MetricFamily family;
    family.name = one.name;
    family.help = one.help;
    family.type = one.type;
    try {
      for (const Value& value : one.read()) {
        prometheus::ClientMetric metric;
        for (const auto& [label, text] : value.labels) metric.label.push_back({label, text});
        if (one.type == prometheus::MetricType::Gauge) metric.gauge.value = value.value;
        else metric.counter.value = value.value;
        family.metric.push_back(std::move(metric));
      }
    } catch (const std::exception&) {
      continue;   // the store cannot be asked now: no value says so better than an old one
    }
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

std::vector<std::pair<std::string, double>> server_timings(const HttpResponse& response) {
  std::vector<std::pair<std::string, double>> found;
  for (const auto& [header, value] : response.headers) {
    if (header != "Server-Timing") continue;
    for (std::string_view rest = value; !rest.empty();) {
      std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      while (one.starts_with(' ')) one.remove_prefix(1);
      const std::size_t at = one.find(";dur=");
      if (at != std::string_view::npos) found.emplace_back(std::string(one.substr(0, at)), std::strtod(std::string(one.substr(at + 5)).c_str(), nullptr));
    }
  }
  return found;
}

}  // namespace attune::serve
