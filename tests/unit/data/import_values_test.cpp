// Numbers and times as they stand in files.
#include "attune/data/values.h"

#include "attune/core/error.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

constexpr std::int64_t kSecond = 1000, kHour = 3600 * kSecond;

std::int64_t ms(std::string_view text, TimeFormat format = TimeFormat::iso, std::int64_t zone_ms = 0) {
  const ParsedTime t = parse_time(text, format, zone_ms);
  return t.problem ? -1 : t.ms;
}
std::optional<TimeFormat> format_of(std::initializer_list<const char*> texts) {
  TimeGuess guess;
  for (const char* t : texts) guess.add(t);
  return guess.format();
}

TEST("numbers are read as people write them") {
  EXPECT_EQ(parse_number("3").value, 3);
  EXPECT_EQ(parse_number(" -2.5 ").value, -2.5);
  EXPECT_EQ(parse_number("+7").value, 7);
  EXPECT_EQ(parse_number("1e3").value, 1000);
  EXPECT_EQ(parse_number(".5").value, 0.5);
  EXPECT_EQ(parse_number("1,234.5").value, 1234.5);
  EXPECT_EQ(parse_number("$1.99").value, 1.99);
  EXPECT_EQ(parse_number("€12").value, 12);
  EXPECT_EQ(parse_number("2,5", true).value, 2.5);
  EXPECT_EQ(parse_number("1.234,5", true).value, 1234.5);
  EXPECT_EQ(parse_number("1e-999").value, 0);
}

TEST("what is no finite number says why") {
  EXPECT_STREQ(parse_number("NaN").problem, "is not a finite number");
  EXPECT_STREQ(parse_number("-inf").problem, "is not a finite number");
  EXPECT_STREQ(parse_number("Infinity").problem, "is not a finite number");
  EXPECT_STREQ(parse_number("1e999").problem, "is too large for a number");
  EXPECT_STREQ(parse_number("12x").problem, "is not a number");
  EXPECT_STREQ(parse_number("").problem, "is not a number");
  EXPECT_STREQ(parse_number("1,23,4").problem, "is not a number");
  EXPECT_STREQ(parse_number("--1").problem, "is not a number");
  EXPECT_STREQ(parse_number("0x10").problem, "is not a number");
}

TEST("times in ISO 8601 and its relatives") {
  EXPECT_EQ(ms("2010-12-01 08:26:00"), 1291191960000);
  EXPECT_EQ(ms("2010-12-01T08:26:00Z"), 1291191960000);
  EXPECT_EQ(ms("2010-12-01T08:26"), 1291191960000);
  EXPECT_EQ(ms("2010-12-01T08:26:00.250Z"), 1291191960250);
  EXPECT_EQ(ms("2026-01-05T10:00:00.0000000Z"), 1767607200000);
  EXPECT_EQ(ms("2010-12-01"), 1291161600000);
  EXPECT_EQ(ms("2010/12/1"), 1291161600000);
  EXPECT_EQ(ms("20101201"), 1291161600000);
  EXPECT_EQ(ms("01-Dec-2010"), 1291161600000);
  EXPECT_EQ(ms("December 1, 2010"), 1291161600000);
}

TEST("a zone in the text wins over the zone of the file") {
  EXPECT_EQ(ms("2010-12-01T08:26:00+02:00"), 1291191960000 - 2 * kHour);
  EXPECT_EQ(ms("2010-12-01 08:26:00 -0330"), 1291191960000 + 3 * kHour + kHour / 2);
  EXPECT_EQ(ms("2010-12-01 08:26:00", TimeFormat::iso, 2 * kHour), 1291191960000 - 2 * kHour);
  EXPECT_EQ(ms("2010-12-01T08:26:00Z", TimeFormat::iso, 2 * kHour), 1291191960000);
  EXPECT_EQ(parse_zone("+02:00"), 2 * kHour);
  EXPECT_EQ(parse_zone("-0330"), -3 * kHour - kHour / 2);
  CHECK_THROWS(parse_zone("Berlin"), Error);
}

