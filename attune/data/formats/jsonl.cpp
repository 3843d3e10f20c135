// JSON lines: one object a line, objects one after another, or one array of objects; keys as the columns of a table.
// Source: jsonlines.org; RFC 8259.
#include "attune/data/formats.h"
#include "attune/data/json_table.h"

namespace attune::data {

std::optional<Mapping> recognise_jsonl(const Peek& peek, const ImportOptions& options) {
  if (!peek.is_json) return std::nullopt;
  return guess_json(peek, {.format = "jsonl"}, options);
}

Batch read_jsonl(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return read_json(file, mapping, options, run);
}

}  // namespace attune::data
