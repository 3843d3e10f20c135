// Text files: see the header. gzip by zlib (all members of a file made of several), zstd by libzstd (all frames).
#include "attune/data/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "attune/core/error.h"

namespace attune::data {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr std::size_t kShownBytes = 500;  // of a line that is too long

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

[[noreturn]] void damaged(const std::filesystem::path& path, const char* what, const char* detail) {
  throw Error(Code::bad_data, quoted(path) + ": the " + what + " data is damaged (" + (detail ? detail : "no detail") +
                                  "); fetch or pack the file again");
}
[[noreturn]] void cut_short(const std::filesystem::path& path, const char* what) {
  throw Error(Code::bad_data,
              quoted(path) + ": the " + what + " data ends in the middle; the file was cut short, fetch it again");
}

}  // namespace

std::string_view name(Compression compression) noexcept {
  switch (compression) {
    case Compression::gz: return "gz";
    case Compression::zst: return "zst";
    case Compression::none: break;
  }
  return "";
}

struct TextFile::State {
  std::filesystem::path path;
  int fd = -1;
  std::uint64_t size = 0, consumed = 0;
  Compression compression = Compression::none;
  std::vector<unsigned char> raw = std::vector<unsigned char>(kBlockBytes);
  std::size_t begin = 0, end = 0;  // bytes of the file in `raw`, not decoded yet
  bool is_at_end = false;          // of the file on disk
  z_stream gz{};
  bool has_gz = false;
  bool is_inside = false;  // of a gzip member or zstd frame
  ZSTD_DStream* zst = nullptr;

  ~State() {
    if (has_gz) inflateEnd(&gz);
    if (zst) ZSTD_freeDStream(zst);
    if (fd >= 0) ::close(fd);
  }

  void more() {
    if (begin > 0) {
      std::memmove(raw.data(), raw.data() + begin, end - begin);
      end -= begin;
      begin = 0;
    }
    while (end < raw.size() && !is_at_end) {
      const ssize_t n = ::read(fd, raw.data() + end, raw.size() - end);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw Error(Code::io, "cannot read " + quoted(path) + ": " + std::strerror(errno));
      if (n == 0) is_at_end = true;
      end += static_cast<std::size_t>(n);
      consumed += static_cast<std::uint64_t>(n);
    }
  }

  bool has_more() {
    if (begin == end && !is_at_end) more();
    return begin < end;
  }

  void detect() {
    more();
    const auto starts = [&](std::initializer_list<unsigned char> magic) {
      return end >= magic.size() && std::equal(magic.begin(), magic.end(), raw.begin());
    };
    if (starts({0x1f, 0x8b})) {
      compression = Compression::gz;
      if (inflateInit2(&gz, 15 + 16) != Z_OK) throw Error(Code::internal, "zlib cannot start");
      has_gz = is_inside = true;
    } else if (starts({0x28, 0xb5, 0x2f, 0xfd})) {
      compression = Compression::zst;
      zst = ZSTD_createDStream();
      if (!zst) throw Error(Code::internal, "zstd cannot start");
      is_inside = true;
    }
  }

  std::size_t plain(std::span<char> out) {
    std::size_t n = 0;
    while (n < out.size() && has_more()) {
      const std::size_t part = std::min(out.size() - n, end - begin);
      std::memcpy(out.data() + n, raw.data() + begin, part);
      begin += part;
      n += part;
    }
    return n;
  }

  // Padding with zeros after the last member is common (tar, tape) and is passed over, as gzip does.
  bool starts_member() {
    while (has_more() && raw[begin] == 0) ++begin;
    return begin < end;
  }

