// PostgreSQL lists: what was shown to whom, and how people rated it. For the PostgreSQL store only.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attune/data/postgres_transactions.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of Store by these names say. The server does not sync for a list shown; its next sync takes it along. Not tried again
// once it may have been kept.
void log_exposures(PgTransactions& at, std::span<const Exposure> exposures);
std::optional<Exposure> exposure(const PgTransactions& at, std::string_view request);
std::vector<Exposure> user_exposures(const PgTransactions& at, std::string_view user, std::size_t most);
std::uint64_t forget_exposures(PgTransactions& at, std::int64_t before_ms, std::size_t most, std::chrono::milliseconds wait);

void rate(PgTransactions& at, const ListRating& rating);
std::optional<ListRating> rating(const PgTransactions& at, std::string_view request);
void read_ratings(const PgTransactions& at, std::size_t most, const std::function<void(const ListRating&)>& sink);

}  // namespace attune::data
