// Kafka: addresses, and what messages say. The reading itself is tested against a real broker (tests/heavy/kafka.py).
#include "attune/data/kafka.h"

#include <cstdlib>

#include "attune/core/error.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

KafkaBatch read_all(const std::vector<KafkaMessage>& messages) {
  KafkaReader reader("clicks");
  KafkaBatch batch;
  for (const KafkaMessage& message : messages) reader.read(message, batch);
  return batch;
}

std::string refused(const std::string& address) {
  try {
    kafka_topic(address);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_request);
    return e.what();
  }
  ADD_FAILURE() << address << " was taken";
  return {};
}

}  // namespace

TEST("an address names brokers, topic, group and settings of the client") {
  const KafkaTopic plain = kafka_topic("localhost:9092/clicks");
  EXPECT_EQ(plain.brokers, "localhost:9092");
  EXPECT_EQ(plain.topic, "clicks");
  EXPECT_EQ(plain.group, "attune");
  EXPECT_TRUE(plain.settings.empty());
  const KafkaTopic full = kafka_topic("kafka://a:1,b:2/shop.clicks-v2?group=night%20shift&security.protocol=SASL_SSL");
  EXPECT_EQ(full.brokers, "a:1,b:2");
  EXPECT_EQ(full.topic, "shop.clicks-v2");
  EXPECT_EQ(full.group, "night shift");
  ASSERT_EQ(full.settings.size(), 1u);
  EXPECT_EQ(full.settings[0].second, "SASL_SSL");
  EXPECT_EQ(full.shown(), "a:1,b:2/shop.clicks-v2");
}

TEST("an address that cannot be one is refused with its form, and no password comes back") {
  for (const char* address : {"", "clicks", "/clicks", "host:9092/", "host:9092/a/b", "host/sp ace", "host/t?group", "host/t?=x", "host/t?group="})
    EXPECT_NE(refused(address).find("broker:9092/topic"), std::string::npos) << address;
  EXPECT_EQ(refused("me:hunter2@host:9092/clicks").find("hunter2"), std::string::npos);
  ::setenv("ATTUNE_KAFKA_PASSWORD", "hunter2", 1);
  const KafkaTopic topic = kafka_topic("host/t?sasl.username=me");
  ::unsetenv("ATTUNE_KAFKA_PASSWORD");
  ASSERT_EQ(topic.settings.size(), 2u);
  EXPECT_EQ(topic.settings[1], (std::pair<std::string, std::string>("sasl.password", "hunter2")));
  EXPECT_EQ(topic.shown(), "host/t");
}

TEST("a message is an event; without a time it has its message's, so that reading it again brings the same one") {
  const std::vector<KafkaMessage> messages = {{.partition = 2, .offset = 41, .time_ms = 1700000000123, .value = R"({"user": "ana", "item": "mug", "type": "view", "value": 2})"},
                                              {.partition = 0, .offset = 7, .time_ms = 1700000000123, .value = R"({"user": 7, "item": "mug", "time": 1600000000})"}};
  const KafkaBatch batch = read_all(messages), again = read_all(messages);
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_TRUE(batch.rejections.empty());
  EXPECT_EQ(batch.events[0].time_ms, 1700000000123);
  EXPECT_EQ(batch.events[0].value, 2);
  EXPECT_EQ(batch.events[1].user, "7");
  EXPECT_EQ(batch.events[1].time_ms, 1600000000000);
  EXPECT_EQ(batch.events, again.events);
}

TEST("a message that is no event is set aside with topic, partition, offset and reason; a tombstone is nothing") {
  const std::string binary("\x00\xff{\x01", 4), longest = R"({"user": ")" + std::string(100000, 'x') + R"(", "item": "mug"})";
  const std::vector<std::pair<std::string, std::string>> bad = {{"no json", "is no JSON"}, {binary, "is no JSON"}, {"[]", "is no JSON object"}, {R"({"user": "ana"})", "item is missing"},
                                                                {R"({"user": "ana", "item": "mug", "time": "2150-01-01"})", "time"}, {longest, "at most 512"},
                                                                {R"({"user": "ana", "item": "mug", "value": NaN})", "is no JSON"}, {R"({"user": "ana", "item": "mug", "tiem": 3})", "is no field of an event"}};
  for (const auto& [value, reason] : bad) {
    const KafkaBatch batch = read_all({{.partition = 3, .offset = 12, .time_ms = 1700000000000, .value = value}});
    EXPECT_TRUE(batch.events.empty()) << value.substr(0, 100);
    ASSERT_EQ(batch.rejections.size(), 1u);
    EXPECT_EQ(batch.rejections[0].file, "kafka:clicks/3");
    EXPECT_EQ(batch.rejections[0].line, 12u);
    EXPECT_NE(batch.rejections[0].reason.find(reason), std::string::npos) << batch.rejections[0].reason;
    EXPECT_LE(batch.rejections[0].text.size(), 500u);
  }
  const KafkaBatch timeless = read_all({{.value = R"({"user": "ana", "item": "mug"})"}, {.value = R"({"user": "ana", "item": "mug", "time": 1600000000})"}, {.value = ""}});
  EXPECT_EQ(timeless.events.size(), 1u);
  EXPECT_EQ(timeless.rejections.size(), 1u);
}

TEST("the place reached is of one topic, group and partition") {
  const auto store = open_memory();
  const KafkaTopic topic = kafka_topic("h/clicks"), other = kafka_topic("h/clicks?group=b");
  EXPECT_EQ(kafka_place(*store, topic, 0), 0);
  store->set_meta("kafka/clicks/attune/0", "12345678901");
  EXPECT_EQ(kafka_place(*store, topic, 0), 12345678901);
  EXPECT_EQ(kafka_place(*store, topic, 1), 0);
  EXPECT_EQ(kafka_place(*store, other, 0), 0);
}

TEST("a topic of brokers that are away is an error that says where it looked") {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "librdkafka starts its threads by thrd_create, which g++ 12's thread sanitizer does not see and falls over";
#endif
  const auto store = open_memory();
  KafkaReading reading{.follow = false, .patience_ms = 100, .append = {}, .progress = {}};
  try {
    read_kafka(kafka_topic("127.0.0.1:1/clicks?socket.timeout.ms=1000"), *store, reading, attune::Run{});
    ADD_FAILURE() << "there is no broker at port 1";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::io);
    EXPECT_NE(std::string(e.what()).find("127.0.0.1:1/clicks"), std::string::npos) << e.what();
  }
  try {
    read_kafka(kafka_topic("127.0.0.1:1/clicks?no.such.setting=1"), *store, reading, attune::Run{});
    ADD_FAILURE() << "there is no such setting";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_request);
  }
}

}  // namespace attune::data
