// PostgreSQL trials: studies of tuning and their trials. For the PostgreSQL store only.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/postgres_transactions.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of Store and StudyList by these names say.
void put_trial(PgTransactions& at, const StoredTrial& trial);
std::vector<StoredTrial> trials(const PgTransactions& at, std::string_view study);
std::vector<std::string> studies(const PgTransactions& at);
std::uint64_t forget_trials(PgTransactions& at, std::string_view study);

}  // namespace attune::data
