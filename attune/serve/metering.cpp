// Metering: the middleware that counts and times what passes, and what else there is to know of a service.
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "attune/serve/context.h"
#include "attune/serve/metrics.h"
#include "attune/serve/middleware.h"

namespace attune::serve {
namespace {

class Metering final : public Middleware {
 public:
  explicit Metering(Metrics& metrics) : metrics_(metrics) {}

  void after(const HttpRequest& request, const Route* route, HttpResponse& response, Context&) override {
    const bool is_timed = request.received != std::chrono::steady_clock::time_point{};
    metrics_.answered(route, request, response, is_timed ? std::chrono::duration<double>(std::chrono::steady_clock::now() - request.received).count() : -1);
    for (const auto& [stage, ms] : server_timings(response)) metrics_.stage(stage, ms / 1000);
    if (response.status == 401 || response.status == 403) metrics_.count("attune_auth_refused_total", "Requests without the right to what they asked", {{"status", std::to_string(response.status)}});
    if (response.status == 429) metrics_.count("attune_rate_limited_total", "Requests of keys over their rate, and logins slowed down", {{"who", request.principal.name.empty() ? "nobody" : request.principal.name}});
  }

 private:
  Metrics& metrics_;
};

std::vector<Metrics::Value> one(double value) { return {{.labels = {}, .value = value}}; }

double resident_bytes() {
  unsigned long long size = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// A snapshot's name says when it was sealed: 2026-03-01T10-20-30Z.
double made_seconds(const std::string& name) {
  std::tm utc{};
  if (std::sscanf(name.c_str(), "%d-%d-%dT%d-%d-%dZ", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec) != 6)
    throw Error(Code::internal, "the snapshot's name " + name + " is no time");
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return static_cast<double>(::timegm(&utc));
}

double open_files() {
  std::error_code error;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd", error);
  return error ? 0 : static_cast<double>(std::distance(begin(files), end(files)));
}

void read_process(Metrics& metrics, const Context& context) {
  const double began = static_cast<double>(context.now_ms()) / 1000;
  metrics.gauge("process_resident_memory_bytes", "Memory of this process", [] { return one(resident_bytes()); });
  metrics.counter("process_cpu_seconds_total", "Time this process computed", [] { return one(cpu_seconds()); });
  metrics.gauge("process_open_fds", "Files and connections open", [] { return one(open_files()); });
  metrics.gauge("process_start_time_seconds", "Since 1970", [began] { return one(began); });
}

void read_service(Metrics& metrics, Context& context) {
  metrics.gauge("attune_queue_waiting", "Requests waiting for a thread", [&context] { return one(static_cast<double>(context.pool.waiting())); });
  metrics.gauge("attune_queue_limit", "How many may wait", [&context] { return one(static_cast<double>(context.settings.queue)); });
  metrics.gauge("attune_threads", "Threads for model work", [&context] { return one(context.pool.threads()); });
  metrics.gauge("attune_draining", "1 while the service stops", [&context] { return one(context.is_draining ? 1 : 0); });
  metrics.counter("attune_events_accepted_total", "Events made durable since the start", [&context] { return one(static_cast<double>(context.commits.counts().events)); });
  metrics.counter("attune_commits_total", "Commits that made them so", [&context] { return one(static_cast<double>(context.commits.counts().commits)); });
  metrics.counter("attune_commits_failed_total", "Commits that the disk refused", [&context] { return one(static_cast<double>(context.commits.counts().failed)); });
  metrics.counter("attune_exposures_total", "Lists logged as shown", [&context] { return one(static_cast<double>(context.commits.counts().exposures)); });
  metrics.counter("attune_exposures_dropped_total", "Lists not logged, too many waiting", [&context] { return one(static_cast<double>(context.commits.counts().dropped_exposures)); });
}

void read_store(Metrics& metrics, Context& context) {
  metrics.gauge("attune_store_rows", "What the store holds", [&context] {
    const data::StoreCounts counts = context.engine.store().counts();
    return std::vector<Metrics::Value>{{{{"of", "events"}}, static_cast<double>(counts.events)},   {{{"of", "users"}}, static_cast<double>(counts.users)},
                                       {{{"of", "items"}}, static_cast<double>(counts.items)},     {{{"of", "exposures"}}, static_cast<double>(counts.exposures)},
                                       {{{"of", "rejections"}}, static_cast<double>(counts.rejections)}};
  });
  metrics.gauge("attune_store_bytes", "Size of the store", [&context] { return one(static_cast<double>(context.engine.store().counts().size_bytes)); });
  metrics.gauge("attune_store_newest_event_age_seconds", "Time since the newest event", [&context] {
    const data::StoreCounts counts = context.engine.store().counts();
    if (counts.events == 0) return std::vector<Metrics::Value>{};
    return one(static_cast<double>(context.now_ms() - counts.last_ms) / 1000);
  });
  metrics.gauge("attune_snapshot_age_seconds", "Time since the snapshot in service was fitted", [&context] {
    const std::string name = context.engine.snapshot()->name;
    return std::vector<Metrics::Value>{{{{"snapshot", name}}, static_cast<double>(context.now_ms()) / 1000 - made_seconds(name)}};
  });
  metrics.gauge("attune_snapshot_events_behind", "Events that came after the snapshot in service was fitted", [&context] {
    return one(static_cast<double>(context.engine.store().counts().last) - static_cast<double>(context.engine.snapshot()->until));
  });
}

}  // namespace

std::unique_ptr<Middleware> make_metrics(Context& context) {
  Metrics& metrics = context.add<Metrics>();
  read_process(metrics, context);
  read_service(metrics, context);
  read_store(metrics, context);
  return std::make_unique<Metering>(metrics);
}

}  // namespace attune::serve
