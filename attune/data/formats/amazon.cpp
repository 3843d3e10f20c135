// Amazon reviews and product metadata of the research data sets: JSON lines (2014, also as Python literals, 2018, 2023) and
// the ratings-only CSV files without a header.
// Source: J. McAuley's data pages; the columns of 2014, 2018 and 2023. A review of 2023 belongs to parent_asin, as metadata does.
#include <algorithm>

#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/json_table.h"

namespace attune::data {
namespace {

std::optional<Mapping> from_json(const Peek& peek, const ImportOptions& options) {
  const std::vector<Json> objects = sample_objects(peek, 20);
  if (objects.empty()) return std::nullopt;
  const auto there = [&](const char* key) { return std::any_of(objects.begin(), objects.end(), [&](const Json& o) { return o.find(key); }); };
  if (!there("asin") && !there("parent_asin")) return std::nullopt;
  Mapping m{.format = "amazon"};
  const std::string item = !there("parent_asin") ? "asin" : there("asin") ? "parent_asin+asin" : "parent_asin";
  if (there("reviewerID")) {
    m.kind = "events";
    m.columns = {{"user", "reviewerID"}, {"item", item}, {"value", "overall"}, {"time", "unixReviewTime"}};
    m.event_type = "rating";
    m.notes.push_back("times are whole days: the order within a day is not known");
  } else if (there("user_id")) {
    m.kind = "events";
    m.columns = {{"user", "user_id"}, {"item", item}, {"value", "rating"}, {"time", "timestamp"}};
    m.event_type = "rating";
  } else {
    m.kind = "items";
    m.columns = {{"item", item}, {"text", there("features") ? "title+features+description" : "title+description"}};
    for (const char* attribute : {"price", "brand", "store", "main_category", "category", "categories", "average_rating", "rating_number"})
      if (there(attribute)) m.columns[attribute] = attribute;
  }
  for (auto it = m.columns.begin(); it != m.columns.end();) {
    const bool is_single = it->second.find('+') == std::string::npos;
    it = is_single && !there(it->second.c_str()) && it->first != "item" ? m.columns.erase(it) : std::next(it);
  }
  if (!options.kind.empty() && options.kind != m.kind) return std::nullopt;
  return guess_json(peek, std::move(m), options);
}

bool is_reviewer(std::string_view s) {
  return s.size() >= 10 && s.size() <= 30 && s[0] == 'A' && std::all_of(s.begin(), s.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}
bool is_product(std::string_view s) {
  return s.size() == 10 && (s[0] == 'B' || (s[0] >= '0' && s[0] <= '9')) &&
         std::all_of(s.begin(), s.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

// Ratings only: user, item, rating, time (2014) or item, user, rating, time (2018).
std::optional<Mapping> from_ratings(const Peek& peek, const ImportOptions& options) {
  const Table rows = sample(peek, {.separator = ","}, 100);
  if (rows.empty() || rows[0].size() != 4) return std::nullopt;
  std::size_t user_first = 0, item_first = 0;
  for (const auto& row : rows) {
    if (row.size() != 4) return std::nullopt;
    user_first += is_reviewer(row[0]) && is_product(row[1]);
    item_first += is_product(row[0]) && is_reviewer(row[1]);
  }
  if (std::max(user_first, item_first) * 10 < rows.size() * 9) return std::nullopt;
  Mapping m{.format = "amazon", .kind = "events"};
  m.has_header = false;
  m.event_type = "rating";
  m = guess_table(peek, std::move(m), options);
  const bool is_user_first = user_first >= item_first;
  if (!options.map.count("user")) m.columns["user"] = is_user_first ? "0" : "1";
  if (!options.map.count("item")) m.columns["item"] = is_user_first ? "1" : "0";
  m.notes = {std::string("no header: the ") + (is_user_first ? "first" : "second") + " column looks like reviewers, the " +
             (is_user_first ? "second" : "first") + " like products"};
  return m;
}

}  // namespace

std::optional<Mapping> recognise_amazon(const Peek& peek, const ImportOptions& options) {
  if (peek.is_json) return from_json(peek, options);
  if (!options.kind.empty() && options.kind != "events") return std::nullopt;
  return from_ratings(peek, options);
}

Batch read_amazon(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return mapping.separator.empty() ? read_json(file, mapping, options, run) : read_table(file, mapping, options, run);
}

}  // namespace attune::data
