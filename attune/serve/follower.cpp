// Follower: see the header.
#include "attune/serve/follower.h"

#include <chrono>

#include "attune/serve/metrics.h"
#include "attune/serve/shown.h"

namespace attune::serve {
namespace {

constexpr int kLookMs = 250;                              // at the latest; a word of the store comes sooner
constexpr auto kAfterFailure = std::chrono::milliseconds(500);
constexpr auto kSnapshots = std::chrono::seconds(1);

}  // namespace

Follower::Follower(Context& context) : context_(context) {
  Metrics& metrics = context.part<Metrics>();
  const auto value = [](double v) { return std::vector<Metrics::Value>{{.labels = {}, .value = v}}; };
  metrics.counter("attune_followed_events_total", "Events that other services on the store took", [this, value] { return value(static_cast<double>(state().events)); });
  metrics.gauge("attune_following", "1 while this service is in step with the others on its store", [this, value] { return value(state().problem.empty() ? 1 : 0); });
}

Follower::~Follower() { stop(); }

void Follower::start() { thread_ = std::thread([this] { work(); }); }

void Follower::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Follower::State Follower::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Follower::look(const Run& run) {
  const engine::Caught caught = context_.engine.follow(kLookMs, run);
  if (Shown* shown = context_.find_part<Shown>(); shown != nullptr && !caught.is_empty()) {
    if (caught.has_many) shown->forget_people();
    for (const data::StoredEvent& stored : caught.events) shown->taken(stored.event.user, stored.event.item);
    for (const data::Receipt& receipt : caught.receipts) shown->forget_erased(receipt);
  }
  const std::lock_guard lock(mutex_);
  state_.events += caught.events.size();
  state_.items += caught.items.size();
  state_.erasures += caught.receipts.size();
  state_.problem.clear();
}

void Follower::work() {
  const Run run;
  auto snapshots = std::chrono::steady_clock::now();
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (is_over_) return;
    }
    try {
      look(run);
      if (std::chrono::steady_clock::now() - snapshots > kSnapshots) {
        context_.engine.reload(run);
        snapshots = std::chrono::steady_clock::now();
      }
    } catch (const std::exception& e) {
      Json line = Json::object();
      line["level"] = "error";
      line["message"] = std::string("not in step with the other services on this store: ") + e.what();
      std::unique_lock lock(mutex_);
      if (state_.problem.empty()) {
        state_.since_ms = context_.now_ms();
        if (context_.log) context_.log(line);
      }
      state_.problem = e.what();
      wake_.wait_for(lock, kAfterFailure, [this] { return is_over_; });
    }
  }
}

}  // namespace attune::serve
