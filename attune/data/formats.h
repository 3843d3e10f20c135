// Formats: the readers named in plugins.def (FORMAT lines), one in each attune/data/formats/NAME.cpp.
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "attune/data/import.h"
#include "attune/data/table.h"

namespace attune::data {

struct Peek;

struct Format {
  std::string_view name, about, source;
  // How to read the file if it is of this format; nothing if it is not. Asked in the order of plugins.def, so that a
  // special format comes before a general one.
  std::optional<Mapping> (*recognise)(const Peek&, const ImportOptions&);
  Batch (*read)(const std::filesystem::path&, const Mapping&, const ImportOptions&, const Run&);
};

std::span<const Format> formats();
// Throws Error: bad_request naming the nearest.
const Format& format_named(std::string_view name);

#define FORMAT(name, about, source)                                                         \
  std::optional<Mapping> recognise_##name(const Peek& peek, const ImportOptions& options);  \
  Batch read_##name(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run);
#include "attune/plugins.def"

}  // namespace attune::data
