// Kafka: a topic read into a store, each message once. The place reached is kept in the store, behind the events of every batch: after a kill a
// batch may be read again, and its events, equal in all fields, are known already. An event without a time has that of its message.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attune/core/progress.h"
#include "attune/data/store.h"

namespace attune::data {

struct KafkaTopic {
  std::string brokers;                    // "host:9092,other:9092"
  std::string topic;
  std::string group = "attune";           // services of one group share the partitions
  std::vector<std::pair<std::string, std::string>> settings;   // of librdkafka, as given: security.protocol, sasl.username, ...
  std::string shown() const;              // brokers/topic, for people
};

// "host:9092,other:9092/topic?group=NAME&security.protocol=SASL_SSL&sasl.username=..."; ATTUNE_KAFKA_PASSWORD is sasl.password.
// Throws Error: bad_request, showing no password.
KafkaTopic kafka_topic(const std::string& address);

// One message as it came; views good until the next poll.
struct KafkaMessage {
  int partition = 0;
  std::int64_t offset = 0;
  std::int64_t time_ms = -1;              // -1 = the broker gives none
  std::string_view value;                 // empty: a tombstone
};

// What messages say: events, and those set aside with their reason.
struct KafkaBatch {
  std::vector<Event> events;
  std::vector<Rejection> rejections;      // file "kafka:TOPIC/PARTITION", line = offset
};
// Belongs to one thread.
class KafkaReader {
 public:
  explicit KafkaReader(std::string topic);
  ~KafkaReader();
  // One event a message, as POST /v1/events takes it.
  void read(const KafkaMessage& message, KafkaBatch& batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct KafkaCounts {
  std::uint64_t messages = 0, accepted = 0, repeated = 0, rejected = 0;
  std::int64_t behind = 0;                // messages of this reader's partitions not read yet, as last known
  std::string problem;                    // why nothing comes; empty = all is well
  std::int64_t problem_since_ms = 0;
};

struct KafkaReading {
  bool follow = false;                    // go on at the end, with the partitions that the group gives; else all partitions up to what they hold now
  int patience_ms = 30000;                // without `follow`: how long a broker that is away is waited for
  // Makes events durable; called before the place reached is kept.
  std::function<Appended(std::vector<Event>)> append;
  // Told after every batch and when something is wrong.
  std::function<void(const KafkaCounts&)> progress;
};

// Reads until the end (or until run.stop). Brokers that are away are tried again with back-off, and said so by `progress`.
// Throws Error: io when they stay away (without `follow`), not_found when there is no such topic, cancelled when stopped without
// `follow`, and what `append` and the store throw, except io with `follow`: tried again, with back-off.
KafkaCounts read_kafka(const KafkaTopic& topic, Store& store, const KafkaReading& reading, const Run& run);

// Of one partition, where the next message to read stands; 0 = at the start.
std::int64_t kafka_place(const Store& store, const KafkaTopic& topic, int partition);

}  // namespace attune::data
