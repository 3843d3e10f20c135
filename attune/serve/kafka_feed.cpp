// Kafka feed: see the header.
#include "attune/serve/kafka_feed.h"

#include <algorithm>
#include <chrono>

#include "attune/serve/metrics.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr auto kFirstPause = std::chrono::milliseconds(200), kLongestPause = std::chrono::milliseconds(10000), kStep = std::chrono::milliseconds(100);

}  // namespace

KafkaFeed::KafkaFeed(Context& context, const std::string& address) : context_(context), topic_(data::kafka_topic(address)) {
  Metrics& metrics = context.part<Metrics>();
  const auto one = [this](auto read) { return [this, read] { return std::vector<Metrics::Value>{{{{"topic", topic_.topic}}, static_cast<double>(read(counts()))}}; }; };
  metrics.counter("attune_kafka_messages_total", "Messages read from Kafka", one([](const data::KafkaCounts& c) { return c.messages; }));
  metrics.counter("attune_kafka_events_total", "Events of them that were new", one([](const data::KafkaCounts& c) { return c.accepted; }));
  metrics.counter("attune_kafka_repeated_total", "Events of them that were known", one([](const data::KafkaCounts& c) { return c.repeated; }));
  metrics.counter("attune_kafka_rejected_total", "Messages of them that were set aside", one([](const data::KafkaCounts& c) { return c.rejected; }));
  metrics.gauge("attune_kafka_behind", "Messages of this service's partitions not read yet", one([](const data::KafkaCounts& c) { return c.behind; }));
  metrics.gauge("attune_kafka_up", "1 while brokers answer and events are kept", one([](const data::KafkaCounts& c) { return c.problem.empty() ? 1 : 0; }));
}

KafkaFeed::~KafkaFeed() { stop(); }

void KafkaFeed::start() { thread_ = std::thread([this] { work(); }); }

void KafkaFeed::stop() {
  is_over_ = true;
  if (thread_.joinable()) thread_.join();
}

data::KafkaCounts KafkaFeed::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void KafkaFeed::note(const data::KafkaCounts& now) {
  Json line = Json::object();
  {
    const std::lock_guard lock(mutex_);
    const std::string before = counts_.problem;
    counts_ = now;
    counts_.messages += before_.messages;
    counts_.accepted += before_.accepted;
    counts_.repeated += before_.repeated;
    counts_.rejected += before_.rejected;
    if (before.empty() == now.problem.empty()) return;
    line["level"] = now.problem.empty() ? "info" : "error";
    line["message"] = now.problem.empty() ? "reading Kafka topic " + topic_.topic + " again" : now.problem;
  }
  if (context_.log) context_.log(line);
}

void KafkaFeed::work() {
  Run run;
  run.stop = &is_over_;
  auto pause = kFirstPause;
  while (!is_over_) {
    try {
      const auto store = context_.workspace.store();     // for places and what is set aside; events go with those of requests
      data::KafkaReading reading{.follow = true, .append = {}, .progress = {}};
      reading.append = [this](std::vector<data::Event> events) {
        try {
          return context_.commits.append(std::move(events));
        } catch (const Refusal& full) {
          throw Error(Code::io, full.what());
        }
      };
      reading.progress = [&](const data::KafkaCounts& now) {
        pause = kFirstPause;
        note(now);
      };
      data::read_kafka(topic_, *store, reading, run);
    } catch (const std::exception& e) {
      data::KafkaCounts now;
      now.problem = e.what();
      now.problem_since_ms = context_.now_ms();
      note(now);
    }
    {
      const std::lock_guard lock(mutex_);
      before_ = counts_;
    }
    for (auto waited = std::chrono::milliseconds(0); waited < pause && !is_over_; waited += kStep) std::this_thread::sleep_for(kStep);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace attune::serve
