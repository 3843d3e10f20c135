// PostgreSQL lists: see the header.
#include "attune/data/postgres_lists.h"

#include <algorithm>
#include <string>

#include "attune/data/list_json.h"
#include "attune/data/postgres_rows.h"

namespace attune::data {
namespace {

constexpr std::chrono::milliseconds kShownWait{100};

}  // namespace

void log_exposures(PgTransactions& at, std::span<const Exposure> exposures) {
  if (exposures.empty()) return;
  at.in_own_transaction(kShownWait, "SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '100ms'", [&](PgConnection& c) {
    for (const Exposure& exposure : exposures) {
      c.query("INSERT INTO exposures(request, user_name, snapshot, time_ms, items, scores, propensities, note) VALUES($1, $2, $3, $4, $5, $6, $7, $8)",
              {exposure.request, exposure.user, exposure.snapshot, exposure.time_ms, json_of(exposure.items), json_of(exposure.scores), json_of(exposure.propensities), exposure.note});
    }
    c.query("UPDATE exposure_total SET exposures = exposures + $1", {exposures.size()});
    return 0;
  });
}

std::optional<Exposure> exposure(const PgTransactions& at, std::string_view request) {
  const PgRows rows = at.read([&](PgConnection& c) {
    return c.query("SELECT request, user_name, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE request = $1 ORDER BY id DESC LIMIT 1", {request});
  });
  return rows.size() > 0 ? std::optional(exposure_of(rows, 0, 0)) : std::nullopt;
}

std::vector<Exposure> user_exposures(const PgTransactions& at, std::string_view user, std::size_t most) {
  const PgRows rows = at.read([&](PgConnection& c) {
    return c.query("SELECT request, user_name, snapshot, time_ms, items, scores, propensities, note FROM exposures WHERE user_name = $1 ORDER BY id DESC LIMIT $2", {user, most});
  });
  return all_of(rows, [](const PgRows& all, std::size_t r) { return exposure_of(all, r, 0); });
}

std::uint64_t forget_exposures(PgTransactions& at, std::int64_t before_ms, std::size_t most, std::chrono::milliseconds wait) {
  return at.in_own_transaction(wait, "SET LOCAL synchronous_commit = off", [&](PgConnection& c) {
    const std::uint64_t gone = c.query("DELETE FROM exposures WHERE id IN (SELECT id FROM exposures ORDER BY id LIMIT $1) AND time_ms < $2", {most, before_ms}).changed();
    if (gone > 0) c.query("UPDATE exposure_total SET exposures = exposures - $1", {gone});
    return gone;
  });
}

void rate(PgTransactions& at, const ListRating& rating) {
  at.change([&](PgConnection& c) {
    return c.query("INSERT INTO ratings VALUES($1, $2, $3, $4, $5) ON CONFLICT (request) DO UPDATE SET user_name = excluded.user_name, value = excluded.value, comment = excluded.comment, time_ms = excluded.time_ms",
                   {rating.request, rating.user, rating.value, rating.comment, rating.time_ms});
  });
}

std::optional<ListRating> rating(const PgTransactions& at, std::string_view request) {
  const PgRows rows = at.read([&](PgConnection& c) { return c.query("SELECT request, user_name, value, comment, time_ms FROM ratings WHERE request = $1", {request}); });
  return rows.size() > 0 ? std::optional(rating_of(rows, 0)) : std::nullopt;
}

void read_ratings(const PgTransactions& at, std::size_t most, const std::function<void(const ListRating&)>& sink) {
  const auto limit = static_cast<std::int64_t>(std::min<std::size_t>(most, std::size_t{1} << 40));
  const PgRows rows = at.read([&](PgConnection& c) { return c.query("SELECT request, user_name, value, comment, time_ms FROM ratings ORDER BY time_ms DESC LIMIT $1", {limit}); });
  for (std::size_t r = 0; r < rows.size(); ++r) sink(rating_of(rows, r));
}

}  // namespace attune::data
