// GGUF files: the settings and tensors of a model, read and checked by us before anything else trusts them.
// Source: the GGUF format, versions 2 and 3 (ggml documentation). Cost: one pass over the header.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::lm {

struct GgufTensor {
  std::uint32_t type = 0;            // ggml's number of the format; a name in gguf_file.cpp
  std::vector<std::uint64_t> shape;  // fastest first: a weight of `out` rows over `in` columns is {in, out}
  std::span<const std::uint8_t> bytes;
  std::uint64_t elements() const noexcept;
};

// The file stays mapped while this lives. Immutable; safe from any thread.
// Throws Error: not_found, io, or bad_data naming the file and what is wrong with it.
class GgufFile {
 public:
  explicit GgufFile(const std::filesystem::path& path);
  ~GgufFile();
  GgufFile(const GgufFile&) = delete;
  GgufFile& operator=(const GgufFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string fingerprint() const;  // hash of the whole content
  std::span<const std::uint8_t> content() const noexcept { return data_; }   // the whole file; tensors' bytes lie in it
  // Settings by key; nothing when the key is missing or of another type.
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;  // any number or truth value
  // Lists; empty when missing or of another type.
  std::vector<std::string_view> texts(std::string_view key) const;
  std::vector<float> floats(std::string_view key) const;
  std::vector<std::int32_t> integers(std::string_view key) const;
  std::span<const std::uint8_t> bytes(std::string_view key) const;
  bool has(std::string_view key) const { return values_.contains(key); }

  const GgufTensor* find(std::string_view tensor) const;
  // Throws Error: bad_data when an F32 tensor (in every model: the norms) holds numbers that no weight has.
  void check_numbers() const;
  std::size_t tensor_count() const noexcept { return tensors_.size(); }
  // [[noreturn]] Error: bad_data naming this file.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  struct Value {
    std::uint32_t type = 0;
    std::uint32_t of = 0;        // element type of a list
    std::uint64_t count = 0;     // elements of a list
    std::uint64_t at = 0;        // where the value begins
    std::uint64_t end = 0;
  };
  class Cursor;
  void read_values(Cursor& in, std::uint64_t count);
  void read_tensors(Cursor& in, std::uint64_t count);
  double scalar(std::uint32_t type, std::uint64_t at) const;
  const Value* value(std::string_view key) const;

  std::string path_;
  std::span<const std::uint8_t> data_;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, GgufTensor, std::less<>> tensors_;
};

// Formats whose numbers we can read ourselves: F32, F16, BF16, Q8_0, Q4_0.
bool can_read(std::uint32_t tensor_type) noexcept;
// Numbers first .. first + out.size() - 1 of a tensor, which must begin and end on whole blocks (32 for the Q formats).
// Throws Error: unsupported for another format.
void read_floats(const GgufTensor& tensor, std::uint64_t first, std::span<float> out);

}  // namespace attune::lm
