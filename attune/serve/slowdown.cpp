// Slowdown: see the header.
#include "attune/serve/slowdown.h"

#include <algorithm>
#include <cmath>

namespace attune::serve {
namespace {
constexpr std::size_t kMost = 10'000;
constexpr int kLongestWaitS = 60;
constexpr std::chrono::hours kForget{1};
}  // namespace

int Slowdown::wait_s(const std::string& who, Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(who);
  if (found == failures_.end() || found->second.count < free_ || now - found->second.last > kForget) return 0;
  const int doublings = std::min(found->second.count - free_, 10);
  const std::chrono::seconds wait(std::min(1 << doublings, kLongestWaitS));
  const auto left = std::chrono::duration<double>(found->second.last + wait - now).count();
  return left <= 0 ? 0 : static_cast<int>(std::ceil(left));
}

void Slowdown::failed(const std::string& who, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (failures_.size() >= kMost && failures_.find(who) == failures_.end()) {
    std::erase_if(failures_, [now](const auto& one) { return now - one.second.last > kForget; });
    if (failures_.size() >= kMost)   // the one that failed least: who floods with made-up names pushes out those
      failures_.erase(std::min_element(failures_.begin(), failures_.end(), [](const auto& a, const auto& b) { return a.second.count < b.second.count; }));
  }
  Failures& of = failures_[who];
  if (now - of.last > kForget) of.count = 0;
  ++of.count;
  of.last = now;
}

void Slowdown::succeeded(const std::string& who) {
  const std::lock_guard lock(mutex_);
  failures_.erase(who);
}

}  // namespace attune::serve
