// PostgreSQL transactions: runs what a store wants done on sessions of its pool, again where a session fell and nothing is done twice
// by that. For the PostgreSQL store only.
#pragma once
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "attune/data/postgres_pool.h"
#include "attune/data/postgres_writer.h"

namespace attune::data {

// Safe from many threads: reads side by side, writes one after another. All throw PostgresGone when the server does not come back in time,
// and what the body throws.
class PgTransactions {
 public:
  using Clock = PgPool::Clock;
  using milliseconds = std::chrono::milliseconds;

  // Connects, makes the tables where there are none, and forgets marks of writers long gone. `wait`: for the server and for the turn to write.
  PgTransactions(PostgresTarget target, milliseconds wait);
  PgPool& pool() noexcept { return pool_; }

  // body(connection) -> rows, or what is made of them. Somebody waits for a list: at most a second, and not at all while the server is known to be away.
  template <class F>
  std::invoke_result_t<F, PgConnection&> read(F body) const {
    return again_if_it_fell(pool_.is_away() ? milliseconds(0) : std::min(wait_, kReadWait), body);
  }

  // One statement that may be done twice.
  template <class F>
  std::invoke_result_t<F, PgConnection&> change(F body) {
    return again_if_it_fell(wait_, body);
  }

  // Statements outside the turn to write, all or none. `settings`: statements for the transaction. Not done again once the commit was sent.
  template <class F>
  std::invoke_result_t<F, PgConnection&> in_own_transaction(milliseconds wait, const char* settings, F body) {
    const auto deadline = Clock::now() + std::min(wait, wait_);
    for (;;) {
      bool is_committing = false;
      try {
        const PgPool::Session session(pool_, deadline);
        try {
          (*session).execute(std::string("BEGIN; ") + settings);
          auto result = body(*session);
          is_committing = true;
          (*session).execute("COMMIT");
          return result;
        } catch (...) {
          roll_back(*session);
          throw;
        }
      } catch (const PostgresGone&) {
        if (is_committing || Clock::now() >= deadline) throw;
        pool_.forget_fallen();
      }
    }
  }

  // body(writer), in the turn to write, once and durably: whether a commit whose answer was lost was kept is asked.
  template <class F>
  std::invoke_result_t<F, PostgresWriter&> write(F body) {
    const std::lock_guard lock(mutex_);
    const auto deadline = Clock::now() + wait_;
    for (;;) {
      bool is_committing = false;     // an answer is awaited
      std::optional<std::invoke_result_t<F, PostgresWriter&>> result;
      try {
        if (!is_sound()) known_.clear();
        PostgresWriter writer(session(deadline), known_, {mark_.name, mark_.number + 1});
        result = body(writer);
        is_committing = true;
        writer.finish();
        ++mark_.number;
        return std::move(*result);
      } catch (const PostgresGone&) {
        give_up();
        if (is_committing && was_committed(deadline)) return std::move(*result);
        if (Clock::now() >= deadline) throw;
        pool_.forget_fallen();
      } catch (...) {
        give_up();
        throw;
      }
    }
  }

 private:
  static constexpr milliseconds kReadWait{1000};

  template <class F>
  std::invoke_result_t<F, PgConnection&> again_if_it_fell(milliseconds wait, F& body) const {
    const auto deadline = Clock::now() + wait;
    for (;;) {
      try {
        const PgPool::Session session(pool_, deadline);
        return body(*session);
      } catch (const PostgresGone&) {
        if (Clock::now() >= deadline) throw;
        pool_.forget_fallen();
      }
    }
  }

  bool is_sound() const noexcept { return writer_ && writer_->is_sound(); }
  PgConnection& session(Clock::time_point deadline);    // the writer's, made anew where it fell
  void give_up() noexcept;                              // the writer's transaction, and the names learnt in it
  bool was_committed(Clock::time_point deadline);
  static void roll_back(PgConnection& connection) noexcept;

  const milliseconds wait_;
  mutable PgPool pool_;        // sessions come and go within const methods: a cache, and guarded
  std::mutex mutex_;           // of all below
  std::unique_ptr<PgConnection> writer_;
  KnownNames known_;
  WriteMark mark_;
};

}  // namespace attune::data
