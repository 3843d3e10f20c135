// Text files: the same lines come out however the file was packed; damage is an error, a giant line is one bad row.
#include "attune/data/text_file.h"

#include <zlib.h>
#include <zstd.h>

#include "attune/core/error.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

using attune::testing::Folder;
std::string gzipped(const std::string& text) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  Lines lines(path);
  std::vector<std::string> all;
  std::string_view line;
  while (lines.next(line)) all.emplace_back(line);
  return all;
}

std::string many_lines() {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "line " + std::to_string(i * 7919) + " of a file that is longer than a block\n";
  return text;
}

template <class F>
Code code_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.code();
  }
  return Code::internal;
}

}  // namespace

TEST("lines end in LF or CRLF, the last may have no end, and a byte order mark is no text") {
  const Folder folder;
  const std::vector<std::string> expected = {"a", "", "b\rc", "d"};
  EXPECT_EQ(lines_of(folder.write("a.csv", "\xEF\xBB\xBF" "a\r\n\nb\rc\nd")), expected);
  EXPECT_EQ(lines_of(folder.write("b.csv", "")), std::vector<std::string>{});
  EXPECT_EQ(lines_of(folder.write("c.csv", "\n")), std::vector<std::string>{""});
}

TEST("gzip, gzip in several members, and zstd give the lines of the plain file") {
  const Folder folder;
  const std::string text = many_lines();
  const auto plain = lines_of(folder.write("a", text));
  ASSERT_EQ(plain.size(), 100000u);
  const std::string half = text.substr(0, text.size() / 2), rest = text.substr(text.size() / 2);
  EXPECT_EQ(lines_of(folder.write("b", gzipped(text))), plain);
  EXPECT_EQ(lines_of(folder.write("c", gzipped(half) + gzipped(rest) + std::string(512, '\0'))), plain);
  EXPECT_EQ(lines_of(folder.write("d", zstandard(text))), plain);
  EXPECT_EQ(lines_of(folder.write("e", zstandard(half) + zstandard(rest))), plain);
  EXPECT_EQ(lines_of(folder.write("f", gzipped(""))), std::vector<std::string>{});
}

TEST("compressed data that is cut short or damaged is bad data, whole lines before it notwithstanding") {
  const Folder folder;
  const std::string text = many_lines(), gz = gzipped(text), zst = zstandard(text);
  for (const auto& bytes : {gz.substr(0, gz.size() / 2), gz.substr(0, gz.size() - 1), zst.substr(0, zst.size() / 2),
                            zst.substr(0, zst.size() - 1)}) {
    const auto path = folder.write("cut", bytes);
    EXPECT_EQ(code_of([&] { lines_of(path); }), Code::bad_data);
  }
  for (std::string bytes : {gz, zst}) {
    for (std::size_t i = bytes.size() / 3; i < bytes.size() / 3 + 40; ++i) bytes[i] = static_cast<char>(~bytes[i]);
    const auto path = folder.write("damaged", bytes);
    EXPECT_EQ(code_of([&] { lines_of(path); }), Code::bad_data);
  }
}

TEST("a line over the limit is given cut, with its number, and the lines after it are whole") {
  const Folder folder;
  const auto path = folder.write("long", "first\n" + std::string(3000000, 'x') + "\nthird\n" + std::string(2000, 'y'));
  Lines lines(path, 1000);
  std::string_view line;
  ASSERT_TRUE(lines.next(line) && line == "first" && !lines.is_cut());
  ASSERT_TRUE(lines.next(line));
  EXPECT_TRUE(lines.is_cut());
  EXPECT_EQ(line, std::string(500, 'x'));
  EXPECT_EQ(lines.number(), 2u);
  ASSERT_TRUE(lines.next(line) && line == "third" && !lines.is_cut());
  ASSERT_TRUE(lines.next(line));
  EXPECT_TRUE(lines.is_cut());
  EXPECT_EQ(line.size(), 500u);
  EXPECT_EQ(lines.number(), 4u);
  EXPECT_FALSE(lines.next(line));
}

TEST("a missing file is not found and a directory is bad data") {
  const Folder folder;
  EXPECT_EQ(code_of([&] { Lines lines(folder.path / "none"); }), Code::not_found);
  EXPECT_EQ(code_of([&] { Lines lines(folder.path); }), Code::bad_data);
}

}  // namespace attune::data
