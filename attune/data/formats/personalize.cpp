// AWS Personalize: CSV files with columns in capitals (USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE, EVENT_VALUE).
// Source: the AWS Personalize developer guide, data sets and schemas.
#include <algorithm>

#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/peek.h"

namespace attune::data {

std::optional<Mapping> recognise_personalize(const Peek& peek, const ImportOptions& options) {
  if (peek.is_json) return std::nullopt;
  const Table rows = sample(peek, {.separator = ","}, 2);
  if (rows.empty()) return std::nullopt;
  const auto there = [&](const char* column) { return std::find(rows[0].begin(), rows[0].end(), column) != rows[0].end(); };
  const bool has_user = there("USER_ID"), has_item = there("ITEM_ID");
  if (!has_user && !has_item) return std::nullopt;
  Mapping m{.format = "personalize"};
  m.kind = has_user && has_item ? "events" : has_item ? "items" : "users";
  if (!options.kind.empty() && options.kind != m.kind) return std::nullopt;
  return guess_table(peek, std::move(m), options);
}

Batch read_personalize(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return read_table(file, mapping, options, run);
}

}  // namespace attune::data
