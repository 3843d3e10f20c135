// Published: a value that one thread replaces and many read, each reader keeping what it read for as long as it likes.
#pragma once
#include <memory>
#include <mutex>
#include <utility>

namespace attune {

// Safe from any thread. A reader pays one lock of a few nanoseconds, never waits for a build.
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first = nullptr) : value_(std::move(first)) {}
  std::shared_ptr<const T> read() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  // Returns the value that was replaced (its last reader frees it).
  std::shared_ptr<const T> publish(std::shared_ptr<const T> next) {
    const std::lock_guard lock(mutex_);
    return std::exchange(value_, std::move(next));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace attune
