// Kafka messages: addresses, and what messages say. See kafka.h.
#include <algorithm>
#include <cstdlib>

#include "attune/core/ascii.h"
#include "attune/core/error.h"
#include "attune/data/event_json.h"
#include "attune/data/kafka.h"

namespace attune::data {
namespace {

constexpr std::size_t kMostText = 500;     // of a message that was set aside

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Code::bad_request, "a Kafka topic is given as broker:9092/topic?group=NAME, " + why);
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() + 0 && std::isxdigit(static_cast<unsigned char>(text[at + 1])) != 0 && std::isxdigit(static_cast<unsigned char>(text[at + 2])) != 0) {
      out += static_cast<char>(std::strtol(std::string(text.substr(at + 1, 2)).c_str(), nullptr, 16));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

std::string KafkaTopic::shown() const { return brokers + "/" + topic; }

KafkaTopic kafka_topic(const std::string& address) {
  KafkaTopic topic;
  std::string_view rest = address;
  for (const std::string_view start : {"kafka://", "kafka:"})
    if (rest.starts_with(start)) rest.remove_prefix(start.size());
  const std::size_t question = std::min(rest.find('?'), rest.size());
  const std::string_view place = rest.substr(0, question);
  const std::size_t slash = place.find('/');
  if (place.find('@') != std::string_view::npos) refuse("users and passwords go into ?sasl.username=NAME and the environment's ATTUNE_KAFKA_PASSWORD");
  if (slash == std::string_view::npos || slash == 0 || slash + 1 >= place.size() || place.find('/', slash + 1) != std::string_view::npos)
    refuse("not '" + std::string(place.substr(0, 100)) + "'");
  topic.brokers = place.substr(0, slash);
  topic.topic = place.substr(slash + 1);
  const auto is_plain = [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; };
  if (topic.topic.size() > 249 || !std::all_of(topic.topic.begin(), topic.topic.end(), is_plain)) refuse("a topic's name is of letters, digits, '.', '_' and '-', not '" + topic.topic.substr(0, 100) + "'");
  for (std::string_view query = rest.substr(std::min(question + 1, rest.size())); !query.empty();) {
    const std::size_t end = std::min(query.find('&'), query.size()), equals = std::min(query.find('='), end);
    const std::string key = unescaped(query.substr(0, equals)), value = equals < end ? unescaped(query.substr(equals + 1, end - equals - 1)) : "";
    query.remove_prefix(std::min(end + 1, query.size()));
    if (key.empty() || value.empty()) refuse("settings behind ? are key=value, joined by &");
    if (key == "group" || key == "group.id") topic.group = value;
    else topic.settings.emplace_back(key, value);
  }
  if (const char* password = std::getenv("ATTUNE_KAFKA_PASSWORD"); password != nullptr && *password != '\0') topic.settings.emplace_back("sasl.password", password);
  return topic;
}

struct KafkaReader::State {
  std::string file;
  EventJson json{0};
};

KafkaReader::KafkaReader(std::string topic) : state_(std::make_unique<State>()) { state_->file = "kafka:" + topic + "/"; }
KafkaReader::~KafkaReader() = default;

void KafkaReader::read(const KafkaMessage& message, KafkaBatch& batch) {
  if (message.value.empty()) return;     // says that a key is gone: nothing happened
  Event event;
  std::string reason;
  if (message.time_ms < 0 && message.value.find("\"time\"") == std::string_view::npos) {
    reason = "the message has no time, and the event none either";
  } else {
    state_->json.at(message.time_ms < 0 ? 4102444800000 : message.time_ms);   // nothing in an event may depend on when it is read
    reason = state_->json.read(message.value, event).reason;
  }
  if (reason.empty()) batch.events.push_back(std::move(event));
  else batch.rejections.push_back({.file = state_->file + std::to_string(message.partition), .line = static_cast<std::uint64_t>(message.offset), .reason = std::move(reason), .text = std::string(message.value.substr(0, kMostText))});
}

std::int64_t kafka_place(const Store& store, const KafkaTopic& topic, int partition) {
  const auto kept = store.meta("kafka/" + topic.topic + "/" + topic.group + "/" + std::to_string(partition));
  return kept ? std::strtoll(kept->c_str(), nullptr, 10) : 0;
}

}  // namespace attune::data