TEST("days and months in either order, with twelve hours or two digits of year") {
  EXPECT_EQ(ms("1/12/2010 08:26", TimeFormat::day_first), 1291191960000);
  EXPECT_EQ(ms("12/1/2010 8:26", TimeFormat::month_first), 1291191960000);
  EXPECT_EQ(ms("01.12.10", TimeFormat::day_first), 1291161600000);
  EXPECT_EQ(ms("12/1/2010 8:26:00 AM", TimeFormat::month_first), 1291191960000);
  EXPECT_EQ(ms("12/1/2010 12:26 AM", TimeFormat::month_first), 1291163160000);
  EXPECT_EQ(ms("31/12/2010", TimeFormat::month_first), -1);
}

TEST("epoch times in each unit") {
  EXPECT_EQ(ms("1291191960", TimeFormat::epoch_s), 1291191960000);
  EXPECT_EQ(ms("1291191960.25", TimeFormat::epoch_s), 1291191960250);
  EXPECT_EQ(ms("1.29119196e9", TimeFormat::epoch_s), 1291191960000);
  EXPECT_EQ(ms("1291191960123", TimeFormat::epoch_ms), 1291191960123);
  EXPECT_EQ(ms("1291191960123456", TimeFormat::epoch_us), 1291191960123);
  EXPECT_EQ(ms("1291191960123456789", TimeFormat::epoch_ns), 1291191960123);
}

TEST("times outside 1970 to 2100 are refused and say so") {
  EXPECT_TRUE(std::string(parse_time("1900-01-01", TimeFormat::iso).problem).starts_with("is before 1970"));
  EXPECT_TRUE(std::string(parse_time("2200-01-01", TimeFormat::iso).problem).starts_with("is after 2100"));
  EXPECT_TRUE(std::string(parse_time("-5", TimeFormat::epoch_s).problem).starts_with("is before 1970"));
  EXPECT_TRUE(std::string(parse_time("1700000000000", TimeFormat::epoch_s).problem).starts_with("is after 2100"));
  EXPECT_TRUE(std::string(parse_time("9223372036854775807", TimeFormat::epoch_s).problem).starts_with("is after 2100"));
  EXPECT_TRUE(std::string(parse_time("1e300", TimeFormat::epoch_ms).problem).starts_with("is after 2100"));
  EXPECT_EQ(ms("1970-01-01"), 0);
  EXPECT_EQ(ms("2099-12-31"), 4102358400000);
}

TEST("days that are in no calendar are refused") {
  EXPECT_STREQ(parse_time("2010-02-30", TimeFormat::iso).problem, "is no date of the calendar");
  EXPECT_STREQ(parse_time("31.02.2020", TimeFormat::day_first).problem, "is no date of the calendar");
  EXPECT_EQ(ms("2012-02-29"), 1330473600000);
  EXPECT_EQ(ms("2011-02-29"), -1);
  EXPECT_EQ(ms("2010-12-01 25:00"), -1);
  EXPECT_EQ(ms("2010-12-01 08:61"), -1);
  EXPECT_EQ(ms(""), -1);
  EXPECT_EQ(ms("yesterday"), -1);
}

TEST("how a column of times is written is decided over all of it") {
  EXPECT_EQ(format_of({"1/2/2011", "3/4/2011", "25/4/2011"}), TimeFormat::day_first);
  EXPECT_EQ(format_of({"1/2/2011", "3/4/2011", "4/25/2011"}), TimeFormat::month_first);
  EXPECT_EQ(format_of({"1/2/2011", "2/1/2011", "1/3/2011", "2/4/2011"}), TimeFormat::day_first);   // neither order ascends
  EXPECT_EQ(format_of({"1/2/2011", "2/1/2011", "2/3/2011", "3/1/2011"}), TimeFormat::month_first);  // ascends month first only
  EXPECT_EQ(format_of({"881250949", "891717742"}), TimeFormat::epoch_s);
  EXPECT_EQ(format_of({"1700000000000"}), TimeFormat::epoch_ms);
  EXPECT_EQ(format_of({"1700000000000000"}), TimeFormat::epoch_us);
  EXPECT_EQ(format_of({"1700000000000000000"}), TimeFormat::epoch_ns);
  EXPECT_EQ(format_of({"2010-12-01", "1900-01-01"}), TimeFormat::iso);
  EXPECT_EQ(format_of({"red", "blue"}), std::nullopt);
  EXPECT_EQ(format_of({"3", "5"}), std::nullopt);
}

}  // namespace
}  // namespace attune::data
