// Record: 32 hex digits of the text's hash, 16 of the record's own, then the row. Cost: the file is read whole at the start.
#include "attune/encode/vector_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/encode/encoder.h"

namespace attune::encode {
namespace {

constexpr std::size_t kHeaderBytes = 64, kKeyBytes = 32, kCheckBytes = 16;
// Texts embedded between two writes to the cache: what Ctrl-C can lose.
constexpr std::size_t kChunk = 2048;

// An open file that holds a lock while it lives.
class LockedFile {
 public:
  LockedFile(const std::filesystem::path& path, int flags, int lock) : path_(path), file_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (file_ < 0) fail("open");
    while (::flock(file_, lock) != 0) {
      if (errno == EINTR) continue;
      ::close(file_);
      fail("lock");
    }
  }
  ~LockedFile() { ::close(file_); }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  std::size_t size() const {
    struct stat status {};
    if (::fstat(file_, &status) != 0) fail("look at");
    return static_cast<std::size_t>(status.st_size);
  }
  void cut(std::size_t size) {
    if (::ftruncate(file_, static_cast<off_t>(size)) != 0) fail("cut");
  }
  std::string read(std::size_t size) {
    std::string all(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const ssize_t n = ::pread(file_, all.data() + got, size - got, static_cast<off_t>(got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("read");
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    all.resize(got);
    return all;
  }
  // At the end `at`; puts the old end back when it fails.
  void append(std::string_view bytes, std::size_t at) {
    for (std::size_t written = 0; written < bytes.size();) {
      const ssize_t n = ::pwrite(file_, bytes.data() + written, bytes.size() - written, static_cast<off_t>(at + written));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        const int why = errno;
        (void)!::ftruncate(file_, static_cast<off_t>(at));
        errno = why;
        fail("write");
      }
      written += static_cast<std::size_t>(n);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& verb) const {
    const std::string why = std::strerror(errno);
    throw Error(Code::io, "cannot " + verb + " the vector cache " + path_.string() + ": " + why);
  }
  std::filesystem::path path_;
  int file_;
};

}  // namespace

VectorCache::VectorCache(const std::filesystem::path& folder, const std::string& encoder, const std::string& fingerprint, std::size_t dim)
    : file_(folder / (encoder + "-" + hash_hex(fingerprint).substr(0, 16) + ".vectors")), dim_(dim) {
  header_ = "attune vectors 1 " + std::to_string(dim) + " " + hash_hex(fingerprint).substr(0, 16);
  header_.resize(kHeaderBytes - 1, ' ');
  header_ += '\n';
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(Code::io, "cannot make the folder " + folder.string() + ": " + error.message());
  if (std::filesystem::exists(file_, error)) read();
}

std::string VectorCache::record(const std::string& key, const float* row) const {
  std::string body(reinterpret_cast<const char*>(row), dim_ * sizeof(float));
  return key + hash_hex(key + body).substr(0, kCheckBytes) + body;
}

void VectorCache::read() {
  LockedFile file(file_, O_RDONLY, LOCK_SH);
  const std::string all = file.read(file.size());
  if (all.size() < kHeaderBytes) return;  // a crash at birth; add() begins anew
  if (all.compare(0, kHeaderBytes, header_) != 0)
    throw Error(Code::bad_data, file_.string() + " is not the vector cache its name says; remove it, it will be made again");
  const std::size_t bytes = kKeyBytes + kCheckBytes + dim_ * sizeof(float);
  std::vector<float> row(dim_);
  for (std::size_t at = kHeaderBytes; at + bytes <= all.size(); at += bytes) {
    std::memcpy(row.data(), all.data() + at + kKeyBytes + kCheckBytes, dim_ * sizeof(float));
    const std::string key = all.substr(at, kKeyBytes);
    if (all.compare(at, bytes, record(key, row.data())) != 0) continue;
    if (places_.emplace(key, rows_.size()).second) rows_.insert(rows_.end(), row.begin(), row.end());
  }
}

const float* VectorCache::find(std::string_view text) const {
  const auto found = places_.find(hash_hex(text));
  return found == places_.end() ? nullptr : rows_.data() + found->second;
}

void VectorCache::add(std::span<const std::string> texts, std::span<const float> rows) {
  ATTUNE_ASSERT(rows.size() == texts.size() * dim_, "one row a text");
  std::string bytes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string key = hash_hex(texts[i]);
    const auto row = rows.subspan(i * dim_, dim_);
    if (!places_.emplace(key, rows_.size()).second) continue;
    rows_.insert(rows_.end(), row.begin(), row.end());
    bytes += record(key, row.data());
  }
  LockedFile file(file_, O_RDWR | O_CREAT, LOCK_EX);
  const std::size_t record_bytes = kKeyBytes + kCheckBytes + dim_ * sizeof(float);
  const std::size_t size = file.size();
  if (size < kHeaderBytes) {
    file.cut(0);
    file.append(header_ + bytes, 0);
    return;
  }
  const std::size_t whole = kHeaderBytes + (size - kHeaderBytes) / record_bytes * record_bytes;
  if (whole != size) file.cut(whole);  // a crash in the middle of a record
  file.append(bytes, whole);
}

Matrix item_vectors(const Encoder& encoder, std::span<const std::string> texts, const std::string& cache_folder, const Run& run) {
  if (encoder.is_sparse()) throw Error(Code::bad_request, "the encoder '" + encoder.name() + "' counts words, it has no dense vectors");
  std::unique_ptr<VectorCache> cache;
  try {
    if (!cache_folder.empty()) cache = std::make_unique<VectorCache>(cache_folder, encoder.name(), encoder.fingerprint(), encoder.dim());
  } catch (const Error& error) {
    run.remark(std::string(error.what()) + "; texts are read without it");
  }
  Matrix out(texts.size(), encoder.dim());
  std::unordered_map<std::string_view, std::size_t> first_place;  // of texts that must be read
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (const float* known = cache ? cache->find(texts[i]) : nullptr; known != nullptr) std::copy(known, known + encoder.dim(), out.row(i).begin());
    else if (first_place.emplace(texts[i], i).second) missing.push_back(texts[i]);
  }
  for (std::size_t first = 0; first < missing.size(); first += kChunk) {
    const auto chunk = std::span(missing).subspan(first, std::min(kChunk, missing.size() - first));
    Run part{.seed = run.seed, .threads = run.threads, .say = run.say, .stop = run.stop, .memory_bytes = run.memory_bytes};
    if (run.progress) part.progress = [&](std::string_view what, std::size_t done, std::size_t) { run.progress(what, first + done, missing.size()); };
    const Matrix rows = encoder.encode(chunk, part).dense;
    for (std::size_t i = 0; i < chunk.size(); ++i) std::copy(rows.row(i).begin(), rows.row(i).end(), out.row(first_place.at(chunk[i])).begin());
    try {
      if (cache) cache->add(chunk, rows.all());
    } catch (const Error& error) {
      run.remark(std::string(error.what()) + "; these vectors are not kept");
      cache.reset();
    }
  }
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (const auto found = first_place.find(texts[i]); found != first_place.end() && found->second != i)
      std::copy(out.row(found->second).begin(), out.row(found->second).end(), out.row(i).begin());
  return out;
}

}  // namespace attune::encode
