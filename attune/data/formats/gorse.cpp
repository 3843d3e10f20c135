// Gorse: its exports of users, items and feedback, one JSON object a line. Labels become attributes, Comment the text.
// Source: gorse-io/gorse, storage/data/database.go.
#include "attune/data/formats.h"
#include "attune/data/json_table.h"

namespace attune::data {

std::optional<Mapping> recognise_gorse(const Peek& peek, const ImportOptions& options) {
  if (!peek.is_json) return std::nullopt;
  const std::vector<Json> objects = sample_objects(peek, 10);
  if (objects.empty()) return std::nullopt;
  const Json& o = objects[0];
  const bool is_feedback = o.find("FeedbackType") && o.find("UserId") && o.find("ItemId");
  const bool is_item = !is_feedback && o.find("ItemId") && (o.find("IsHidden") || o.find("Categories") || o.find("Labels"));
  const bool is_user = !is_feedback && !is_item && o.find("UserId") && (o.find("Labels") || o.find("Comment"));
  Mapping m{.format = "gorse"};
  if (is_feedback) {
    m.kind = "events";
    m.columns = {{"user", "UserId"}, {"item", "ItemId"}, {"type", "FeedbackType"}, {"value", "Value"}, {"time", "Timestamp"}};
  } else if (is_item) {
    m.kind = "items";
    m.columns = {{"item", "ItemId"}, {"text", "Comment"}, {"created", "Timestamp"}, {"hidden", "IsHidden"}, {"categories", "Categories"}, {"*", "Labels"}};
  } else if (is_user) {
    m.kind = "users";
    m.columns = {{"user", "UserId"}, {"text", "Comment"}, {"*", "Labels"}};
  } else {
    return std::nullopt;
  }
  if (!options.kind.empty() && options.kind != m.kind) return std::nullopt;
  return guess_json(peek, std::move(m), options);
}

Batch read_gorse(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return read_json(file, mapping, options, run);
}

}  // namespace attune::data
