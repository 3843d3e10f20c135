// Metrics: what Prometheus reads at /metrics: counters and histograms kept as requests pass, and values read when asked for.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attune/serve/http.h"

namespace attune::serve {

struct Route;

// Safe from many threads. Names follow Prometheus: attune_..._total counts, ..._seconds, ..._bytes.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  using Labels = std::vector<std::pair<std::string, std::string>>;

  void answered(const Route* route, const HttpRequest& request, const HttpResponse& response, double seconds);
  void stage(std::string_view name, double seconds);                  // of the pipeline
  void count(const std::string& name, const std::string& help, const Labels& labels = {}, double by = 1);
  void observe(const std::string& name, const std::string& help, const Labels& labels, double seconds);   // a histogram of times

  // Values that somebody else keeps, read at each scrape; `read` must be quick, safe from any thread and outlive the service's
  // requests. What it throws leaves the value out of that scrape.
  struct Value {
    Labels labels;
    double value = 0;
  };
  using Read = std::function<std::vector<Value>()>;
  void gauge(const std::string& name, const std::string& help, Read read);
  void counter(const std::string& name, const std::string& help, Read read);

  std::string text() const;   // Prometheus text format 0.0.4

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "retrieve;dur=1.27, fuse;dur=0.31": of the Server-Timing header, name and milliseconds.
std::vector<std::pair<std::string, double>> server_timings(const HttpResponse& response);

}  // namespace attune::serve
