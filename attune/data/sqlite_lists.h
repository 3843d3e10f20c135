// SQLite lists: what was shown to whom, and how people rated it. For the SQLite store only.
#pragma once
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "attune/data/sqlite_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of Store by these names say. A list is logged and forgotten by the writer, which counts it (sqlite_writer.h).
void read_exposures(Connection& connection, const std::function<void(const Exposure&)>& sink);
std::optional<Exposure> exposure(Connection& connection, std::string_view request);
std::vector<Exposure> user_exposures(Connection& connection, std::string_view user, std::size_t most);

void rate(Connection& connection, const ListRating& rating);
std::optional<ListRating> rating(Connection& connection, std::string_view request);
void read_ratings(Connection& connection, std::size_t most, const std::function<void(const ListRating&)>& sink);

}  // namespace attune::data
