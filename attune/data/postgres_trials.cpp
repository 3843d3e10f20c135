// PostgreSQL trials: see the header.
#include "attune/data/postgres_trials.h"

#include "attune/data/postgres_rows.h"

namespace attune::data {

void put_trial(PgTransactions& at, const StoredTrial& trial) {
  at.change([&](PgConnection& c) {
    return c.query("INSERT INTO trials VALUES($1, $2, $3, $4) ON CONFLICT (study, number) DO UPDATE SET time_ms = excluded.time_ms, result = excluded.result",
                   {trial.study, trial.number, trial.time_ms, trial.result.dump()});
  });
}

std::vector<StoredTrial> trials(const PgTransactions& at, std::string_view study) {
  const PgRows rows = at.read([&](PgConnection& c) { return c.query("SELECT number, time_ms, result FROM trials WHERE study = $1 ORDER BY number", {study}); });
  return all_of(rows, [&](const PgRows& all, std::size_t r) {
    return StoredTrial{.study = std::string(study), .number = static_cast<std::uint64_t>(all.integer(r, 0)), .time_ms = all.integer(r, 1), .result = Json::parse(all.text(r, 2), "a trial")};
  });
}

std::vector<std::string> studies(const PgTransactions& at) {
  return all_of(at.read([](PgConnection& c) { return c.query("SELECT study FROM trials GROUP BY study ORDER BY MAX(time_ms) DESC, study"); }), first_text);
}

std::uint64_t forget_trials(PgTransactions& at, std::string_view study) {
  return at.change([&](PgConnection& c) { return c.query("DELETE FROM trials WHERE study = $1", {study}); }).changed();
}

}  // namespace attune::data
