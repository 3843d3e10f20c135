// Kafka feed: a topic read beside the service; its events are durable and in the next answer as those of POST /v1/events are.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "attune/data/kafka.h"
#include "attune/serve/context.h"

namespace attune::serve {

class KafkaFeed {
 public:
  // Throws Error: bad_request for an address that cannot be read; a broker that is away is waited for.
  KafkaFeed(Context& context, const std::string& address);
  ~KafkaFeed();
  void start();                         // when all parts of the context are there
  void stop();
  data::KafkaCounts counts() const;     // since the start

 private:
  void work();
  void note(const data::KafkaCounts& now);

  Context& context_;
  const data::KafkaTopic topic_;
  mutable std::mutex mutex_;
  data::KafkaCounts counts_, before_;   // before_: of readings that ended
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

}  // namespace attune::serve
