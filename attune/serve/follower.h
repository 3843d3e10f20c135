// Follower: keeps a service in step with others on the same store: their events, items and erasures are in its answers within moments, their
// snapshots and pins within a second.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "attune/serve/context.h"

namespace attune::serve {

class Follower {
 public:
  explicit Follower(Context& context);
  ~Follower();
  void start();    // when all parts of the context are there: its thread looks for them
  void stop();

  struct State {
    std::uint64_t events = 0, items = 0, erasures = 0;   // of others, taken since the start
    std::string problem;                                 // why it is not in step now; empty = it is
    std::int64_t since_ms = 0;                           // since when
  };
  State state() const;

 private:
  void work();
  void look(const Run& run);

  Context& context_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool is_over_ = false;
  State state_;
  std::thread thread_;
};

}  // namespace attune::serve
