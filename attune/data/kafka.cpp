// Kafka: see the header. By librdkafka, which keeps the connections, tries brokers again with its own back-off and buffers ahead.
#include "attune/data/kafka.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/store_rules.h"

namespace attune::data {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostMessages = 10000;      // in one batch
constexpr int kPollMs = 200, kAskMs = 5000;
constexpr auto kFirstPause = std::chrono::milliseconds(100), kLongestPause = std::chrono::milliseconds(5000);

struct Destroy {
  void operator()(rd_kafka_t* k) const { rd_kafka_destroy(k); }
  void operator()(rd_kafka_queue_t* q) const { rd_kafka_queue_destroy(q); }
  void operator()(rd_kafka_message_t* m) const { rd_kafka_message_destroy(m); }
  void operator()(rd_kafka_topic_partition_list_t* l) const { rd_kafka_topic_partition_list_destroy(l); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

// What librdkafka's call-backs may touch; they run on the thread that polls.
struct Hearing {
  const Store& store;
  const KafkaTopic& topic;
  std::string problem;
  std::map<int, std::int64_t> places;              // of the partitions that are ours: what to read next
};

void place(rd_kafka_topic_partition_list_t* list, Hearing& hearing) {
  for (int n = 0; n < list->cnt; ++n) {
    rd_kafka_topic_partition_t& one = list->elems[n];
    const std::int64_t next = kafka_place(hearing.store, hearing.topic, one.partition);
    one.offset = next > 0 ? next : RD_KAFKA_OFFSET_BEGINNING;
    hearing.places[one.partition] = next;
  }
}

// The group gave or took partitions. Throws nothing: it is called by C. A store that cannot be asked means the start: known events are known.
void on_rebalance(rd_kafka_t* kafka, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list, void* opaque) noexcept {
  Hearing& hearing = *static_cast<Hearing*>(opaque);
  hearing.places.clear();
  if (what != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    rd_kafka_assign(kafka, nullptr);
    return;
  }
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    try {
      place(list, hearing);
      break;
    } catch (const std::exception& e) {
      if (pause == kLongestPause) {
        hearing.problem = e.what();
        rd_kafka_assign(kafka, nullptr);           // no place, no reading; the group gives them again
        return;
      }
      std::this_thread::sleep_for(pause);
    }
  }
  rd_kafka_assign(kafka, list);
}

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) noexcept {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__RESOLVE || error == RD_KAFKA_RESP_ERR__SSL)
    static_cast<Hearing*>(opaque)->problem = reason;
}

