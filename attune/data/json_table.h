// JSON tables: objects read by their mapping into events, items or users. A column is a key, or a path ("meta.price").
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/data/columns.h"
#include "attune/data/import.h"
#include "attune/data/peek.h"

namespace attune::data {

// The first objects of the file, at most `most`; what cannot be read is passed over, `why` says for what reason.
std::vector<Json> sample_objects(const Peek& peek, std::size_t most = 200, std::string* why = nullptr);

// Guesses fields from the keys of the first objects; `mapping` holds what is certain already. Attributes of items and
// users are all keys that are no field; a mapping may name one key whose members become attributes: columns["*"].
Mapping guess_json(const Peek& peek, Mapping mapping, const ImportOptions& options);

Batch read_json(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run);

}  // namespace attune::data
