// Bytes: writing and reading the binary parts of a snapshot: little-endian, 64-byte aligned arrays, hashed as written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/sparse.h"

namespace attune {

// Writes one file beside its final name and renames it on close(), after fsync: a reader sees the whole file or none.
// Destroyed without close(): nothing remains. Throws Error: io (disk full, no permission), naming the file.
class ByteWriter {
 public:
  explicit ByteWriter(const std::filesystem::path& path);
  ~ByteWriter();
  ByteWriter(const ByteWriter&) = delete;
  ByteWriter& operator=(const ByteWriter&) = delete;

  void raw(const void* data, std::size_t size_bytes);
  template <class T>
  void number(T v) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    raw(&v, sizeof v);
  }
  void text(std::string_view s);  // length, then bytes
  template <class T>
  void array(std::span<const T> xs) {  // count, padding to 64 bytes, then the numbers
    static_assert(std::is_trivially_copyable_v<T>);
    number(static_cast<std::uint64_t>(xs.size()));
    align();
    raw(xs.data(), xs.size_bytes());
  }
  void matrix(MatrixView m);
  void sparse(const Sparse& m);
  // Flushes to disk and gives the file its name. Returns the XXH3-128 of the content, in hex.
  std::string close();

 private:
  void align();
  void flush();
  struct State;
  std::unique_ptr<State> state_;
};

// Reads such a file, mapped into memory. Every read is checked against the file's end.
// Throws Error: bad_data (cut short, impossible sizes) or io, naming the file.
class ByteReader {
 public:
  explicit ByteReader(const std::filesystem::path& path);
  ~ByteReader();
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  // XXH3-128 of the whole file, in hex.
  std::string hash() const;
  void raw(void* data, std::size_t size_bytes);
  template <class T>
  T number() {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T v;
    raw(&v, sizeof v);
    return v;
  }
  std::string text();
  template <class T>
  std::vector<T> array() {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto n = counted(sizeof(T));
    std::vector<T> xs(n);
    raw(xs.data(), n * sizeof(T));
    return xs;
  }
  Matrix matrix();
  Sparse sparse();  // checked: offsets ascend, columns in range
  bool at_end() const noexcept;

 private:
  std::size_t counted(std::size_t element_bytes);
  void align();
  [[noreturn]] void cut_short() const;
  struct State;
  std::unique_ptr<State> state_;
};

// XXH3-128 of some bytes, in hex.
std::string hash_hex(std::string_view bytes);
// The whole file as text. Throws Error: not_found or io, naming the file.
std::string read_file(const std::filesystem::path& path);
// Replaces the file as a whole: beside it, fsync, rename. Throws Error: io.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace attune
