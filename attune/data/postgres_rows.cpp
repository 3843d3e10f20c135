// PostgreSQL rows: see the header.
#include "attune/data/postgres_rows.h"

#include "attune/core/error.h"
#include "attune/data/list_json.h"

namespace attune::data {

Record record_of(const PgRows& rows, std::size_t row) {
  Record record;
  record.name = rows.text(row, 0);
  record.text = rows.text(row, 1);
  if (const std::string attributes = rows.text(row, 2); attributes.size() > 2) record.attributes = Json::parse(attributes, "attributes of '" + record.name + "'");
  record.created_ms = rows.integer(row, 3);
  record.hidden = rows.integer(row, 4) != 0;
  return record;
}

Exposure exposure_of(const PgRows& rows, std::size_t r, std::size_t first) {
  return {.request = rows.text(r, first), .user = rows.text(r, first + 1), .snapshot = rows.text(r, first + 2), .time_ms = rows.integer(r, first + 3), .items = names_of(rows.text(r, first + 4)),
          .scores = floats_of(rows.text(r, first + 5)), .propensities = floats_of(rows.text(r, first + 6)), .note = rows.text(r, first + 7)};
}

ListRating rating_of(const PgRows& rows, std::size_t r) {
  return {.request = rows.text(r, 0), .user = rows.text(r, 1), .value = rows.real(r, 2), .comment = rows.text(r, 3), .time_ms = rows.integer(r, 4)};
}

namespace {

StoredEvent event_of(const PgRows& rows, std::size_t r) {
  StoredEvent stored;
  stored.sequence = static_cast<Sequence>(rows.integer(r, 0));
  stored.event = {.user = rows.text(r, 1), .item = rows.text(r, 2), .type = rows.text(r, 3), .value = rows.is_null(r, 4) ? std::nullopt : std::optional(rows.real(r, 4)),
                  .time_ms = rows.integer(r, 5), .session = rows.text(r, 6), .request = rows.text(r, 7)};
  return stored;
}

}  // namespace

std::vector<StoredEvent> events_of(const PgRows& rows) { return all_of(rows, event_of); }

Receipt receipt_of(const PgRows& rows, std::size_t r) {
  const auto count = [&](std::size_t column) { return static_cast<std::uint64_t>(rows.integer(r, column)); };
  return {.id = rows.text(r, 0), .kind = rows.text(r, 1) == "item" ? Kind::item : Kind::user, .name_hash = rows.text(r, 2), .events = count(3), .exposures = count(4),
          .records = count(5), .rejections = count(6), .time_ms = rows.integer(r, 7), .sequence = count(8)};
}

std::string first_text(const PgRows& rows, std::size_t r) { return rows.text(r, 0); }

}  // namespace attune::data
