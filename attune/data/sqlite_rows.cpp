// SQLite rows: see the header.
#include "attune/data/sqlite_rows.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/data/list_json.h"

namespace attune::data {
namespace {

constexpr std::int64_t kMostNames = std::int64_t{1} << 32;  // ids are 32 bits wide

}  // namespace

const std::string& NamesByNumber::operator[](std::int64_t number) {
  const auto at = static_cast<std::size_t>(number);
  if (number >= 0 && at < names_.size() && !names_[at].empty()) return names_[at];
  // Asked before making room: the number comes from the file, which may be damaged.
  if (number < 0 || number > kMostNames || !find_.with(number).step())
    throw Error(Code::bad_data, "the store is damaged: an event names number " + std::to_string(number) + ", which is nobody's; put a backup in its place");
  if (at >= names_.size()) names_.resize(std::max(at + 1, names_.size() * 2));
  names_[at] = find_.text(0);
  find_.reset();
  return names_[at];
}

EventNames::EventNames(Connection& connection)
    : users(connection, "SELECT name FROM users WHERE id = ?"), items(connection, "SELECT name FROM items WHERE id = ?"), types(connection, "SELECT name FROM types WHERE id = ?") {}

void read_event(const Query& row, EventNames& names, StoredEvent& stored) {
  stored.sequence = static_cast<Sequence>(row.integer(0));
  stored.event.item = names.items[row.integer(1)];
  stored.event.type = names.types[row.integer(2)];
  stored.event.value = row.is_null(3) ? std::nullopt : std::optional(row.real(3));
  stored.event.time_ms = row.integer(4);
  stored.event.session = row.text(5);
  stored.event.request = row.text(6);
}

void read_events(Connection& connection, Query& rows, const std::function<void(const StoredEvent&)>& sink) {
  EventNames names(connection);
  StoredEvent stored;
  while (rows.step()) {
    read_event(rows, names, stored);
    stored.event.user = names.users[rows.integer(7)];
    sink(stored);
  }
}

std::vector<StoredEvent> events_of(Connection& connection, Query& rows) {
  std::vector<StoredEvent> found;
  read_events(connection, rows, [&](const StoredEvent& stored) { found.push_back(stored); });
  return found;
}

std::string first_text(const Query& row) { return std::string(row.text(0)); }

Record record_of(const Query& row) {
  Record record;
  record.name = row.text(0);
  record.text = row.text(1);
  if (const std::string_view attributes = row.text(2); attributes.size() > 2) record.attributes = Json::parse(attributes, "attributes of '" + record.name + "'");
  record.created_ms = row.integer(3);
  record.hidden = row.integer(4) != 0;
  return record;
}

Exposure exposure_of(const Query& row) {
  return {.request = std::string(row.text(0)), .user = std::string(row.text(1)), .snapshot = std::string(row.text(2)),
          .time_ms = row.integer(3), .items = names_of(row.text(4)), .scores = floats_of(row.text(5)), .propensities = floats_of(row.text(6)), .note = std::string(row.text(7))};
}

Receipt receipt_of(const Query& row) {
  const auto count = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
  return {.id = std::string(row.text(0)), .kind = row.text(1) == "item" ? Kind::item : Kind::user, .name_hash = std::string(row.text(2)), .events = count(3),
          .exposures = count(4), .records = count(5), .rejections = count(6), .time_ms = row.integer(7), .sequence = count(8)};
}

ListRating rating_of(const Query& row) {
  return {.request = std::string(row.text(0)), .user = std::string(row.text(1)), .value = row.real(2), .comment = std::string(row.text(3)), .time_ms = row.integer(4)};
}

}  // namespace attune::data
