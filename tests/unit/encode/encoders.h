// The encoders of plugins.def, declared for tests of this floor; and a way through a file and back.
#pragma once
#include <cmath>
#include <filesystem>
#include <string>

#include <unistd.h>

#include "attune/core/params.h"
#include "attune/encode/encoder.h"

namespace attune::encode {

#define ENCODER(name, about, source)                                                                 \
  std::unique_ptr<const Encoder> make_##name(std::span<const std::string>, const Json&, const Run&); \
  std::unique_ptr<const Encoder> load_##name(ByteReader&);                                           \
  std::vector<Setting> settings_##name();
#include "attune/plugins.def"

// A folder of its own, gone at the end.
struct Folder {
  Folder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() / ("attune-encode-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

inline std::unique_ptr<const Encoder> through_a_file(const Encoder& encoder, std::unique_ptr<const Encoder> (*load)(ByteReader&)) {
  const Folder folder;
  ByteWriter out(folder.path / "encoder.bin");
  encoder.save(out);
  out.close();
  ByteReader in(folder.path / "encoder.bin");
  return load(in);
}

}  // namespace attune::encode
