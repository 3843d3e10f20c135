// PostgreSQL pool: see the header.
#include "attune/data/postgres_pool.h"

#include <algorithm>
#include <thread>

namespace attune::data {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kFirstPause{50}, kLongestPause{2000};

}  // namespace

PgPool::Clock::time_point PgPool::next_try(Clock::time_point deadline) const {
  const std::lock_guard lock(way_mutex_);
  if (gone_ && next_ > deadline) throw *gone_;
  return next_;
}

bool PgPool::is_away() const {
  const std::lock_guard lock(way_mutex_);
  return gone_.has_value();
}

std::unique_ptr<PgConnection> PgPool::connect(Clock::time_point deadline) {
  for (;;) {
    if (const auto next = next_try(deadline); next > Clock::now()) std::this_thread::sleep_until(next);
    try {
      auto connection = std::make_unique<PgConnection>(target_);
      const std::lock_guard lock(way_mutex_);
      gone_.reset();
      pause_ = kFirstPause;
      next_ = {};
      return connection;
    } catch (const PostgresGone& gone) {
      if (gone.is_full) throw;      // the server is there: whoever needs one more decides whether to wait
      const std::lock_guard lock(way_mutex_);
      gone_ = gone;
      pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
      next_ = Clock::now() + pause_;
      if (Clock::now() >= deadline) throw;
    }
  }
}

void PgPool::forget_fallen() {
  const std::lock_guard lock(mutex_);
  open_ -= idle_.size();
  idle_.clear();
}

PgPool::Session::Session(PgPool& pool, Clock::time_point deadline) : pool_(pool) {
  for (;;) {
    {
      std::unique_lock lock(pool.mutex_);
      const auto is_free = [&] { return !pool.idle_.empty() || pool.open_ < kMost; };
      if (!pool.free_.wait_until(lock, std::max(deadline, Clock::now() + milliseconds(1)), is_free))
        throw PostgresGone("all " + std::to_string(kMost) + " connections to the store " + pool.target().shown + " are in use; ask again in a second", true);
      if (!pool.idle_.empty()) {
        connection_ = std::move(pool.idle_.back());
        pool.idle_.pop_back();
        if (connection_->is_sound()) return;
        connection_.reset();
        --pool.open_;
      }
      ++pool.open_;
    }
    try {
      connection_ = pool.connect(deadline);
      return;
    } catch (const PostgresGone& gone) {
      std::unique_lock lock(pool.mutex_);
      --pool.open_;
      if (!gone.is_full || Clock::now() >= deadline) throw;
      // The server has no room for one more: one of ours, or another's, may become free.
      pool.free_.wait_until(lock, std::min(deadline, Clock::now() + kFirstPause), [&] { return !pool.idle_.empty(); });
    } catch (...) {
      const std::lock_guard lock(pool.mutex_);
      --pool.open_;
      throw;
    }
  }
}

PgPool::Session::~Session() {
  const std::lock_guard lock(pool_.mutex_);
  if (connection_->is_sound()) pool_.idle_.push_back(std::move(connection_));
  else --pool_.open_;
  pool_.free_.notify_one();
}

}  // namespace attune::data
