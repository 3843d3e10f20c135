// Vector cache: rows that were embedded once, by text, in one file an encoder. A file of fixed records that is only ever
// appended to, under a lock: a crash loses at most the record it was in, and a damaged record is as good as none.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attune::encode {

class VectorCache {
 public:
  // Reads what the file holds; a missing file is an empty cache. Throws Error: io, or bad_data for a file of another kind.
  VectorCache(const std::filesystem::path& folder, const std::string& encoder, const std::string& fingerprint, std::size_t dim);
  // The row of a text, or nullptr. The pointer is good until the next add().
  const float* find(std::string_view text) const;
  // Appends the rows of texts to the file and to this cache. Safe while other processes do the same.
  // Throws Error: io (disk full); the file keeps its whole records.
  //   rows  [texts, dim]
  void add(std::span<const std::string> texts, std::span<const float> rows);
  std::size_t size() const noexcept { return places_.size(); }
  const std::filesystem::path& file() const noexcept { return file_; }

 private:
  void read();
  std::string record(const std::string& key, const float* row) const;

  std::filesystem::path file_;
  std::string header_;
  std::size_t dim_;
  std::vector<float> rows_;
  std::unordered_map<std::string, std::size_t> places_;  // by the text's hash
};

}  // namespace attune::encode
