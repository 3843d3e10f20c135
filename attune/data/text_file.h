// Text files: bytes and lines of a plain, gzip or zstd file, told apart by their first bytes, never by their name.
// Cost: one pass, a fixed buffer plus the longest line. A reader belongs to one thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::data {

enum class Compression { none, gz, zst };

// "", "gz", "zst"
std::string_view name(Compression compression) noexcept;

// The decoded bytes of a file, front to back.
class TextFile {
 public:
  // Throws Error: not_found; io (no permission); bad_data for a directory. Pipes and /dev/stdin are read too.
  explicit TextFile(const std::filesystem::path& path);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  // Fills `out` from the front; fewer bytes than out.size() only at the end of the file, 0 after it.
  // Throws Error: bad_data (compressed data damaged or cut short) or io, naming the file.
  std::size_t read(std::span<char> out);
  Compression compression() const noexcept;
  std::uint64_t consumed_bytes() const noexcept;  // of the file as it lies on disk, for progress
  std::uint64_t size_bytes() const noexcept;      // on disk; 0 = not known (a pipe)

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The lines of a file, without their ends (LF or CRLF) and without a UTF-8 byte order mark. A last line without an end
// counts. Zero bytes are handed on as they are.
class Lines {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{8} << 20;  // a longer line is one bad row, not memory

  explicit Lines(const std::filesystem::path& path, std::size_t max_line_bytes = kMaxLineBytes);

  // The next line into `line`, good until the next call; false at the end. Throws as TextFile::read.
  bool next(std::string_view& line);
  std::uint64_t number() const noexcept { return number_; }  // of the line last given, from 1
  // Was the line last given longer than the limit: then `line` held only its first 500 bytes.
  bool is_cut() const noexcept { return is_cut_; }
  const TextFile& file() const noexcept { return file_; }

 private:
  bool fill();
  void skip_long_line();

  TextFile file_;
  std::size_t max_line_bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // bytes read but not given yet
  bool is_at_end_ = false, is_cut_ = false;
  std::uint64_t number_ = 0;
  std::string cut_;
};

}  // namespace attune::data
