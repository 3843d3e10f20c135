// OTLP: sends spans to a collector as JSON over HTTP, in batches, from a thread of its own. No request ever waits for it: what
// the collector cannot take in time is dropped and counted. https://opentelemetry.io/docs/specs/otlp/
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "attune/core/json.h"

namespace attune::serve {

struct Span {
  std::string trace, span, parent, name;
  std::int64_t begin_ns = 0, end_ns = 0;    // since 1970
  bool is_server = true;                    // false: a step within
  bool is_error = false;
  std::vector<std::pair<std::string, Json>> attributes;   // strings, whole numbers
};

// The body of one export, as the standard's JSON mapping has it.
Json to_otlp(const std::vector<Span>& spans);

class Otlp {
 public:
  // `url`: http://127.0.0.1:4318 or https://...; "/v1/traces" is added unless the path says so. Throws Error: bad_request for what is no such URL.
  explicit Otlp(std::string url);
  ~Otlp();                        // tries once to send what waits, a second at most
  void add(std::vector<Span> spans);   // of one request; never blocks
  struct Counts {
    std::uint64_t sent = 0, dropped = 0, failed_exports = 0, waiting = 0;
  };
  Counts counts() const;

 private:
  void work();
  bool send(const std::vector<Span>& spans, long timeout_ms);

  const std::string url_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Span> spans_;
  Counts counts_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace attune::serve
