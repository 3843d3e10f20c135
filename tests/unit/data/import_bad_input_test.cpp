// Bad input: a clear error or a row set aside with its reason, never a crash and never half a file.
#include <atomic>

#include "tests/unit/data/import_files.h"

namespace attune::data {
namespace {

using testing::error_of;
using testing::Folder;
using testing::import;
using testing::import_file;

std::string error_for(const std::filesystem::path& file) {
  try {
    import_file(file);
    return "";
  } catch (const Error& e) {
    return std::string(name(e.code())) + ": " + e.what();
  }
}
std::string first_reason(std::string_view text) {
  const Batch b = import(text);
  return b.rejections.empty() ? "" : std::to_string(b.rejections[0].line) + " " + b.rejections[0].reason;
}
bool holds(const std::string& s, const std::string& part) { return s.find(part) != std::string::npos; }

const std::string kGood = "user,item,time,value\nu1,i1,1700000000,1\n";

TEST("a missing file, a directory and an empty file are named") {
  const Folder folder;
  EXPECT_TRUE(error_for(folder.path() / "nothing.csv").starts_with("not_found: "));
  EXPECT_TRUE(holds(error_for(folder.path()), "is a directory"));
  EXPECT_TRUE(holds(error_of(""), "is empty"));
  EXPECT_TRUE(holds(error_of("\n\n  \n"), "blank lines only"));
  EXPECT_TRUE(holds(error_of("user,item,time\n"), "no rows"));
}

TEST("workbooks, archives and other kinds are refused with advice") {
  using namespace std::string_literals;
  const std::string workbook = error_of("PK\x03\x04\x14\0\0\0[Content_Types].xml"s);
  EXPECT_TRUE(workbook.starts_with("unsupported: ")) << workbook;
  EXPECT_TRUE(holds(workbook, "save it as CSV UTF-8"));
  EXPECT_TRUE(holds(error_of("PK\x03\x04\x14\0\0\0a.csv"s), "unpack it"));
  EXPECT_TRUE(holds(error_of("\xFF\xFEu\0s\0e\0r\0"s), "iconv -f UTF-16"));
  EXPECT_TRUE(holds(error_of("u\0s\0e\0r\0,\0i\0t\0e\0m\0\n\0"s), "UTF-16"));
  EXPECT_TRUE(holds(error_of("SQLite format 3\0abc"s), "SQLite"));
  EXPECT_TRUE(holds(error_of("PAR1abc"), "Parquet"));
  std::string garbage;
  for (int i = 0; i < 5000; ++i) garbage += static_cast<char>((i * 7919 + i / 3) % 256);
  EXPECT_TRUE(holds(error_of(garbage), "binary data"));
}

TEST("files that are no table say what is missing and what to do") {
  EXPECT_TRUE(holds(error_of("hello\nworld\n"), "one column only"));
  EXPECT_TRUE(holds(error_of("alpha,beta\nx,1\n"), "--map user=COLUMN"));
  EXPECT_TRUE(holds(error_of("user,time\nu,1700000000\n", {.kind = "events"}), "no column for the item"));
  EXPECT_TRUE(holds(error_of("{\"a\": \n{{{\n"), "no object can be read"));
  EXPECT_TRUE(holds(error_of(kGood, {.kind = "thing"}), "kind 'thing' is not known"));
  EXPECT_TRUE(holds(error_of(kGood, {.format = "recbol"}), "did you mean 'recbole'?"));
  EXPECT_TRUE(holds(error_of(kGood, {.format = "gorse"}), "is not of the format gorse"));
}

TEST("a file in which no row can be read is refused with the first reason") {
  const std::string e = error_of("user,item,time\nu1,i1,never\nu2,i2,soon\n");
  EXPECT_TRUE(holds(e, "none of its 2 rows can be read")) << e;
  EXPECT_TRUE(holds(e, "line 2")) << e;
}

TEST("numbers that are not finite or too large set the row aside") {
  EXPECT_EQ(first_reason(kGood + "u2,i2,1700000000,NaN\n"), "3 value 'NaN' is not a finite number");
  EXPECT_EQ(first_reason(kGood + "u2,i2,1700000000,-inf\n"), "3 value '-inf' is not a finite number");
  EXPECT_EQ(first_reason(kGood + "u2,i2,1700000000,1e999\n"), "3 value '1e999' is too large for a number");
}

TEST("times in 1900 and 2200 set the row aside") {
  const std::string good = "user,item,time\nu1,i1,2020-01-01\nu1,i2,2020-01-02\n";
  EXPECT_EQ(first_reason(good + "u2,i2,1900-01-01\n"), "4 time '1900-01-01' is before 1970; times are accepted from 1970 to 2100");
  EXPECT_EQ(first_reason(good + "u2,i2,2200-01-01\n"), "4 time '2200-01-01' is after 2100; times are accepted from 1970 to 2100");
  EXPECT_EQ(first_reason(good + "u2,i2,2020-02-31\n"), "4 time '2020-02-31' is no date of the calendar");
  EXPECT_EQ(first_reason(good + "u2,i2,\n"), "4 time is empty");
}

TEST("rows with missing or surplus fields are set aside, empty surplus is not") {
  EXPECT_EQ(first_reason(kGood + "u2,i2\n"), "3 row has 2 fields, expected 4");
  EXPECT_EQ(first_reason(kGood + "u2,i2,1700000000,1,9\n"), "3 row has 5 fields, expected 4");
  EXPECT_EQ(first_reason(kGood + "u2,i2,1700000000,1,,\n"), "");
  EXPECT_EQ(first_reason(kGood + ",i2,1700000000,1\n"), "3 user is empty");
  EXPECT_EQ(first_reason(kGood + "u2,,1700000000,1\n"), "3 item is empty");
  EXPECT_EQ(first_reason(kGood + std::string(600, 'u') + ",i2,1700000000,1\n"), "3 user is longer than 512 bytes");
}

TEST("a line of 10 MB is one bad row and the rest is read") {
  const Batch b = import(kGood + "u2," + std::string(10'000'000, 'x') + ",1700000000,1\nu3,i3,1700000002,1\n");
  EXPECT_EQ(b.events.size(), 2u);
  REQUIRE(b.rejections.size() == 1);
  EXPECT_EQ(b.rejections[0].line, 3u);
  EXPECT_EQ(b.rejections[0].reason, "line is longer than 8 MB");
  EXPECT_LE(b.rejections[0].text.size(), 500u);
}

TEST("an unclosed quote does not swallow the file") {
  std::string text = kGood + "u2,\"i2,1700000000,1\n";
  for (int i = 0; i < 5000; ++i) text += "u" + std::to_string(i) + ",i,170000" + std::to_string(1000 + i) + ",1\n";
  const Batch b = import(text);
  EXPECT_EQ(b.events.size(), 5001u);
  REQUIRE(b.rejections.size() == 1);
  EXPECT_EQ(b.rejections[0].reason, "quote is opened and never closed");
}

TEST("each rejected row is kept with file, line, reason and text, and counted by reason") {
  const Batch b = import(kGood + "u2,i2,1700000000,x\nu3,i3,1700000000,y\nu4,i4,1700000000\n");
  REQUIRE(b.rejections.size() == 3);
  EXPECT_TRUE(holds(b.rejections[0].file, "file"));
  EXPECT_EQ(b.rejections[0].line, 3u);
  EXPECT_EQ(b.rejections[0].text, "u2,i2,1700000000,x");
  EXPECT_EQ(b.report.at("rejected").dump(), R"({"value '...' is not a number": 2, "row has 3 fields, expected 4": 1})");
}

TEST("damaged compressed data is an error that names the file") {
  const std::string e = error_of(std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03garbage", 17));
  EXPECT_TRUE(e.starts_with("bad_data: ")) << e;
}

TEST("a broken line of JSON costs itself and not the lines after it") {
  const Batch b = import("{\"user\":\"a\",\"item\":\"x\",\"time\":1700000000}\n{\"user\":\"b\",\"item\":\"y\",\"ti\nnull\n3\n[]\n\"s\"\n"
                         "{\"user\":\"c\",\"item\":\"z\",\"time\":1700000000}\n");
  EXPECT_EQ(b.events.size(), 2u);
  EXPECT_EQ(b.rejections.size(), 5u);
}

TEST("a stop is honoured while reading") {
  const Folder folder;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 20000; ++i) text += "u" + std::to_string(i) + ",i,1700000000\n";
  const auto file = folder.write("events.csv", text);
  const std::atomic<bool> stop = true;
  const attune::Run run{.stop = &stop};
  try {
    read(file, guess(file, {}), {}, run);
    FAIL() << "not stopped";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::cancelled);
  }
}

}  // namespace
}  // namespace attune::data
