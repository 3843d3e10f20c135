// SQLite lists: see the header.
#include "attune/data/sqlite_lists.h"

#include "attune/data/sqlite_rows.h"

namespace attune::data {

void read_exposures(Connection& connection, const std::function<void(const Exposure&)>& sink) {
  Query rows = connection.query("SELECT request, user, snapshot, time_ms, items, scores, propensities, note FROM exposures ORDER BY id");
  while (rows.step()) sink(exposure_of(rows));
}

std::optional<Exposure> exposure(Connection& connection, std::string_view request) {
  Query row = connection.query("SELECT request, user, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE request = ? ORDER BY id DESC LIMIT 1");
  return row.with(request).step() ? std::optional(exposure_of(row)) : std::nullopt;
}

std::vector<Exposure> user_exposures(Connection& connection, std::string_view user, std::size_t most) {
  return all_of(connection, "SELECT request, user, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE user = ? ORDER BY id DESC LIMIT ?", exposure_of, user,
                static_cast<std::int64_t>(most));
}

void rate(Connection& connection, const ListRating& rating) {
  Transaction transaction(connection);
  connection.query("INSERT OR REPLACE INTO ratings VALUES(?, ?, ?, ?, ?)").with(rating.request, rating.user, std::optional(rating.value), rating.comment, rating.time_ms).run();
  transaction.commit();
}

std::optional<ListRating> rating(Connection& connection, std::string_view request) {
  Query row = connection.query("SELECT request, user, value, comment, time_ms FROM ratings WHERE request = ?");
  return row.with(request).step() ? std::optional(rating_of(row)) : std::nullopt;
}

void read_ratings(Connection& connection, std::size_t most, const std::function<void(const ListRating&)>& sink) {
  Query rows = connection.query("SELECT request, user, value, comment, time_ms FROM ratings ORDER BY time_ms DESC LIMIT ?");
  rows.with(static_cast<std::int64_t>(most));
  while (rows.step()) sink(rating_of(rows));
}

}  // namespace attune::data