  std::size_t inflated(std::span<char> out) {
    gz.next_out = reinterpret_cast<Bytef*>(out.data());
    gz.avail_out = static_cast<uInt>(out.size());
    while (gz.avail_out > 0) {
      if (!is_inside) {
        if (!starts_member()) break;
        inflateReset(&gz);
        is_inside = true;
      }
      if (!has_more()) cut_short(path, "gzip");
      gz.next_in = raw.data() + begin;
      gz.avail_in = static_cast<uInt>(end - begin);
      const int status = inflate(&gz, Z_NO_FLUSH);
      begin = end - gz.avail_in;
      if (status == Z_STREAM_END) is_inside = false;
      else if (status != Z_OK && status != Z_BUF_ERROR) damaged(path, "gzip", gz.msg);
    }
    return out.size() - gz.avail_out;
  }

  std::size_t unzstd(std::span<char> out) {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (to.pos < to.size) {
      // Output may wait inside the decoder when the input is used up: only an idle decoder is at the end.
      if (!has_more() && !is_inside) break;
      ZSTD_inBuffer from{raw.data(), end, begin};
      const std::size_t before = to.pos;
      const std::size_t left = ZSTD_decompressStream(zst, &to, &from);
      if (ZSTD_isError(left)) damaged(path, "zstd", ZSTD_getErrorName(left));
      const bool moved = from.pos != begin || to.pos != before;
      begin = from.pos;
      is_inside = left != 0;
      if (!moved && is_at_end) cut_short(path, "zstd");
    }
    return to.pos;
  }
};

TextFile::TextFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state_->fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      throw Error(Code::not_found, "there is no file " + quoted(path));
    throw Error(Code::io, "cannot open " + quoted(path) + ": " + std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(state_->fd, &info) != 0)
    throw Error(Code::io, "cannot look at " + quoted(path) + ": " + std::strerror(errno));
  if (S_ISDIR(info.st_mode))
    throw Error(Code::bad_data, quoted(path) + " is a directory, expected a file; name a file in it");
  if (S_ISREG(info.st_mode)) state_->size = static_cast<std::uint64_t>(info.st_size);
  state_->detect();
}

TextFile::~TextFile() = default;

std::size_t TextFile::read(std::span<char> out) {
  switch (state_->compression) {
    case Compression::gz: return state_->inflated(out);
    case Compression::zst: return state_->unzstd(out);
    case Compression::none: break;
  }
  return state_->plain(out);
}
Compression TextFile::compression() const noexcept { return state_->compression; }
std::uint64_t TextFile::consumed_bytes() const noexcept { return state_->consumed - (state_->end - state_->begin); }
std::uint64_t TextFile::size_bytes() const noexcept { return state_->size; }

Lines::Lines(const std::filesystem::path& path, std::size_t max_line_bytes)
    : file_(path), max_line_bytes_(max_line_bytes), buffer_(kBlockBytes) {
  fill();
  if (end_ >= 3 && std::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0) begin_ = 3;
}

// Makes room and reads on; false when nothing was added.
bool Lines::fill() {
  if (is_at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const std::size_t n = file_.read(std::span(buffer_).subspan(end_));
  is_at_end_ = end_ + n < buffer_.size();
  end_ += n;
  return n > 0;
}

bool Lines::next(std::string_view& line) {
  is_cut_ = false;
  std::size_t searched = 0;  // bytes after begin_ known to hold no line end
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const std::size_t have = end_ - begin_;
    if (const void* hit = std::memchr(from + searched, '\n', have - searched)) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(hit) - from);
      line = {from, length};
      begin_ += length + 1;
      break;
    }
    searched = have;
    if (have > max_line_bytes_) {
      cut_.assign(from, std::min(have, kShownBytes));
      skip_long_line();
      line = cut_;
      ++number_;
      is_cut_ = true;
      return true;
    }
    if (!fill()) {
      if (have == 0) return false;
      line = {buffer_.data() + begin_, have};
      begin_ = end_;
      break;
    }
  }
  ++number_;
  if (line.size() > max_line_bytes_) {
    is_cut_ = true;
    line = line.substr(0, kShownBytes);
  } else if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  return true;
}

void Lines::skip_long_line() {
  for (;;) {
    if (const void* hit = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_)) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(hit) - buffer_.data()) + 1;
      return;
    }
    begin_ = end_;
    if (!fill()) return;
  }
}

}  // namespace attune::data
