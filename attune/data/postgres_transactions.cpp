// PostgreSQL transactions: see the header.
#include "attune/data/postgres_transactions.h"

#include <random>
#include <thread>

#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/postgres_schema.h"

namespace attune::data {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kForgetWriters_ms = 7ll * 24 * 3600 * 1000;
constexpr milliseconds kPause{50};

// For this opening of the store alone.
std::string new_name() {
  std::random_device dice;
  std::string name;
  for (int k = 0; k < 4; ++k) name += std::to_string(dice()) + (k < 3 ? "-" : "");
  return name;
}

}  // namespace

PgTransactions::PgTransactions(PostgresTarget target, milliseconds wait) : wait_(wait), pool_(std::move(target)), mark_{new_name(), 0} {
  PgConnection& connection = session(Clock::now() + wait_);
  make_or_check_store(connection);
  connection.query("DELETE FROM writers WHERE time_ms < $1", {now_ms() - kForgetWriters_ms});
}

PgConnection& PgTransactions::session(Clock::time_point deadline) {
  if (!is_sound()) {
    writer_.reset();
    writer_ = pool_.connect(deadline);
  }
  return *writer_;
}

void PgTransactions::roll_back(PgConnection& connection) noexcept {
  try {
    if (connection.is_sound()) connection.execute("ROLLBACK");
  } catch (const std::exception&) {
    // The session is gone, and with it the transaction.
  }
}

void PgTransactions::give_up() noexcept {
  if (writer_) roll_back(*writer_);
  known_.clear();
}

// What became of the commit whose answer was lost.
bool PgTransactions::was_committed(Clock::time_point deadline) {
  ++mark_.number;      // whatever became of it, the next write has another number
  for (;;) {
    try {
      return was_kept(session(deadline), mark_);
    } catch (const Error& e) {
      if (writer_) roll_back(*writer_);
      if (e.code() != Code::io) throw;
    }
    if (Clock::now() >= deadline)
      throw PostgresGone("the store " + pool_.target().shown + " did not say whether the last write was kept; write it again, what was kept is not taken twice", false);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace attune::data
