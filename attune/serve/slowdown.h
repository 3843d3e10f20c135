// Slowdown: failed logins make the next ones wait, longer each time.
#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace attune::serve {

// `free` failures cost nothing, then 1 s, 2 s, 4 s .. 60 s; forgotten after an hour. Remembers 10,000 names at most, so that
// made-up names cost nothing but each other. Safe from many threads.
class Slowdown {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Slowdown(int free = 5) : free_(free) {}
  int wait_s(const std::string& who, Clock::time_point now) const;   // 0 = may try now
  void failed(const std::string& who, Clock::time_point now);
  void succeeded(const std::string& who);

 private:
  struct Failures {
    int count = 0;
    Clock::time_point last;
  };
  const int free_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Failures> failures_;
};

}  // namespace attune::serve
