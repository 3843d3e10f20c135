// SQLite trials: see the header.
#include "attune/data/sqlite_trials.h"

#include "attune/data/sqlite_rows.h"
#include "attune/data/sqlite_schema.h"

namespace attune::data {

void put_trial(Connection& connection, const StoredTrial& trial) {
  const std::string result = trial.result.dump();
  Transaction transaction(connection);
  make_trials(connection);
  connection.query("INSERT OR REPLACE INTO trials VALUES(?, ?, ?, ?)").with(trial.study, trial.number, trial.time_ms, result).run();
  transaction.commit();
}

std::vector<StoredTrial> trials(Connection& connection, std::string_view study) {
  if (!has_trials(connection)) return {};
  const auto trial_of = [&](const Query& row) {
    return StoredTrial{.study = std::string(study), .number = static_cast<std::uint64_t>(row.integer(0)), .time_ms = row.integer(1),
                       .result = Json::parse(row.text(2), connection.path() + ", a trial")};
  };
  return all_of(connection, "SELECT number, time_ms, result FROM trials WHERE study = ? ORDER BY number", trial_of, study);
}

std::vector<std::string> studies(Connection& connection) {
  if (!has_trials(connection)) return {};
  return all_of(connection, "SELECT study FROM trials GROUP BY study ORDER BY MAX(time_ms) DESC, study", first_text);
}

std::uint64_t forget_trials(Connection& connection, std::string_view study) {
  Transaction transaction(connection);
  make_trials(connection);
  connection.query("DELETE FROM trials WHERE study = ?").with(study).run();
  const std::int64_t gone = connection.changes();
  transaction.commit();
  return static_cast<std::uint64_t>(gone);
}

}  // namespace attune::data
