// Small files for the tests of import, written to a folder that goes with the test.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "attune/data/import.h"
#include "tests/support/test.h"

namespace attune::data::testing {

class Folder {
 public:
  Folder() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    static int made = 0;
    const std::string name = std::string(info->test_suite_name()) + std::to_string(info->line()) + "_" + std::to_string(made++);
    path_ = std::filesystem::path(::testing::TempDir()) / ("attune_import_" + name);
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Guesses and reads, as `attune import FILE` does.
inline Batch import_file(const std::filesystem::path& file, const ImportOptions& options = {}) {
  return read(file, guess(file, options), options, Run{});
}
inline Batch import(std::string_view content, const ImportOptions& options = {}) {
  const Folder folder;
  return import_file(folder.write("file", content), options);
}
inline Mapping guessed(std::string_view content, const ImportOptions& options = {}) {
  const Folder folder;
  return guess(folder.write("file", content), options);
}
// The message of the Error that importing throws, with its code in front: "bad_data: ...". Empty when none is thrown.
inline std::string error_of(std::string_view content, const ImportOptions& options = {}) {
  try {
    import(content, options);
    return "";
  } catch (const Error& e) {
    return std::string(name(e.code())) + ": " + e.what();
  }
}

}  // namespace attune::data::testing
