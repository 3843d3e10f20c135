// Pool: threads for model work with a bounded queue: when it is full, callers are told to come back instead of waiting.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace attune::serve {

class Pool {
 public:
  Pool(int threads, std::size_t most_waiting);   // threads 0 = as many as cores
  ~Pool();                                       // runs what is queued, then ends
  // False when the queue is full: `job` was not taken. A job must not throw.
  bool post(std::function<void()> job);
  std::size_t waiting() const;
  int threads() const noexcept { return static_cast<int>(threads_.size()); }

 private:
  void work();

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace attune::serve
