// PostgreSQL pool: sessions of one store, made when they are needed, kept while they are sound. For the PostgreSQL store only.
#pragma once
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "attune/data/postgres_connection.h"

namespace attune::data {

// Safe from many threads.
class PgPool {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMost = 16;    // sessions in it

  explicit PgPool(PostgresTarget target) : target_(std::move(target)) {}
  const PostgresTarget& target() const noexcept { return target_; }

  // A session apart from the pool. One try, then more with growing pauses until the deadline; none while the next would come after it.
  // Throws PostgresGone, and at once what trying again does not mend.
  std::unique_ptr<PgConnection> connect(Clock::time_point deadline);
  bool is_away() const;                       // the last try failed
  void forget_fallen();                       // when one session fell, the idle ones most likely did too

  // A session of the pool for the length of one use: an idle one, a new one, or one that becomes free.
  class Session {
   public:
    Session(PgPool& pool, Clock::time_point deadline);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    PgConnection& operator*() const { return *connection_; }

   private:
    PgPool& pool_;
    std::unique_ptr<PgConnection> connection_;
  };

 private:
  Clock::time_point next_try(Clock::time_point deadline) const;

  const PostgresTarget target_;
  mutable std::mutex way_mutex_;              // of how the server is to be reached
  std::optional<PostgresGone> gone_;
  Clock::time_point next_{};
  std::chrono::milliseconds pause_{0};
  std::mutex mutex_;                          // of the sessions
  std::condition_variable free_;
  std::vector<std::unique_ptr<PgConnection>> idle_;
  std::size_t open_ = 0;                      // idle and in use
};

}  // namespace attune::data
