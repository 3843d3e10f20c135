// What is logged can be read back, by the published formats; importance finds what matters.
#include "attune/eval/run_log.h"

#include <cstring>

#include "attune/core/bytes.h"
#include "attune/core/random.h"
#include "attune/eval/importance.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {

TEST("CRC-32C is that of RFC 3720, and masked as TFRecord masks it") {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(masked_crc32c("123456789"), ((0xe3069283u >> 15) | (0xe3069283u << 17)) + 0xa282ead8u);
}

TEST("an event file is whole records with right checksums, and the scalar is in it") {
  const attune::testing::Folder folder;
  {
    EventFile file(folder.path / "m", 1700000000);
    file.scalar("m/loss", 300, 0.5, 1700000001);
  }
  const std::string bytes = read_file(folder.path / "m" / "events.out.tfevents.1700000000.attune");
  std::vector<std::string> records;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t length = 0;
    std::uint32_t of_length = 0, of_data = 0;
    ASSERT_LE(at + 12, bytes.size());
    std::memcpy(&length, bytes.data() + at, 8);
    std::memcpy(&of_length, bytes.data() + at + 8, 4);
    EXPECT_EQ(of_length, masked_crc32c(bytes.substr(at, 8)));
    ASSERT_LE(at + 16 + length, bytes.size());
    records.push_back(bytes.substr(at + 12, length));
    std::memcpy(&of_data, bytes.data() + at + 12 + length, 4);
    EXPECT_EQ(of_data, masked_crc32c(records.back()));
    at += 16 + length;
  }
  ASSERT_EQ(records.size(), 2u);
  EXPECT_NE(records[0].find("brain.Event:2"), std::string::npos);
  const char step[] = {0x10, static_cast<char>(0xac), 0x02};   // field 2, varint 300
  EXPECT_NE(records[1].find(std::string(step, 3)), std::string::npos);
  const float half = 0.5f;
  std::string value(1, '\x15');
  value.append(reinterpret_cast<const char*>(&half), 4);
  EXPECT_NE(records[1].find("\x0a\x06m/loss" + value), std::string::npos);
}

TEST("the ledger has one line a run, with what it was") {
  const attune::testing::Folder folder;
  RunLog log(folder.path / "log");
  for (const int trial : {1, 2}) {
    Json fields = Json::object();
    fields["trial"] = trial;
    log.line(fields);
  }
  const std::string text = read_file(folder.path / "log" / "ledger.jsonl");
  const std::size_t end = text.find('\n');
  EXPECT_EQ(Json::parse(text.substr(0, end)).at("trial").as_integer(), 1);
  const Json second = Json::parse(text.substr(end + 1));
  EXPECT_EQ(second.at("trial").as_integer(), 2);
  EXPECT_NE(second.at("program").as_string().find("attune"), std::string::npos);
  EXPECT_GT(second.at("time").as_number(), 1.6e9);
}

TEST("the checksum of data changes with an event, its order, a name and a text, and with nothing else") {
  const auto of = [](const std::vector<std::vector<unsigned>>& taken) { return checksum_of(dataset_of(5, taken)); };
  const std::string whole = of({{1, 2}, {3}});
  EXPECT_EQ(of({{1, 2}, {3}}), whole);
  EXPECT_NE(of({{2, 1}, {3}}), whole);
  EXPECT_NE(of({{1}, {2, 3}}), whole);
  EXPECT_NE(of({{1, 2, 4}, {3}}), whole);
  EXPECT_NE(checksum_of(dataset_of(6, {{1, 2}, {3}})), whole);
}

TEST("importance finds the setting that matters and gives nothing to the one that does not") {
  Tunable model{.name = "m", .space = parse_space("x=0.0..1.0 y=0.0..1.0 z=0.0..1.0")};
  Random random(5);
  std::vector<Trial> trials;
  for (std::size_t n = 0; n < 60; ++n) {
    Trial trial{.model = "m", .number = n, .point = {random.uniform(), random.uniform(), random.uniform()}};
    trial.figure.mean = 3 * trial.point[0] + trial.point[2];   // variances 9 : 0 : 1
    trials.push_back(std::move(trial));
  }
  const auto list = importance(trials, model, 1);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].setting, "x");
  EXPECT_EQ(list[1].setting, "z");
  EXPECT_GT(list[0].share, 0.7);
  EXPECT_LT(list[2].share, 0.05);
  EXPECT_LE(list[0].share + list[1].share + list[2].share, 1.0 + 1e-9);
  EXPECT_TRUE(importance(std::span(trials).first(5), model, 1).empty());
  for (Trial& trial : trials) trial.figure.mean = 1;
  EXPECT_TRUE(importance(trials, model, 1).empty());
}

}  // namespace attune::eval