class Consumer {
 public:
  Consumer(const KafkaTopic& topic, const Store& store) : hearing_{store, topic, {}, {}}, topic_(topic) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char words[512];
    const auto set = [&](const std::string& key, const std::string& value) {
      if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), words, sizeof words) == RD_KAFKA_CONF_OK) return;
      rd_kafka_conf_destroy(conf);
      throw Error(Code::bad_request, "Kafka's setting " + key + " cannot be so" + (key.find("password") == std::string::npos ? ": " + std::string(words) : ""));
    };
    set("bootstrap.servers", topic.brokers);
    set("group.id", topic.group);
    set("enable.auto.commit", "false");
    set("enable.auto.offset.store", "false");
    set("auto.offset.reset", "earliest");          // a topic that was made anew is read from its start
    set("enable.partition.eof", "true");
    set("isolation.level", "read_committed");
    set("reconnect.backoff.ms", "100");
    set("reconnect.backoff.max.ms", "5000");
    set("log_level", "0");                         // what matters comes by on_error
    for (const auto& [key, value] : topic.settings) set(key, value);
    rd_kafka_conf_set_opaque(conf, &hearing_);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    kafka_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, words, sizeof words));
    if (!kafka_) {
      rd_kafka_conf_destroy(conf);
      throw Error(Code::bad_request, "cannot read " + topic.shown() + ": " + words);
    }
    rd_kafka_poll_set_consumer(kafka_.get());
    queue_.reset(rd_kafka_queue_get_consumer(kafka_.get()));
  }
  ~Consumer() {
    if (kafka_) rd_kafka_consumer_close(kafka_.get());
  }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // With the group: partitions come and go.
  void subscribe() {
    const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic_.topic.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto error = rd_kafka_subscribe(kafka_.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw Error(Code::io, "cannot read " + topic_.shown() + ": " + rd_kafka_err2str(error));
  }

  // Alone, all partitions. Throws Error: io when no broker answers in time.
  void assign_all(int wait_ms) {
    const rd_kafka_metadata_t* found = nullptr;
    rd_kafka_topic_t* handle = rd_kafka_topic_new(kafka_.get(), topic_.topic.c_str(), nullptr);
    const auto error = rd_kafka_metadata(kafka_.get(), 0, handle, &found, std::clamp(wait_ms, 100, kAskMs));
    rd_kafka_topic_destroy(handle);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw Error(Code::io, "no broker of " + topic_.shown() + " answers; see that it runs and can be reached from here (" + (hearing_.problem.empty() ? rd_kafka_err2str(error) : hearing_.problem) + ")");
    const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    bool is_there = false;
    for (int t = 0; t < found->topic_cnt; ++t) {
      is_there |= found->topics[t].err == RD_KAFKA_RESP_ERR_NO_ERROR;
      for (int p = 0; p < found->topics[t].partition_cnt; ++p) rd_kafka_topic_partition_list_add(list.get(), topic_.topic.c_str(), found->topics[t].partitions[p].id);
    }
    rd_kafka_metadata_destroy(found);
    if (!is_there) throw Error(Code::not_found, "the brokers " + topic_.brokers + " have no topic '" + topic_.topic + "'; see its name, or make it first");
    place(list.get(), hearing_);
    if (const auto refused = rd_kafka_assign(kafka_.get(), list.get()); refused != RD_KAFKA_RESP_ERR_NO_ERROR) throw Error(Code::io, "cannot read " + topic_.shown() + ": " + rd_kafka_err2str(refused));
  }

  // What has come, at most so many; waits a little for the first. Ends of partitions are noted.
  std::vector<Owned<rd_kafka_message_t>> poll() {
    std::vector<rd_kafka_message_t*> raw(kMostMessages);
    const ssize_t n = rd_kafka_consume_batch_queue(queue_.get(), kPollMs, raw.data(), raw.size());
    std::vector<Owned<rd_kafka_message_t>> messages;
    for (ssize_t k = 0; k < n; ++k) {
      Owned<rd_kafka_message_t> message(raw[static_cast<std::size_t>(k)]);
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        ended_.insert(message->partition);
      } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        hearing_.problem = rd_kafka_message_errstr(message.get());
        is_unknown_ |= message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      } else {
        hearing_.problem.clear();
        ended_.erase(message->partition);
        messages.push_back(std::move(message));
      }
    }
    return messages;
  }

  bool is_at_end() const { return !hearing_.places.empty() && ended_.size() >= hearing_.places.size(); }
  bool is_unknown() const noexcept { return is_unknown_; }
  const std::string& problem() const noexcept { return hearing_.problem; }
  void well() { hearing_.problem.clear(); }

  // Tells the brokers how far the group is, for those who watch it there.
  void tell(const std::map<int, std::int64_t>& places) {
    const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    for (const auto& [partition, next] : places) rd_kafka_topic_partition_list_add(list.get(), topic_.topic.c_str(), partition)->offset = next;
    rd_kafka_commit(kafka_.get(), list.get(), 1);
  }

  std::int64_t behind(const std::map<int, std::int64_t>& read) const {
    std::int64_t sum = 0;
    for (const auto& [partition, next] : read) {
      std::int64_t low = 0, high = 0;
      if (rd_kafka_get_watermark_offsets(kafka_.get(), topic_.topic.c_str(), partition, &low, &high) == RD_KAFKA_RESP_ERR_NO_ERROR && high > next) sum += high - next;
    }
    return sum;
  }

 private:
  Hearing hearing_;
  const KafkaTopic& topic_;
  Owned<rd_kafka_t> kafka_;
  Owned<rd_kafka_queue_t> queue_;
  std::set<int> ended_;
  bool is_unknown_ = false;
};

// Events, rejections and the places, in this order: what is behind a place that was kept, is kept.
void keep(const KafkaTopic& topic, Store& store, const KafkaReading& reading, KafkaBatch& batch, const std::map<int, std::int64_t>& places, KafkaCounts& counts) {
  if (!batch.events.empty()) {
    const Appended done = reading.append(batch.events);
    counts.accepted += done.accepted;
    counts.repeated += done.repeated;
  }
  if (!batch.rejections.empty()) {
    counts.rejected += batch.rejections.size();
    Batch aside;
    aside.rejections = batch.rejections;
    aside.source = "kafka:" + topic.topic;
    aside.report = Json::object();
    store.take(aside);
  }
  for (const auto& [partition, next] : places) store.set_meta("kafka/" + topic.topic + "/" + topic.group + "/" + std::to_string(partition), std::to_string(next));
}

