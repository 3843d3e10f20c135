// Vector cache: rows by (encoder fingerprint, text), one append-only file an encoder. Nothing is embedded twice.
// A record is the text's 128-bit hash and the row with a checksum; a damaged or half-written end is ignored and cut off by the
// next writer. Several processes may share it: writers hold a lock, readers see whole records only.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/encode/encoder.h"

namespace attune::encode {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kHashBytes = 32;   // hex
constexpr std::size_t kSumBytes = 8;     // hex: head of the hash of hash and row
constexpr std::size_t kFlushRows = 2048; // rows embedded between two writes: what a crash can cost

std::size_t record_bytes(std::size_t dim) { return kHashBytes + kSumBytes + dim * sizeof(float); }

std::string checksum(std::string_view hash, const char* row, std::size_t dim) {
  return hash_hex(std::string(hash) + std::string(row, dim * sizeof(float))).substr(0, kSumBytes);
}

struct Cached {
  std::unordered_map<std::string, std::size_t> at;   // text hash -> row of `rows`
  std::string rows;                                  // the file's sound records
};

Cached read_cache(const fs::path& file, std::size_t dim) {
  Cached cached;
  std::error_code problem;
  if (!fs::exists(file, problem)) return cached;
  cached.rows = read_file(file);
  const std::size_t size = record_bytes(dim);
  std::size_t sound = 0;
  for (; (sound + 1) * size <= cached.rows.size(); ++sound) {
    const std::string_view record(cached.rows.data() + sound * size, size);
    if (record.substr(kHashBytes, kSumBytes) != checksum(record.substr(0, kHashBytes), record.data() + kHashBytes + kSumBytes, dim)) break;
    cached.at.emplace(record.substr(0, kHashBytes), sound);
  }
  cached.rows.resize(sound * size);
  return cached;
}

// Appends whole records under a lock, after cutting off what does not end on a record.
void append(const fs::path& file, const std::string& records, std::size_t dim) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  const auto failed = [&](const char* doing) {
    const std::string message = std::string("cannot ") + doing + " the vector cache " + file.string() + ": " + std::strerror(errno);
    if (fd >= 0) ::close(fd);
    throw Error(Code::io, message);
  };
  if (fd < 0) failed("open");
  if (::flock(fd, LOCK_EX) != 0) failed("lock");
  const off_t end = ::lseek(fd, 0, SEEK_END);
  const off_t whole = end - end % static_cast<off_t>(record_bytes(dim));
  if (whole != end && ::ftruncate(fd, whole) != 0) failed("mend");
  const ssize_t wrote = ::pwrite(fd, records.data(), records.size(), whole);
  if (wrote != static_cast<ssize_t>(records.size())) {
    const int saved = wrote < 0 ? errno : ENOSPC;
    if (::ftruncate(fd, whole) != 0) { /* the checksum makes the rest harmless */
    }
    errno = saved;
    failed("write");
  }
  ::close(fd);
}

}  // namespace

Matrix item_vectors(const Encoder& encoder, std::span<const std::string> texts, const std::string& cache_folder, const Run& run) {
  const std::size_t dim = encoder.dim();
  Matrix vectors(texts.size(), dim);
  const fs::path file = cache_folder.empty() ? fs::path() : fs::path(cache_folder) / (hash_hex(encoder.fingerprint()) + ".vectors");
  if (!cache_folder.empty()) {
    std::error_code problem;
    fs::create_directories(cache_folder, problem);
  }
  const Cached cached = cache_folder.empty() ? Cached{} : read_cache(file, dim);
  std::unordered_map<std::string, std::vector<std::size_t>> missing;   // hash -> rows that want it
  std::vector<std::string> order, wanted;                              // hashes and texts to embed, each once
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string hash = hash_hex(texts[i]);
    if (const auto it = cached.at.find(hash); it != cached.at.end()) {
      std::memcpy(vectors.row(i).data(), cached.rows.data() + it->second * record_bytes(dim) + kHashBytes + kSumBytes, dim * sizeof(float));
      continue;
    }
    auto& rows = missing[hash];
    if (rows.empty()) {
      order.push_back(hash);
      wanted.push_back(texts[i]);
    }
    rows.push_back(i);
  }
  for (std::size_t from = 0; from < wanted.size(); from += kFlushRows) {
    run.report("reading texts with " + encoder.name(), from, wanted.size());
    const std::size_t n = std::min(kFlushRows, wanted.size() - from);
    const data::ItemFeatures made = encoder.encode(std::span(wanted).subspan(from, n), run);
    std::string records;
    for (std::size_t k = 0; k < n; ++k) {
      const auto row = made.dense.row(k);
      for (const std::size_t i : missing[order[from + k]]) std::copy(row.begin(), row.end(), vectors.row(i).begin());
      const auto* bytes = reinterpret_cast<const char*>(row.data());
      records += order[from + k] + checksum(order[from + k], bytes, dim);
      records.append(bytes, dim * sizeof(float));
    }
    if (!cache_folder.empty()) append(file, records, dim);
  }
  return vectors;
}

}  // namespace attune::encode
