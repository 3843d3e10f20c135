// Event file: protobuf by hand: few fields, each a tag, then a varint, 4 or 8 bytes, or a length and bytes.
#include "attune/eval/event_file.h"

#include <array>
#include <bit>
#include <cstring>

#include <fmt/core.h>

#include "attune/core/error.h"

namespace attune::eval {
namespace {

std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0x82f63b78u : 0);
    table[byte] = rest;
  }
  return table;
}

template <class T>
void put_little(std::string& out, T v) {
  static_assert(std::endian::native == std::endian::little, "bytes are written as they lie in memory");
  char bytes[sizeof v];
  std::memcpy(bytes, &v, sizeof v);
  out.append(bytes, sizeof v);
}

void put_varint(std::string& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out += static_cast<char>((v & 0x7f) | 0x80);
  out += static_cast<char>(v);
}

enum Wire { varint = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };
void put_key(std::string& out, std::uint32_t field, Wire wire) { put_varint(out, (field << 3) | wire); }
void put_bytes(std::string& out, std::uint32_t field, std::string_view text) {
  put_key(out, field, bytes);
  put_varint(out, text.size());
  out += text;
}

std::string event(double wall_time) {
  std::string out;
  put_key(out, 1, eight_bytes);
  put_little(out, wall_time);
  return out;
}

}  // namespace

std::uint32_t crc32c(std::string_view text) noexcept {
  static const std::array<std::uint32_t, 256> table = make_table();
  std::uint32_t rest = 0xffffffffu;
  for (const char c : text) rest = table[(rest ^ static_cast<unsigned char>(c)) & 0xff] ^ (rest >> 8);
  return rest ^ 0xffffffffu;
}

std::uint32_t masked_crc32c(std::string_view text) noexcept {
  const std::uint32_t crc = crc32c(text);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

EventFile::EventFile(const std::filesystem::path& folder, double wall_time) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  path_ = folder / fmt::format("events.out.tfevents.{:.0f}.attune", wall_time);
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) throw Error(Code::io, "cannot write '" + path_.string() + "'");
  if (out_.tellp() > 0) return;   // goes on where an earlier one ended
  std::string first = event(wall_time);
  put_bytes(first, 3, "brain.Event:2");
  record(first);
}

void EventFile::scalar(std::string_view tag, std::int64_t step, double value, double wall_time) {
  std::string one;
  put_bytes(one, 1, tag);
  put_key(one, 2, four_bytes);
  put_little(one, static_cast<float>(value));
  std::string summary;
  put_bytes(summary, 1, one);
  std::string data = event(wall_time);
  put_key(data, 2, varint);
  put_varint(data, static_cast<std::uint64_t>(step));
  put_bytes(data, 5, summary);
  record(data);
}

void EventFile::record(const std::string& data) {
  std::string length, whole;
  put_little(length, static_cast<std::uint64_t>(data.size()));
  whole = length;
  put_little(whole, masked_crc32c(length));
  whole += data;
  put_little(whole, masked_crc32c(data));
  out_.write(whole.data(), static_cast<std::streamsize>(whole.size()));
  if (!out_.flush()) throw Error(Code::io, "cannot write '" + path_.string() + "': is the disk full?");
}

}  // namespace attune::eval
