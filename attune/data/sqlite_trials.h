// SQLite trials: studies of tuning and their trials, in a table that stores made before there was tuning lack. For the SQLite store only.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/sqlite_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of Store and StudyList by these names say. Those that write do so in a transaction of their own.
void put_trial(Connection& connection, const StoredTrial& trial);
std::vector<StoredTrial> trials(Connection& connection, std::string_view study);
std::vector<std::string> studies(Connection& connection);
std::uint64_t forget_trials(Connection& connection, std::string_view study);

}  // namespace attune::data
