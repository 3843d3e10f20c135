// Archive: several files in one that any tar reads, with a list of their checksums and a seal at its end: what was changed, cut off or
// put together by somebody else is not taken for one of ours.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/json.h"

namespace attune {

// Appears whole or not at all, readable for its owner alone. Belongs to one thread.
class ArchiveWriter {
 public:
  explicit ArchiveWriter(const std::filesystem::path& path);   // throws Error: io
  // `name`: relative, "snapshots/x/manifest.json"; `mode`: permissions. Throws Error: bad_request for a name that cannot be.
  void add(const std::string& name, std::string_view content, unsigned mode = 0644);
  // Writes the list (`facts` stands in it) and the seal, and gives the file its name. Returns the bytes it has.
  std::uint64_t close(const Json& facts);

 private:
  void header(const std::string& name, std::uint64_t size, unsigned mode);
  void raw(std::string_view bytes);
  std::unique_ptr<ByteWriter> out_;
  Json files_ = Json::array();
  std::uint64_t written_ = 0;
};

// An archive, mapped into memory and checked as a whole. Safe from many threads.
class Archive {
 public:
  struct File {
    std::string name;
    std::string_view content;
    unsigned mode = 0644;
  };
  // Throws Error: bad_data saying what is wrong (no archive, cut short, a checksum that differs), unsupported for a newer form, io.
  explicit Archive(const std::filesystem::path& path);
  const std::vector<File>& files() const noexcept { return files_; }
  const Json& facts() const noexcept { return facts_; }
  // Into an existing folder; each file synced.
  void unpack(const std::filesystem::path& folder) const;

 private:
  struct Mapped;
  std::shared_ptr<const Mapped> mapped_;
  std::vector<File> files_;
  Json facts_;
};

// A file's bytes, mapped into memory: stays readable when the file is deleted meanwhile.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);   // throws Error: io, not_found
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  std::string_view bytes() const noexcept { return {data_, size_}; }
  unsigned mode() const noexcept { return mode_; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  unsigned mode_ = 0644;
};

}  // namespace attune
