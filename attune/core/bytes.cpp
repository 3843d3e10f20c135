// Bytes: files that appear whole or not at all, and readers that trust no length they are told.
#include "attune/core/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "attune/core/error.h"

namespace attune {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kAlignBytes = 64;

Error io_error(const fs::path& path, const char* doing) {
  std::string message = std::string("cannot ") + doing + " " + path.string() + ": " + std::strerror(errno);
  if (errno == ENOSPC) message += "; free some space and run the command again, nothing was changed";
  return Error(errno == ENOENT ? Code::not_found : Code::io, message);
}

std::string hex(XXH128_hash_t h) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, h);
  std::string out;
  for (const unsigned char byte : canonical.digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

void write_all(int fd, const char* data, std::size_t n, const fs::path& path) {
  while (n > 0) {
    const ssize_t wrote = ::write(fd, data, n);
    if (wrote < 0) {
      if (errno == EINTR) continue;
      throw io_error(path, "write");
    }
    data += wrote;
    n -= static_cast<std::size_t>(wrote);
  }
}

void sync_folder(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

struct ByteWriter::State {
  fs::path path, beside;
  int fd = -1;
  std::string buffer;
  std::uint64_t written = 0;
  XXH3_state_t* hash = XXH3_createState();
  ~State() {
    if (fd >= 0) {
      ::close(fd);
      ::unlink(beside.c_str());
    }
    XXH3_freeState(hash);
  }
};

ByteWriter::ByteWriter(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->beside = path.string() + ".part" + std::to_string(::getpid());
  state_->fd = ::open(state_->beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (state_->fd < 0) throw io_error(path, "create");
  XXH3_128bits_reset(state_->hash);
}
ByteWriter::~ByteWriter() = default;

void ByteWriter::raw(const void* data, std::size_t size_bytes) {
  if (size_bytes == 0) return;
  state_->written += size_bytes;
  if (size_bytes >= kBufferBytes) {
    flush();
    XXH3_128bits_update(state_->hash, data, size_bytes);
    write_all(state_->fd, static_cast<const char*>(data), size_bytes, state_->path);
    return;
  }
  state_->buffer.append(static_cast<const char*>(data), size_bytes);
  if (state_->buffer.size() >= kBufferBytes) flush();
}
void ByteWriter::flush() {
  XXH3_128bits_update(state_->hash, state_->buffer.data(), state_->buffer.size());
  write_all(state_->fd, state_->buffer.data(), state_->buffer.size(), state_->path);
  state_->buffer.clear();
}
void ByteWriter::align() {
  static constexpr char zeros[kAlignBytes] = {};
  raw(zeros, (kAlignBytes - state_->written % kAlignBytes) % kAlignBytes);
}
void ByteWriter::text(std::string_view s) {
  number(static_cast<std::uint64_t>(s.size()));
  raw(s.data(), s.size());
}
void ByteWriter::matrix(MatrixView m) {
  number(static_cast<std::uint64_t>(m.rows));
  number(static_cast<std::uint64_t>(m.cols));
  align();
  raw(m.data, m.rows * m.cols * sizeof(float));
}
void ByteWriter::sparse(const Sparse& m) {
  number(static_cast<std::uint64_t>(m.rows));
  number(static_cast<std::uint64_t>(m.cols));
  array(std::span<const std::uint64_t>(m.offsets));
  array(std::span<const std::uint32_t>(m.indices));
  array(std::span<const float>(m.values));
}
std::string ByteWriter::close() {
  flush();
  if (::fsync(state_->fd) != 0) throw io_error(state_->path, "flush to disk");
  if (::close(state_->fd) != 0) {
    state_->fd = -1;
    ::unlink(state_->beside.c_str());
    throw io_error(state_->path, "close");
  }
  state_->fd = -1;
  if (::rename(state_->beside.c_str(), state_->path.c_str()) != 0) {
    const Error error = io_error(state_->path, "rename");
    ::unlink(state_->beside.c_str());
    throw error;
  }
  sync_folder(state_->path);
  return hex(XXH3_128bits_digest(state_->hash));
}

struct ByteReader::State {
  fs::path path;
  const char* data = nullptr;
  std::size_t size = 0, at = 0;
  ~State() {
    if (data != nullptr) ::munmap(const_cast<char*>(data), size);
  }
};

ByteReader::ByteReader(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw io_error(path, "open");
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw Error(Code::io, path.string() + " is not a plain file");
  }
  state_->size = static_cast<std::size_t>(info.st_size);
  if (state_->size > 0) {
    void* p = ::mmap(nullptr, state_->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) {
      ::close(fd);
      throw io_error(path, "map");
    }
    state_->data = static_cast<const char*>(p);
    ::madvise(p, state_->size, MADV_SEQUENTIAL);
  }
  ::close(fd);
}
ByteReader::~ByteReader() = default;

void ByteReader::cut_short() const {
  throw Error(Code::bad_data, state_->path.string() + " is damaged: it ends or changes at byte " +
                                  std::to_string(state_->at) + " of " + std::to_string(state_->size));
}
std::string ByteReader::hash() const { return hex(XXH3_128bits(state_->data, state_->size)); }
void ByteReader::raw(void* data, std::size_t size_bytes) {
  if (size_bytes == 0) return;
  if (size_bytes > state_->size - state_->at) cut_short();
  std::memcpy(data, state_->data + state_->at, size_bytes);
  state_->at += size_bytes;
}
void ByteReader::align() {
  const std::size_t pad = (kAlignBytes - state_->at % kAlignBytes) % kAlignBytes;
  if (pad > state_->size - state_->at) cut_short();
  state_->at += pad;
}
std::size_t ByteReader::counted(std::size_t element_bytes) {
  const auto n = number<std::uint64_t>();
  align();
  if (n > (state_->size - state_->at) / element_bytes) cut_short();
  return static_cast<std::size_t>(n);
}
std::string ByteReader::text() {
  const auto n = number<std::uint64_t>();
  if (n > state_->size - state_->at) cut_short();
  std::string s(static_cast<std::size_t>(n), '\0');
  raw(s.data(), s.size());
  return s;
}
Matrix ByteReader::matrix() {
  const auto rows = number<std::uint64_t>(), cols = number<std::uint64_t>();
  align();
  const std::size_t room = (state_->size - state_->at) / sizeof(float);
  if (cols != 0 && rows > room / cols) cut_short();
  Matrix m(static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
  raw(m.data(), m.size_bytes());
  return m;
}
Sparse ByteReader::sparse() {
  Sparse m;
  m.rows = static_cast<std::size_t>(number<std::uint64_t>());
  m.cols = static_cast<std::size_t>(number<std::uint64_t>());
  m.offsets = array<std::uint64_t>();
  m.indices = array<std::uint32_t>();
  m.values = array<float>();
  bool sound = m.offsets.size() == m.rows + 1 && m.offsets.front() == 0 && m.offsets.back() == m.indices.size() &&
               m.indices.size() == m.values.size();
  for (std::size_t r = 0; sound && r < m.rows; ++r) sound = m.offsets[r] <= m.offsets[r + 1];
  for (std::size_t k = 0; sound && k < m.indices.size(); ++k) sound = m.indices[k] < m.cols;
  if (!sound) cut_short();
  return m;
}
bool ByteReader::at_end() const noexcept { return state_->at == state_->size; }

std::string hash_hex(std::string_view bytes) { return hex(XXH3_128bits(bytes.data(), bytes.size())); }

std::string read_file(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw io_error(path, "open");
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const Error error = io_error(path, "read");
      ::close(fd);
      throw error;
    }
    if (got == 0) break;
    content.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return content;
}

void write_file(const fs::path& path, std::string_view content) {
  ByteWriter writer(path);
  writer.raw(content.data(), content.size());
  writer.close();
}

}  // namespace attune