// One reading of a topic, from the first answer of its brokers to its end or a stop.
class Session {
 public:
  Session(const KafkaTopic& topic, Store& store, const KafkaReading& reading, const Run& run) : topic_(topic), store_(store), reading_(reading), run_(run), consumer_(topic, store), reader_(topic.topic) {}

  KafkaCounts run() {
    begin();
    while (!is_stopped()) {
      const auto messages = consumer_.poll();
      if (messages.empty() ? is_over() : !take(messages)) break;
    }
    if (is_stopped() && !reading_.follow) run_.check();
    return counts_;
  }

 private:
  using Messages = std::vector<Owned<rd_kafka_message_t>>;

  bool is_stopped() const { return run_.stop != nullptr && run_.stop->load(); }
  std::chrono::milliseconds patience() const { return std::chrono::milliseconds(reading_.patience_ms); }

  void tell(const std::string& problem) {
    if (problem.empty()) counts_.problem_since_ms = 0;
    else if (counts_.problem.empty()) counts_.problem_since_ms = now_ms();
    counts_.problem = problem;
    if (reading_.progress) reading_.progress(counts_);
  }

  void begin() {
    if (reading_.follow) return consumer_.subscribe();
    const auto since = Clock::now();
    for (auto pause = kFirstPause;; std::this_thread::sleep_for(pause), pause = std::min(pause * 2, kLongestPause)) {
      try {
        consumer_.assign_all(reading_.patience_ms);
        gone_since_ = Clock::now();
        return;
      } catch (const Error& e) {
        if (e.code() != Code::io || Clock::now() - since > patience()) throw;
        tell(e.what());
        run_.check();
      }
    }
  }

  // Nothing came: is that the end? Throws Error when it is none and waiting will not help.
  bool is_over() {
    if (!reading_.follow && consumer_.is_at_end()) return true;
    const std::string problem = consumer_.problem();
    if (problem.empty()) gone_since_ = Clock::now();
    if (counts_.problem != problem) tell(problem.empty() ? "" : "nothing comes from " + topic_.shown() + ": " + problem);
    if (reading_.follow) return false;
    if (consumer_.is_unknown()) throw Error(Code::not_found, "the brokers " + topic_.brokers + " have no topic '" + topic_.topic + "' any more");
    if (Clock::now() - gone_since_ > patience())
      throw Error(Code::io, "the brokers of " + topic_.shown() + " are away (" + problem + "); what was read is kept, run it again to go on from there");
    return false;
  }

  // False: stopped before they were kept.
  bool take(const Messages& messages) {
    KafkaBatch batch;
    std::map<int, std::int64_t> places;
    for (const auto& message : messages) {
      rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
      const std::int64_t time = rd_kafka_message_timestamp(message.get(), &type);
      reader_.read({.partition = message->partition, .offset = message->offset, .time_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : time,
                    .value = {static_cast<const char*>(message->payload), message->len}}, batch);
      places[message->partition] = message->offset + 1;
    }
    if (!keep_at_last(batch, places)) return false;
    gone_since_ = Clock::now();
    counts_.messages += messages.size();
    for (const auto& [partition, next] : places) read_[partition] = next;
    consumer_.tell(places);
    counts_.behind = consumer_.behind(read_);
    tell("");
    run_.report("reading " + topic_.topic, counts_.messages, counts_.messages + static_cast<std::size_t>(counts_.behind));
    return true;
  }

  // Never past a batch that is not kept: it is tried until it is. False: stopped before, or just after.
  bool keep_at_last(KafkaBatch& batch, const std::map<int, std::int64_t>& places) {
    for (auto pause = kFirstPause; !is_stopped(); pause = std::min(pause * 2, kLongestPause)) {
      try {
        keep(topic_, store_, reading_, batch, places, counts_);
        return !is_stopped();
      } catch (const Error& e) {
        if (!reading_.follow || e.code() != Code::io) throw;
        tell(std::string("read, but not kept yet: ") + e.what());
        std::this_thread::sleep_for(pause);
      }
    }
    return false;
  }

  const KafkaTopic& topic_;
  Store& store_;
  const KafkaReading& reading_;
  const Run& run_;
  Consumer consumer_;
  KafkaReader reader_;
  KafkaCounts counts_;
  std::map<int, std::int64_t> read_;            // next place of each partition
  Clock::time_point gone_since_ = Clock::now();
};

}  // namespace

KafkaCounts read_kafka(const KafkaTopic& topic, Store& store, const KafkaReading& reading, const Run& run) { return Session(topic, store, reading, run).run(); }

}  // namespace attune::data
